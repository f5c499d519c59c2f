"""Another interval: why, what each choice would change, and a nurse's wish for one (D-24)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from patients.acting import REFUSED, act
from patients.models import Patient
from patients.models.facts import Topic
from regimens import what_follows
from regimens.axis import axis
from regimens.explained import every, explained
from regimens.facts import digest, facts_of
from regimens.forms.plans import IntervalForm, IntervalWishForm
from regimens.forms.proposals import INTERVALS
from regimens.known_facts import Changed, changes_between
from regimens.models import Course, Plan
from regimens.more_often import MoreOften, more_often
from regimens.protocol.facts import Facts, Neuro
from regimens.protocol.interval_changes import exceeds_cap
from regimens.protocol.intervals import Interval
from regimens.protocol.sources import cite
from regimens.services import clinical, intervals, plans
from regimens.services.as_shown import act_as_shown
from regimens.views.showing import acted, done, open_course, show, signed_plan, today_of, typed, way_back
from regimens.what_changes import Change, Foresee, changes_to, fingerprint_of

SAID = "The interval is changed. The next dates have moved with it."
RULES = ("D-24", "R-26", "R-27", "C-01", "D-30")
FACTS_SALT = "facts of the interval page"


@dataclass(frozen=True)
class _Page:
    """What the page is about: read once, and again under the lock."""

    patient: Patient
    course: Course
    plan: Plan
    today: date
    foresee: Foresee

    def offered(self) -> list[Interval]:
        """Give the intervals of the protocol that are not the present one and not longer than it allows."""
        longest = max(choice.nominal_days for choice in plans.choices_of(self.plan))
        return [each for each in INTERVALS if each != self.plan.interval and each.nominal_days <= longest]

    def changes(self, course: Course) -> list[Change]:
        """Give what each interval would change."""
        ways = [
            (
                every(each).capitalize(),
                each.iso,
                what_follows.values_if_interval(course, self.plan, each, self.today),
            )
            for each in self.offered()
        ]
        return changes_to(what_follows.values_now(course), ways, self.today, self.foresee)

    def looks(self) -> Callable[[Course], str]:
        """Give how to look at all of it again under the lock: the changes, and the facts they are signed with."""
        return lambda course: self.fingerprint(self.changes(course), facts_of(course.patient, self.today))

    def fingerprint(self, changes: list[Change], facts: Facts) -> str:
        """Give the fingerprint of everything the page shows."""
        return fingerprint_of(changes) + digest(facts)[:16]


def change_interval(request: HttpRequest, patient: Patient, foresee: Foresee) -> HttpResponse:
    """Change how often maintenance is given, from the last dose; who may not is answered by the rules (D-24)."""
    today, course = today_of(patient), open_course(patient)
    plan = signed_plan(course)
    if plan is None or not plan.interval_iso:
        status = REFUSED if request.method == "POST" else 200
        return show(request, patient, today, "regimens/interval_none.html", status=status, course=course)
    page = _Page(patient, course, plan, today, foresee)
    if not request.user.has_perm("regimens.sign_plan", patient):
        return _wish(request, page)
    if request.POST.get("act") == "nerves":
        return _nerves(request, page)
    return _change(request, page)


def _change(request: HttpRequest, page: _Page) -> HttpResponse:
    """Show why and what each choice would change; change it as it was shown."""
    changes, facts = page.changes(page.course), facts_of(page.patient, page.today)
    reasons = more_often(page.patient, page.plan, what_follows.values_now(page.course))
    form = IntervalForm(
        typed(request),
        initial=_shown(page, changes, facts)
        | ({"interval": reasons.step.shorter.iso} if _proposes(page, reasons) else {}),
        base=page.plan.base_interval,
        choices=page.offered(),
        back=way_back(request, page.patient),
    )
    changing = {"course": page.course, "doing": intervals.change_interval, "now": timezone.now()}
    changing |= {"looks": page.looks(), "decided_by": request.user}
    if acted(request, form, act_as_shown, SAID, "shown", "interval", "reason", **changing):
        return done(request, page.patient)
    changed: list[Changed] = []
    if form.is_bound and hasattr(form, "refusal"):
        course = open_course(page.patient)
        plan = signed_plan(course)
        if plan is None or not plan.interval_iso:
            return show(
                request,
                page.patient,
                page.today,
                "regimens/interval_none.html",
                status=REFUSED,
                course=course,
            )
        page = _Page(page.patient, course, plan, page.today, page.foresee)
        changes, facts = page.changes(course), facts_of(page.patient, page.today)
        form.initial |= _shown(page, changes, facts)
        changed = _changed_since(form.data.get("facts", ""), facts)
    rows = [(f"Now: {every(page.plan.interval)}", changes[0].before, True)] if changes else []
    rows += [(change.label, change.after, False) for change in changes]
    context = {
        "plan": page.plan,
        "course": page.course,
        "now_every": every(page.plan.interval),
        "changes": changes,
        "axis": axis(rows, [place.booking for place in changes[0].places] if changes else (), page.today),
        "reasons": reasons,
        "proposes": _proposes(page, reasons),
        "over_the_cap": reasons.step and exceeds_cap(page.plan.base_interval, reasons.step.shorter),
        "nerves_known": facts.neuro in (Neuro.PRESENT, Neuro.SEVERE),
        "changed": changed,
        "rules": cite(*RULES),
    }
    return show(request, page.patient, page.today, "regimens/interval.html", form=form, **context)


def _shown(page: _Page, changes: list[Change], facts: Facts) -> dict:
    """Give the hidden fields: what stands on the page, and the facts, so that a change of them can be told."""
    kept = signing.dumps(facts.to_json(), salt=FACTS_SALT, compress=True)
    return {"shown": page.fingerprint(changes, facts), "facts": kept}


def _changed_since(kept: str, now: Facts) -> list[Changed]:
    """Give the facts that differ from those the page was opened with; none where that cannot be read."""
    try:
        return changes_between(Facts.from_json(signing.loads(kept, salt=FACTS_SALT)), now)
    except (signing.BadSignature, KeyError, TypeError):
        return []


def _proposes(page: _Page, reasons: MoreOften) -> bool:
    """The step of D-24 is proposed where something was reported that nobody has answered, and it is offered here."""
    return bool(reasons.step and reasons.is_new_since(page.plan) and reasons.step.shorter in page.offered())


def _nerves(request: HttpRequest, page: _Page) -> HttpResponse:
    """Record that nerves are involved today, and lead to what the protocol then says: loading again (D-24, R-10)."""
    clinical.record_facts(
        patient=page.patient,
        answers={Topic.NEURO: Neuro.PRESENT.value},
        observed_on=page.today,
        now=timezone.now(),
        recorded_by=request.user,
    )
    messages.warning(
        request, "Nerves are involved, as of today. Nothing is proposed yet: this is what the protocol says."
    )
    return redirect(f"{reverse('propose_plan', args=[page.patient.pk])}?load=again")


def _wish(request: HttpRequest, page: _Page) -> HttpResponse:
    """Take a wish for another interval from somebody who may not change it: a physician is asked, nothing changes."""
    form = IntervalWishForm(typed(request), choices=page.offered(), back=way_back(request, page.patient))
    answer = None
    if form.is_bound and form.is_valid():
        answer = act(
            form,
            intervals.wish_for_interval,
            patient=page.patient,
            interval=form.cleaned_data["interval"],
            symptoms_returned=form.cleaned_data["symptoms_returned"],
            text=form.cleaned_data["text"],
            on=page.today,
            asked_by=request.user,
        )
    context = {
        "plan": page.plan,
        "now_every": every(page.plan.interval),
        "ahead": what_follows.now(page.course, page.today),
        "reasons": more_often(page.patient, page.plan, what_follows.values_now(page.course)),
        "rules": cite(*RULES),
    }
    if answer:
        advice, waiting, is_new = answer
        context |= {"said": explained(advice.to_json()), "waiting": waiting, "is_new": is_new}
        return show(
            request, page.patient, page.today, "regimens/interval_wish.html", status=REFUSED, **context
        )
    return show(request, page.patient, page.today, "regimens/interval_wish.html", form=form, **context)
