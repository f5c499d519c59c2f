"""The pages of decisions about a whole course: each says what will follow before it acts."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Patient
from regimens import to_decide, what_follows
from regimens.course_values import values_of
from regimens.forms.courses import (
    DeathForm,
    HandoverForm,
    OralForm,
    PauseForm,
    ResumeForm,
    ReverseDeathForm,
    TransferForm,
)
from regimens.models import Course
from regimens.models.course import EndReason
from regimens.protocol import schedule
from regimens.protocol.sources import cite
from regimens.services import courses
from regimens.services.as_shown import act_as_shown, fingerprint
from regimens.services.stopping import record_reported_death, transfer_and_settle
from regimens.views.decisions import booked_places
from regimens.views.showing import (
    acted,
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


@patient_page("regimens.change_course")
@READ_OR_ACT
def pause_course(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Pause injections until a day (D-20)."""
    today, course = today_of(patient), open_course(patient)
    if course is None:
        return no_course(request, patient, today)
    form = PauseForm(
        typed(request),
        today=today,
        initial={"shown": fingerprint(course)},
        back=way_back(request, patient),
    )
    act = {"course": course, "doing": courses.pause, "on": today, "decided_by": request.user}
    if acted(request, form, act_as_shown, "Injections are paused.", "shown", "until", "reason", **act):
        return done(request, patient)
    after = _ahead_of_the_pause(form, course, today)
    context = {"course": course, "ahead": what_follows.now(course, today), "after": after}
    return show(request, patient, today, "regimens/pause.html", form=form, rules=cite("D-20"), **context)


def _ahead_of_the_pause(form: PauseForm, course: Course, today):
    """Give what would follow the pause as it was typed, where it can be read."""
    if not form.is_bound or not getattr(form, "cleaned_data", {}).get("until"):
        return None
    return what_follows.if_changed(course, today, paused_on=today, paused_until=form.cleaned_data["until"])


@patient_page("regimens.change_course")
@READ_OR_ACT
def resume_course(request: HttpRequest, patient: Patient) -> HttpResponse:
    """End a pause early."""
    today, course = today_of(patient), open_course(patient)
    if course is None:
        return no_course(request, patient, today)
    form = ResumeForm(typed(request), initial={"shown": fingerprint(course)}, back=way_back(request, patient))
    act = {"course": course, "doing": courses.resume, "on": today, "decided_by": request.user}
    if acted(request, form, act_as_shown, "Injections go on.", "shown", **act):
        return done(request, patient)
    is_paused = course.paused_until is not None and course.paused_until > today
    ended = {"paused_until": today} if is_paused and course.paused_on < today else {"paused_until": None}
    after = what_follows.if_changed(course, today, **ended) if is_paused else None
    context = {"course": course, "is_paused": is_paused, "after": after}
    return show(request, patient, today, "regimens/pause_resume.html", form=form, **context)


@patient_page("regimens.change_course")
@READ_OR_ACT
def confirm_oral(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record the first tablet: only then does the injection leave the list (D-27)."""
    today, course = today_of(patient), open_course(patient)
    if course is None:
        return no_course(request, patient, today)
    named = to_decide.tablets()
    look = looking(
        patient, today, what=named.what, since=course.oral_decided_on, rules=(*named.all_rules, "C-07")
    )
    beside = look()
    form = OralForm(
        typed(request), today=today, initial={"shown": beside.digest}, back=way_back(request, patient)
    )
    who = {"about": patient, "look": look, "course": course, "decided_by": request.user}
    if decided(request, form, courses.confirm_oral, "Tablets are confirmed.", "on", **who):
        return done(request, patient)
    course = open_course(patient)
    if course is None:  # somebody was quicker
        return no_course(request, patient, today, form=form)
    values = values_of([course])[course.pk]
    waits = course.oral_decided_on is not None and course.oral_confirmed_on is None
    context = {
        "course": course,
        "waits": waits,
        "by_on": schedule.oral_starts_on(values.plan, values.history, values.clinic_days) if waits else None,
        "after": what_follows.if_changed(course, today, oral_confirmed_on=today) if waits else None,
        "rules": cite("D-27", "C-07"),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/oral.html", form=form, **context)


@patient_page("regimens.change_course")
@READ_OR_ACT
def transfer_out(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record that a patient moves; they stay on the lists until the handover is confirmed (D-20)."""
    today = today_of(patient)
    form = TransferForm(typed(request), today=today, back=way_back(request, patient))
    said = "The transfer is recorded. Reminders go on until the handover is confirmed."
    if acted(request, form, transfer_and_settle, said, "on", patient=patient, decided_by=request.user):
        return done(request, patient)
    course = open_course(patient)
    context = {
        "may": patient.status == Patient.Status.ACTIVE,
        "ahead": what_follows.now(course, today) if course else None,
        "rules": cite("D-20"),
    }
    return show(request, patient, today, "regimens/transfer.html", form=form, **context)


@patient_page("regimens.change_course")
@READ_OR_ACT
def confirm_handover(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record that the other clinic has taken over; treatment here ends."""
    today = today_of(patient)
    form = HandoverForm(typed(request), today=today, back=way_back(request, patient))
    said = "The handover is confirmed. Nothing is due here any more."
    if acted(request, form, courses.confirm_handover, said, "on", patient=patient, decided_by=request.user):
        return done(request, patient)
    course = open_course(patient)
    context = {
        "may": patient.status == Patient.Status.TRANSFERRED and patient.handover_confirmed_on is None,
        "ahead": what_follows.now(course, today) if course else None,
        "booked": booked_places(patient),
        "rules": cite("D-20"),
    }
    return show(request, patient, today, "regimens/transfer_confirm.html", form=form, **context)


@patient_page("regimens.record_death")
@READ_OR_ACT
def record_death(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record a death: nothing is due and nothing is sent from this moment (D-20)."""
    today = today_of(patient)
    form = DeathForm(typed(request), today=today, born_on=patient.born_on, back=way_back(request, patient))
    said = "The death is recorded. Nothing is due and nothing will be sent."
    who = {"patient": patient, "decided_on": today, "recorded_by": request.user}
    if acted(request, form, record_reported_death, said, "on", **who):
        return done(request, patient)
    course = open_course(patient)
    context = {
        "may": patient.status != Patient.Status.DECEASED,
        "may_reverse": request.user.has_perm("regimens.change_course", patient),
        "ahead": what_follows.now(course, today) if course else None,
        "booked": booked_places(patient),
        "rules": cite("D-20"),
    }
    return show(request, patient, today, "regimens/death.html", form=form, **context)


@patient_page("regimens.change_course")
@READ_OR_ACT
def reverse_death(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Undo a death that was recorded by mistake; the course goes on as it was."""
    today = today_of(patient)
    form = ReverseDeathForm(typed(request), back=way_back(request, patient))
    said = "The patient is active again, and treatment goes on as it was."
    if acted(request, form, courses.reverse_death, said, patient=patient, decided_by=request.user):
        return done(request, patient)
    course = (
        Course.objects.filter(patient=patient, end_reason=EndReason.DIED).select_related("clinic").first()
    )
    may = patient.status == Patient.Status.DECEASED
    after = what_follows.if_changed(course, today, ended_on=None, end_reason="") if may and course else None
    return show(request, patient, today, "regimens/death_reverse.html", form=form, may=may, after=after)
