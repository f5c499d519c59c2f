"""What was decided lately in a clinic, newest first: who decided what, when, and what they saw."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from urllib.parse import urlencode

from django.db.models import QuerySet

from patients.models import Clinic, Patient, User
from patients.paging import ROWS, Order, moment, row_number
from regimens import words
from regimens.known_facts import changed_names
from regimens.models import Authorisation, Decision, Plan, Request
from regimens.models.course import EndReason
from regimens.outcomes import PUT_OFF
from regimens.protocol.codes import CODES
from regimens.services.put_off import CODE

# What a decision was about, where its code is not the protocol's.
ABOUT = {
    "NEURO-REVIEW": "Neurological review",
    "LAB-WAIVED": "Blood test let go",
    "LAB-MISSED": "Blood test missed",
    "INCIDENT": "Given outside the rules",
    "STOP": "End of treatment",
    "RESULT-REVIEW": "Result",
    "ORAL-CONFIRMED": "Tablets",
    "TABLETS-WAIT": "Tablets",
    "UNMERGE": "Merged records",
    CODE: "A decision",
}


@dataclass(frozen=True)
class Decided:
    """One decision. `seen`: what the page showed, as the row keeps it; empty where it kept nothing."""

    at: datetime
    rank: int
    pk: int
    by: User
    patient: Patient
    about: str
    outcome: str
    reason: str
    seen: dict
    until_on: object = None

    @property
    def key(self) -> tuple[datetime, int, int]:
        """Newest first means the greatest key first."""
        return self.at, self.rank, self.pk


@dataclass(frozen=True)
class Source:
    """One kind of row that somebody decided."""

    rank: int
    at: str
    rows: Callable[[Clinic], QuerySet]
    told: Callable[[object], dict]

    @property
    def order(self) -> Order:
        """Newest first."""
        return Order((self.at, "pk"), (moment, row_number), newest_first=True)


@dataclass(frozen=True)
class Page:
    """Decisions, and the address of what was decided before them."""

    rows: list[Decided]
    earlier_url: str


def page(clinic: Clinic, asked) -> Page:
    """Read one page by key; one query a source. `asked`: the query of the address (before)."""
    before = _read_key(asked.get("before", ""))
    found = merge(
        *(_decided(source, clinic, before) for source in SOURCES), key=lambda each: each.key, reverse=True
    )
    rows = list(islice(found, ROWS + 1))
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    last = rows[-1].key if more else None
    earlier = f"?{urlencode({'before': f'{last[0].isoformat()}_{last[1]}_{last[2]}'})}" if last else ""
    return Page(rows, earlier)


def _read_key(text: str) -> tuple[datetime, int, int] | None:
    try:
        at, rank, pk = text.split("_")
        return moment(at), int(rank), row_number(pk)
    except ValueError:
        return None


def _decided(source: Source, clinic: Clinic, before) -> list[Decided]:
    rows = source.rows(clinic)
    if before:
        at, rank, pk = before
        # On one instant the greater rank stands first.
        limit = pk if source.rank == rank else 0 if source.rank > rank else 2**63 - 1
        rows = source.order.beside(rows, (at, limit), forwards=True)
    found = source.order.sorted(rows, forwards=True)[: ROWS + 1]
    return [
        Decided(at=getattr(row, source.at), rank=source.rank, pk=row.pk, **source.told(row)) for row in found
    ]


def _decision(row: Decision) -> dict:
    seen = row.seen if "what" in row.seen else {}
    return {
        "by": row.decided_by,
        "patient": row.patient,
        "about": seen.get("what") or _about(row.code),
        "outcome": _outcome(row),
        "reason": row.reason,
        "seen": seen,
        "until_on": row.until_on,
    }


def _about(code: str) -> str:
    if code in ABOUT:
        return ABOUT[code]
    if code in Request.Kind.values:
        return str(Request.Kind(code).label)
    return CODES[code].message if code in CODES else code


def _outcome(row: Decision) -> str:
    if row.outcome == PUT_OFF:
        return "Put off"
    if row.code == "STOP" and row.outcome in EndReason.values:
        return str(EndReason(row.outcome).label)
    return row.outcome.replace("_", " ").capitalize()


def _plan(plan: Plan) -> dict:
    findings = plan.recommendation.get("findings", ())
    return {
        "by": plan.signed_by,
        "patient": plan.course.patient,
        "about": f"Plan {plan.version}: {plan.regimen.title}",
        "outcome": f"Signed, {words.maintenance(plan)}",
        "reason": plan.signature_note or plan.reason,
        "seen": {
            "codes": [found["code"] for found in findings],
            "facts": list(_facts(plan.facts)),
        },
    }


def _facts(facts: dict) -> Iterator[dict]:
    """Yield what a plan keeps of the facts it was signed on, in words."""
    for name, value in facts.items():
        if value in (None, "", UNKNOWN) or name in NOT_ASKED:
            continue
        [label] = changed_names((name,))
        if isinstance(value, dict):
            said = f"{value['comparator'] or ''}{value['value']} {value['unit']}"
            yield {"label": label, "value": said, "on": value["collected_on"] or ""}
        elif isinstance(value, list):
            yield {"label": label, "value": ", ".join(value) or "none"}
        else:
            yield {"label": label, "value": str(value).replace("_", " ")}


# The same in every plan of a patient, or said by the banner.
NOT_ASKED = ("born_on", "patient_state")
UNKNOWN = "unknown"


def _leave(row: Authorisation) -> dict:
    return {
        "by": row.authorised_by,
        "patient": row.patient,
        "about": "Leave for one dose",
        "outcome": f"May pass {', '.join(row.codes)}",
        "reason": row.reason,
        "seen": {},
    }


SOURCES = (
    Source(
        0,
        "authorised_at",
        lambda clinic: Authorisation.objects.filter(request=None, patient__clinic=clinic).select_related(
            "authorised_by", "patient"
        ),
        _leave,
    ),
    Source(
        1,
        "signed_at",
        lambda clinic: Plan.objects.filter(signed_at__isnull=False, course__clinic=clinic).select_related(
            "signed_by", "course__patient"
        ),
        _plan,
    ),
    Source(
        2,
        "decided_at",
        lambda clinic: Decision.objects.filter(patient__clinic=clinic).select_related(
            "decided_by", "patient"
        ),
        _decision,
    ),
)
