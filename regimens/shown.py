"""What the page of a decision showed: how treatment stands, and the facts it rests on.

The page shows it, the decision keeps it (`Decision.seen`), and its digest goes with the form: a decision is taken on
what was shown, or it is refused and the page is looked at again.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from patients.models import Patient
from patients.templatetags.wording import day
from regimens import words
from regimens.explained import lab_name
from regimens.facts import facts_of
from regimens.known_facts import KnownFact, known_facts
from regimens.models import Course, Plan
from regimens.services.as_shown import fingerprint


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the page. `stands` and `facts` are what a person reads; `version` changes with the course."""

    what: str
    since: str
    codes: tuple[str, ...]
    rules: tuple[str, ...]
    stands: tuple[tuple[str, str], ...]
    facts: tuple[KnownFact, ...]
    version: str = ""

    @property
    def digest(self) -> str:
        """A fingerprint that changes with anything that is shown."""
        whole = json.dumps([self.to_json(), self.version], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()

    def to_json(self) -> dict:
        """Give plain values, as a decision keeps them."""
        return {
            "what": self.what,
            "since": self.since,
            "codes": list(self.codes),
            "rules": list(self.rules),
            "stands": [list(line) for line in self.stands],
            "facts": [
                {name: str(value or "") for name, value in asdict(fact).items() if name in KEPT}
                for fact in self.facts
            ],
        }


KEPT = ("label", "value", "on", "note")


def shown(
    patient: Patient,
    course: Course | None,
    today: date,
    *,
    what: str,
    since: date | datetime | None = None,
    codes: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    answers: tuple[int, ...] = (),
) -> Shown:
    """Read what a page shows beside its question: where treatment stands, and every fact; a fixed number of queries.

    answers: the keys of what was decided about it so far.
    """
    facts = facts_of(patient, today)
    return Shown(
        what=what,
        since=since.isoformat() if since else "",
        codes=tuple(codes),
        rules=tuple(rules),
        stands=tuple(_stands(course)) if course else (),
        facts=known_facts(patient, facts, today),
        version=f"{fingerprint(course) if course else ''} {answers}",
    )


def _stands(course: Course):
    """Yield label and words of what is decided and due; only what there is."""
    plans = list(Plan.objects.current().filter(course=course).select_related("signed_by").order_by("version"))
    for plan in plans:
        yield "Plan" if plan.is_signed else "Proposed", _plan(plan)
    dates = (
        ("Last dose", course.last_given_on),
        ("Next dose due", None if course.phase == Course.Phase.ORAL else course.next_due_on),
        ("Neurological review due", course.review_due_on),
        ("Paused until", course.paused_until),
        ("Tablets decided on", course.oral_decided_on),
        ("First tablet on", course.oral_confirmed_on),
        ("Ended on", course.ended_on),
    )
    yield from ((label, day(on)) for label, on in dates if on)
    if course.missed_lab_due_on:
        yield "Blood test missed", f"{lab_name(course.missed_lab_name)}, {day(course.missed_lab_due_on)}"
    if course.lab_due_on:
        yield "Next blood test", f"{lab_name(course.lab_name)}, {day(course.lab_due_on)}"


def _plan(plan: Plan) -> str:
    said = f"{plan.regimen.title}; {words.maintenance(plan)}"
    if not plan.is_signed:
        return f"{said}; not signed yet"
    return f"{said}; signed {day(plan.signed_on)} by {plan.signed_by.shown_name()}"
