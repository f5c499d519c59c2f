"""The pages about dates: a neurological review, a date that passed, and putting something off to a day."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Patient
from patients.templatetags.wording import day
from regimens import outcomes, to_decide, what_follows
from regimens.explained import cited
from regimens.forms.decisions import LaterForm, PassedForm, ReviewForm
from regimens.models import Course, Decision, Plan, Request
from regimens.models.course import EndReason
from regimens.protocol.codes import CODES
from regimens.protocol.reviews import AGAIN_AFTER
from regimens.protocol.sources import cite
from regimens.services import decisions, passed_dates, put_off
from regimens.views.decisions import answer, answers_to, standing_put_off
from regimens.views.showing import (
    REFUSED,
    decided,
    done,
    looking,
    no_course,
    open_course,
    show,
    today_of,
    typed,
    way_back,
)

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.decide")
@READ_OR_ACT
def record_review(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record a neurological review; only “no further improvement” ends loading (D-01)."""
    today, course = today_of(patient), open_course(patient)
    past = _reviews(patient)
    if course is None or course.review_due_on is None:
        status = REFUSED if request.method == "POST" else 200
        return show(
            request, patient, today, "regimens/review_none.html", status=status, course=course, past=past
        )
    named = to_decide.review(is_overdue=course.review_due_on < today)
    look = looking(
        patient,
        today,
        what=named.what,
        since=course.review_due_on,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: tuple(review.pk for review in _reviews(patient)),
    )
    beside = look()
    form = ReviewForm(typed(request), today=today, back=way_back(request, patient), shown=beside.digest)
    who = {"about": patient, "look": look, "course": course, "decided_by": request.user}
    fields = ("outcome", "on", "reason")
    service, said = decisions.record_neuro_review, "The review is recorded."
    if decided(request, form, service, said, *fields, now=timezone.now(), **who):
        return done(request, patient)
    context = {
        "course": course,
        "past": _reviews(patient),
        "ahead": what_follows.now(course, today),
        "after": what_follows.if_changed(course, today, loading_ended_on=today),
        "again_on": max(course.review_due_on, today) + AGAIN_AFTER,
        "is_overdue": course.review_due_on < today,
        "rules": cite("R-10", "D-01"),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/review.html", form=form, **context)


def _reviews(patient: Patient) -> list[Decision]:
    """Give the reviews so far, newest first: who else has looked."""
    rows = Decision.objects.filter(patient__in=patient.record_keys, code=decisions.NEURO_REVIEW)
    return list(rows.select_related("decided_by")[:5])


@patient_page("regimens.decide")
@READ_OR_ACT
def decide_passed_date(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
    """Answer a date that passed: a dose long overdue, a lapse, a gap in loading, nobody answering."""
    if code not in outcomes.PASSED:
        raise Http404
    today, course = today_of(patient), open_course(patient)
    if course is None:
        return no_course(request, patient, today)
    passed_on = getattr(course, put_off.DATE_OF[code])
    subject = {"course": course, "code": code, "passed_on": passed_on}
    named = to_decide.passed(code)
    look = looking(
        patient,
        today,
        what=named.what,
        since=passed_on,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: answers_to(**subject),
    )
    beside = look()
    since = patient.clinic.moments_of(passed_on)[0] if passed_on else None
    form = PassedForm(
        typed(request),
        outcomes=outcomes.offered(outcomes.PASSED[code], patient, since),
        may_wait=code not in put_off.TODAY and outcomes.TRY_AGAIN in outcomes.PASSED[code],
        initial={"passed_on": passed_on, "shown": beside.digest},
        back=way_back(request, patient),
    )
    who = {"about": patient, "look": look, "course": course, "code": code}
    who |= {"on": today, "decided_by": request.user}
    fields = ("passed_on", "outcome", "reason", "until_on")
    if decided(request, form, passed_dates.decide_passed_date, "Settled.", *fields, **who):
        return done(request, patient)
    context = {
        "course": course,
        "code": CODES[code],
        "passed_on": passed_on,
        "has_passed": passed_on is not None and passed_on <= today,
        "answer": answer(**subject),
        "put_off": standing_put_off(today, **subject),
        "rules": cited(CODES[code].rules),
        "beside": beside,
        "for_results": code == "W-K-MONITOR",
    }
    return show(request, patient, today, "regimens/request_passed.html", form=form, **context)


@patient_page("regimens.decide")
@READ_OR_ACT
def put_off_decision(request: HttpRequest, patient: Patient, subject: str, row_pk: int) -> HttpResponse:
    """Put one thing off to a day on which it stands in the queue again; what is for today is refused."""
    if subject not in put_off.WAITING:
        raise Http404
    today, waiting = today_of(patient), put_off.WAITING[subject]
    row = get_object_or_404(waiting.model, pk=row_pk, **_of(waiting.model, patient))
    about = {waiting.model._meta.model_name: row}
    if waiting.passed_on:
        about |= {"code": waiting.code, "passed_on": waiting.passed_on(row)}
    what = _named(subject, row)
    look = looking(patient, today, what=what, answers=lambda: answers_to(**about))
    beside = look()
    form = LaterForm(typed(request), initial={"shown": beside.digest}, back=way_back(request, patient))
    who = {"about": patient, "look": look, "patient": patient, "subject": subject, "row": row}
    who |= {"on": today, "decided_by": request.user}
    said = "It is put off, and comes back on its day."
    if decided(request, form, put_off.put_off, said, "until_on", "reason", **who):
        return done(request, patient)
    context = {
        "what": what,
        "waits": waiting.waits(row),
        "for_today": waiting.for_today(row),
        "answer": answer(**about),
        "put_off": standing_put_off(today, **about),
        "furthest": put_off.FURTHEST.after(today),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/request_put_off.html", form=form, **context)


def _of(model: type, patient: Patient) -> dict:
    """Give the way from a row to its patient, whichever of the person's records it stands on."""
    return {"course__patient__in" if model is Plan else "patient__in": patient.record_keys}


def _named(subject: str, row) -> str:
    """Name what is put off, in the words of its row."""
    if isinstance(row, Request):
        return to_decide.request(row.kind, row.text, row.codes).what
    if isinstance(row, Plan):
        return to_decide.plan(row.recommendation["status"], row.recommendation["findings"]).what
    if isinstance(row, Course):
        return _dated(subject, row)
    return f"{row.get_analyte_display()} {row.comparator}{row.value.normalize():f} {row.unit}"


def _dated(subject: str, course: Course) -> str:
    on: date | None = put_off.WAITING[subject].passed_on(course)
    if subject == "lab":
        recheck = course.end_reason == EndReason.REVERSIBLE_CAUSE_RESOLVED
        named = to_decide.missed_lab(course.missed_lab_name or course.lab_name, recheck=recheck)
    else:
        named = _of_date(subject)
    return f"{named.what}, {day(on)}"


def _of_date(subject: str) -> to_decide.Named:
    if subject in to_decide.TITLES:
        return to_decide.passed(subject)
    return to_decide.tablets() if subject == "tablets" else to_decide.review(is_overdue=False)
