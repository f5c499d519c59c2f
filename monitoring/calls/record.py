"""Acts on the list of patients to phone: what came of a call, who asked for one, and taking either back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from monitoring.calls import reasons
from monitoring.models import WITH_A_DAY, About, AskedCall, Call, Outcome
from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, Stale, require
from regimens.models import Course, Request
from regimens.protocol.intervals import months
from regimens.services.clinical import void
from regimens.services.decisions import withdraw_request
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.requests import waiting_or_raised

MAY_PHONE = "monitoring.phone_patients"
# How long a message may go unanswered. A rule of the desk, not of medicine; with nerves involved a missed dose is
# urgent, so that the next open day is it.
ANSWER_WITHIN = timedelta(days=2)
FURTHEST = months(3)
SOMEBODY_ELSE = "Somebody has phoned this patient since this page was opened. Look at what came of it first."
NOT_ON_THE_LIST = (
    "Nothing is due, and nobody asked for a call. Put the patient on the list first, with the reason."
)
ASKS = {
    Outcome.MOVED: (Request.Kind.TRANSFER, (), False),
    Outcome.REFUSED: (Request.Kind.STOP, ("H-STOP-REFUSAL",), False),
    # Died: everything is cancelled the same day (D-20).
    Outcome.DIED: (Request.Kind.DEATH, (), True),
}


@dataclass(frozen=True)
class Subject:
    """What a call is about: the dose or the test that is due, and the wish to be phoned that it deals with."""

    course: Course | None = None
    about: str = About.NOTHING
    due_on: date | None = None
    asked: AskedCall | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that make sense: a booking where something is due, a mere talk where nothing is."""
        left_out = {Outcome.SPOKEN} if self.about else {Outcome.BOOKED, Outcome.WILL_COME}
        if self.course is None and not self.asked:
            left_out |= {*WITH_A_DAY, Outcome.WRONG_NUMBER}
        return tuple(outcome for outcome in Outcome if outcome not in left_out)


def subject_of(patient: Patient, today: date) -> Subject:
    """Give what a call to this patient would be about today: first why they are on the list, then what is due soon."""
    listed = {
        reasons.ABOUT[name]
        for _who, _since, name, _row in reasons.reasons_of(patient.clinic, today, [patient.pk])
    }
    asked = reasons.unanswered().filter(patient__in=patient.record_keys).first()
    courses = Course.objects.filter(patient=patient).order_by(F("ended_on").asc(nulls_first=True), "-pk")
    course = courses.first()
    if course is None:
        return Subject(asked=asked)
    dose_on = course.next_due_on if course.is_open and course.phase != Course.Phase.ORAL else None
    test_on = course.missed_lab_due_on or course.lab_due_on
    due = {About.DOSE: _soon(dose_on, today), About.LAB: _soon(test_on, today)}
    about = next((each for each in due if each in listed), None) or next(
        (each for each in due if due[each]), None
    )
    return Subject(course, about, due[about], asked) if about and due[about] else Subject(asked=asked)


def _soon(due_on: date | None, today: date) -> date | None:
    return due_on if due_on and due_on <= today + reasons.AHEAD else None


def newest_call(patient: Patient) -> Call | None:
    """Give the last standing call of a patient."""
    return Call.objects.standing().filter(patient=patient).order_by("-pk").first()


@transaction.atomic
def record_call(
    *,
    patient: Patient,
    outcome: str,
    now: datetime,
    called_by,
    note: str = "",
    again_on: date | None = None,
    coming_on: date | None = None,
    after: int | None = None,
) -> Call:
    """Write what came of a phone call. It decides the next day, or opens the request for a physician.

    again_on: for “call again”, needed; for a message, instead of the day the clinic would choose. coming_on: the day on
    which somebody comes unbooked. after: the key of the newest call that the page showed (0: none), so that two people
    never answer the same row; the same answer sent twice gives the same call.
    """
    require(called_by, MAY_PHONE, patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    said = {"outcome": Outcome(outcome), "note": note.strip()}
    if after is not None and (sent_before := _sent_before(lock.patient, after, said, called_by)):
        return sent_before
    today = lock.patient.clinic.day_of(now)
    subject = subject_of(lock.patient, today)
    if said["outcome"] not in subject.outcomes:
        raise NotAllowed(_why_not(said["outcome"], subject), field="outcome")
    waits_until = _again_on(lock.patient, said["outcome"], again_on, coming_on, subject, today)
    request, opened = _request(lock, said["outcome"], said["note"], today, called_by)
    call = Call.objects.create(
        **said,
        patient=lock.patient,
        course=subject.course,
        about=subject.about,
        due_on=subject.due_on,
        asked=subject.asked,
        phone=lock.patient.phone,
        again_on=waits_until,
        request=request,
        opened_request=opened,
        called_on=today,
        called_by=called_by,
    )
    audit.record(called_by, "phoned", patient=lock.patient, call=call.pk, outcome=call.outcome)
    return call


def _sent_before(patient: Patient, after: int, said: dict, called_by) -> Call | None:
    """Give the call that this very form has recorded already; refuse where somebody else phoned meanwhile."""
    since = list(Call.objects.standing().filter(patient=patient, pk__gt=after).select_related("called_by"))
    if not since:
        return None
    same = len(since) == 1 and since[0].called_by == called_by
    if same and all(getattr(since[0], name) == value for name, value in said.items()):
        return since[0]
    raise Stale(SOMEBODY_ELSE)


def _why_not(outcome: Outcome, subject: Subject) -> str:
    if outcome is Outcome.SPOKEN:
        return "Something is due: say whether it is booked, when the patient comes, or when to call again."
    if outcome in (Outcome.BOOKED, Outcome.WILL_COME):
        return "Nothing is due that a place could be booked for."
    return NOT_ON_THE_LIST


def _again_on(
    patient: Patient,
    outcome: Outcome,
    again_on: date | None,
    coming_on: date | None,
    subject: Subject,
    today: date,
) -> date | None:
    """Give the day on which the patient is on the list again, if what is due has not been done."""
    days = patient.clinic.days
    if outcome is Outcome.WILL_COME:
        _must_be_ahead(coming_on, today, "coming_on", "Enter the day on which the patient will come.")
        if not days.is_open(coming_on):
            raise NotAllowed("The clinic is closed on this day.", field="coming_on")
        return days.next_open(coming_on + timedelta(days=1))
    if outcome is Outcome.LEFT_MESSAGE and again_on is None:
        return day_after_a_message(patient, subject, today)
    if outcome in WITH_A_DAY:
        _must_be_ahead(again_on, today, "again_on", "Enter the day to call again.")
        return again_on
    return None


def _must_be_ahead(day: date | None, today: date, field: str, missing: str) -> None:
    if day is None:
        raise NotAllowed(missing, field=field)
    if day < today:
        raise NotAllowed("This day has passed.", field=field)
    if day > FURTHEST.after(today):
        raise NotAllowed("Choose a day within three months.", field=field)


def day_after_a_message(patient: Patient, subject: Subject, today: date) -> date:
    """Give the day to call again after a message was left: an open one, soon."""
    urgent = subject.about == About.DOSE and subject.course.neurological
    return patient.clinic.days.next_open(today + (timedelta(days=1) if urgent else ANSWER_WITHIN))


def _request(
    lock: PatientLock, outcome: Outcome, note: str, today: date, called_by
) -> tuple[Request | None, bool]:
    """Open the request that an outcome asks for, or give the one that waits already."""
    if outcome not in ASKS:
        return None, False
    if outcome is Outcome.REFUSED and not Course.objects.open().filter(patient=lock.patient).exists():
        raise NotAllowed("There is no treatment to stop.", field="outcome")
    kind, codes, same_day = ASKS[outcome]
    return waiting_or_raised(
        lock,
        kind=kind,
        codes=list(codes),
        same_day=same_day,
        text=note or f"Said on the phone: {Outcome(outcome).label.lower()}.",
        raised_on=today,
        raised_by=called_by,
    )


@transaction.atomic
def void_call(*, call: Call, reason: str, now: datetime, voided_by) -> None:
    """Mark a call as wrongly recorded: the patient is back on the list, and an unanswered request is withdrawn."""
    require(voided_by, MAY_PHONE, call.patient)
    lock = lock_patient(call.patient, merged=True)
    void(call, voided_by=voided_by, reason=reason)
    if call.opened_request and not Call.objects.standing().filter(request=call.request).exists():
        on = lock.patient.clinic.day_of(now)
        withdraw_request(lock, call.request, on=on, withdrawn_by=voided_by, reason=reason)
    audit.record(voided_by, "voided call", patient=lock.patient, call=call.pk)


@transaction.atomic
def ask_for_call(
    *, patient: Patient, reason: str, call_on: date, now: datetime, asked_by, by_patient: bool = False
) -> AskedCall:
    """Put a patient on the list from a day on, with the reason; it stands until a call has answered it."""
    require(asked_by, MAY_PHONE, patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    today = lock.patient.clinic.day_of(now)
    if not reason.strip():
        raise NotAllowed("Say why the patient is to be phoned.", field="reason")
    _must_be_ahead(call_on, today, "call_on", "Enter the day to call.")
    if standing := reasons.unanswered().filter(patient__in=patient.record_keys).first():
        raise NotAllowed(
            f"A call is asked for already, from {standing.call_on:%d %B %Y} on: {standing.reason}"
        )
    asked = AskedCall.objects.create(
        patient=lock.patient,
        reason=reason.strip(),
        call_on=call_on,
        by_patient=by_patient,
        asked_on=today,
        asked_by=asked_by,
    )
    audit.record(asked_by, "asked for a call", patient=lock.patient, asked=asked.pk)
    return asked


@transaction.atomic
def void_asked_call(*, asked: AskedCall, reason: str, voided_by) -> None:
    """Take back that somebody asked for a call: it was wrong, or is needed no longer. It stays visible."""
    require(voided_by, MAY_PHONE, asked.patient)
    lock = lock_patient(asked.patient, merged=True)
    void(asked, voided_by=voided_by, reason=reason)
    audit.record(voided_by, "voided asked call", patient=lock.patient, asked=asked.pk)
