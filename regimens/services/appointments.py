"""Booked slots. Moving one never moves the clinical date it serves.

Every act that takes a place locks the clinic's book first, then the patient; the database refuses a second booking
of the same place whatever code runs (`a_place_is_booked_once`).
"""

from datetime import date, datetime, time
from enum import Enum

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now

from patients import audit
from patients.models import Clinic, User
from patients.refusals import NotAllowed, require
from regimens.givers import gives_here
from regimens.models import Appointment, Course, Injection, NotGiven
from regimens.services.clinical import void
from regimens.services.locking import PatientLock, lock_clinic, lock_patient, must_be_active
from regimens.services.not_given import record_not_given
from regimens.slots import free_times, slot_times, span_of

PLACE_TAKEN = "Somebody has just taken this place. Choose another time."
NOT_BOOKED = "This appointment is not booked any more."
CAME_AFTER_ALL = "Came after all: an injection was recorded for this day."
NOT_HERE = "This person does not give injections here. Choose another, or nobody in particular."
State, Because, DOSE = Appointment.State, Appointment.Because, Appointment.Subject.DOSE


class AsBooked(Enum):
    """What stands for a person where nothing was said of one: who was booked before stays, or nobody."""

    AS_BOOKED = "as booked"


AS_BOOKED = AsBooked.AS_BOOKED
With = User | None | AsBooked


@transaction.atomic
def book(
    *,
    course: Course,
    subject: str,
    on: date,
    at: time,
    nurse: With = AS_BOOKED,
    now: datetime,
    booked_by,
) -> Appointment:
    """Book a place for the next dose or lab check; a place already booked for it is moved.

    nurse: with whom, a nurse or physician of this clinic; None for nobody in particular.
    """
    require(booked_by, "regimens.book_appointment", course)
    clinic, lock = lock_clinic(course.clinic), lock_patient(course.patient)
    course = bookable(lock, clinic, course)
    due_on = span_of(course, subject).due_on
    if due_on is None:
        raise NotAllowed("Nothing is due that a place could be booked for.")
    return place(
        lock, clinic, course, subject, due_on, on, at,
        nurse=nurse, now=now, booked_by=booked_by, instead_of=booked_for_next(course, subject),
    )  # fmt: skip


@transaction.atomic
def move(
    *, appointment: Appointment, on: date, at: time, nurse: With = AS_BOOKED, now: datetime, moved_by
) -> Appointment:
    """Move a booked place in one act; the old row stays and is pointed to by the new one, with who and when.

    Whom it was booked with stays, unless another (or None: nobody in particular) is named.
    """
    require(moved_by, "regimens.book_appointment", appointment)
    clinic, lock = lock_clinic(appointment.clinic), lock_patient(appointment.patient)
    appointment.refresh_from_db()
    course = bookable(lock, clinic, appointment.course)
    if appointment.state != State.BOOKED:
        raise NotAllowed(NOT_BOOKED)
    due_on = _date_served(appointment, span_of(course, appointment.subject).due_on)
    return place(
        lock, clinic, course, appointment.subject, due_on, on, at,
        nurse=nurse, now=now, booked_by=moved_by, instead_of=appointment,
    )  # fmt: skip


@transaction.atomic
def cancel(*, appointment: Appointment, because: str, cancelled_by) -> None:
    """Free a booked place and say why. The clinical date stands."""
    require(cancelled_by, "regimens.book_appointment", appointment)
    if because not in (Because.PATIENT, Because.CLINIC, Because.MISTAKE):
        raise NotAllowed("Say why the appointment is cancelled.", field="because")
    lock_patient(appointment.patient)
    close(appointment, State.CANCELLED, cancelled_by, because=because)
    audit.record(
        cancelled_by,
        "cancelled appointment",
        patient=appointment.patient,
        appointment=appointment.pk,
        because=because,
    )


@transaction.atomic
def record_no_show(*, appointment: Appointment, now: datetime, recorded_by) -> NotGiven | None:
    """Write that nobody came. By a person who may, the dose is then recorded as not given, and that row is the answer.

    The date it was due stands. Reception closes the appointment only; a nurse says what became of the dose.
    """
    require(recorded_by, "regimens.book_appointment", appointment)
    lock = lock_patient(appointment.patient)
    local = now.astimezone(lock.patient.clinic.zone)
    if (appointment.on, appointment.at) > (local.date(), local.time()):
        raise NotAllowed("The time of this appointment has not come yet.")
    is_dose = appointment.subject == DOSE
    if is_dose and _dose_on(lock, appointment.on):
        raise NotAllowed("A dose was given on this day, so the patient came.")
    close(appointment, State.NO_SHOW, recorded_by)
    audit.record(recorded_by, "recorded no-show", patient=lock.patient, appointment=appointment.pk)
    course = appointment.course
    known = NotGiven.objects.standing().filter(course=course, on=appointment.on).exists()
    may = recorded_by.has_perm("regimens.record_not_given", lock.patient)
    if not (is_dose and may and lock.patient.is_active and course.is_open) or known:
        return None
    return record_not_given(
        course=course,
        on=appointment.on,
        reason=NotGiven.Reason.DID_NOT_ATTEND,
        now=now,
        recorded_by=recorded_by,
    )


def settle_by_dose(lock: PatientLock, injection: Injection, served_on: date | None) -> None:
    """Close what a dose that was just recorded has answered; called after the outlook was refreshed.

    The day's booking was kept, also one marked as a no-show before the patient came after all; a dose had elsewhere
    frees it. Another booking for the same clinical date (`served_on`) has nothing left to serve and is cancelled.
    """
    by, that_day = injection.recorded_by, {"patient": lock.patient, "subject": DOSE, "on": injection.given_on}
    if injection.source == Injection.Source.CLINIC:
        _close_all(by, State.KEPT, **that_day, state__in=(State.BOOKED, State.NO_SHOW))
        for row in NotGiven.objects.standing().filter(
            patient=lock.patient, on=injection.given_on, reason=NotGiven.Reason.DID_NOT_ATTEND
        ):
            void(row, voided_by=by, reason=CAME_AFTER_ALL)
            audit.record(by, "voided dose not given", patient=lock.patient, row=row.pk)
    else:
        _close_all(by, State.CANCELLED, because=Because.ELSEWHERE, **that_day, state=State.BOOKED)
    course = Course.objects.open().filter(pk=injection.course_id).first()
    if injection.counts and course and served_on and course.next_due_on and served_on < course.next_due_on:
        _close_all(
            by,
            State.CANCELLED,
            because=Because.GIVEN,
            course=course,
            subject=DOSE,
            state=State.BOOKED,
            due_on__lte=served_on,
            on__lt=course.window_opens_on,
        )


def reopen_after_void(lock: PatientLock, injection: Injection, today: date, by) -> None:
    """Book again what a wrong record had closed, where the place is still free: the patient is still to come."""
    course = Course.objects.open().filter(pk=injection.course_id).first()
    if course is None or course.next_due_on is None or _dose_on(lock, injection.given_on):
        return
    closed = Appointment.objects.filter(course=course, subject=DOSE, on__gte=today)
    kept = closed.filter(state=State.KEPT, on=injection.given_on)
    freed = closed.filter(cancelled_because=Because.GIVEN, due_on__gte=course.next_due_on)
    for appointment in (*kept, *freed):
        _book_again(lock, appointment, by)


def _book_again(lock: PatientLock, appointment: Appointment, by) -> None:
    """Open a closed booking, unless somebody else has the place by now, or the date was booked again."""
    try:
        with transaction.atomic():
            Appointment.objects.filter(pk=appointment.pk).update(
                state=State.BOOKED, cancelled_because="", closed_at=None, closed_by=None
            )
    except IntegrityError:
        return
    audit.record(by, "reopened appointment", patient=lock.patient, appointment=appointment.pk)


def keep_for_blood(lock: PatientLock, on: date, by) -> None:
    """Close the day's booking for a blood test as kept, also one marked as a no-show before the patient came after all."""
    that_day = {"patient__in": lock.patient.record_keys, "subject": Appointment.Subject.LAB, "on": on}
    _close_all(by, State.KEPT, **that_day, state__in=(State.BOOKED, State.NO_SHOW))


def reopen_for_blood(lock: PatientLock, on: date, today: date, by) -> None:
    """Book again a place of today or later that a wrong record of blood taken had closed, where it is still free."""
    if on < today:
        return
    that_day = {"patient__in": lock.patient.record_keys, "subject": Appointment.Subject.LAB, "on": on}
    for appointment in Appointment.objects.filter(**that_day, state=State.KEPT):
        _book_again(lock, appointment, by)


def booked_for_next(course: Course, subject: str) -> Appointment | None:
    """Give the booking that serves what is due next: made for its date, else the latest made for an earlier one."""
    due_on = span_of(course, subject).due_on
    booked = Appointment.objects.booked().filter(course=course, subject=subject, due_on__lte=due_on)
    return booked.select_related("nurse").order_by("-due_on", "-on", "-at").first()


def bookable(lock: PatientLock, clinic: Clinic, course: Course) -> Course:
    """Give the course as it stands now. Refuses where the patient has left this clinic or the course has ended."""
    must_be_active(lock.patient)
    course.refresh_from_db()
    if lock.patient.clinic_id != clinic.pk or not course.is_open:
        raise NotAllowed("This course has ended.")
    return course


def must_be_free(clinic: Clinic, on: date, at: time, now: datetime, besides=()) -> None:
    """Refuse a place that is past, on a closed day, outside the clinic's times, or taken. Needs the clinic's lock."""
    if on < clinic.day_of(now):
        raise NotAllowed("This day has passed.", field="on")
    if not clinic.days.is_open(on):
        raise NotAllowed("The clinic is closed on this day.", field="on")
    if at not in slot_times(clinic):
        raise NotAllowed("This is not one of the clinic's times.", field="at")
    local = now.astimezone(clinic.zone)
    if at not in free_times(clinic, on, now, besides=besides):
        passed = on == local.date() and at <= local.time()
        raise NotAllowed("This time has passed." if passed else PLACE_TAKEN, field="at")


def place(
    lock: PatientLock,
    clinic: Clinic,
    course: Course,
    subject: str,
    due_on: date,
    on: date,
    at: time,
    *,
    nurse: With = AS_BOOKED,
    now: datetime,
    booked_by,
    instead_of: Appointment | None = None,
) -> Appointment:
    """Write one booking, in the stead of another where there is one. Needs the locks of the clinic and the patient.

    The same place with another person is the same booking: the patient is not told again.
    """
    must_be_free(clinic, on, at, now, besides=[instead_of.pk] if instead_of else ())
    nurse = booked_with(clinic, nurse, instead_of)
    if instead_of:
        if (instead_of.on, instead_of.at, instead_of.due_on) == (on, at, due_on):
            return name_nurse(lock, instead_of, nurse, booked_by)
        close(instead_of, State.MOVED, booked_by)
    return write(
        lock, clinic, course, subject, due_on, on, at,
        nurse=nurse, booked_by=booked_by, instead_of=instead_of,
    )  # fmt: skip


def booked_with(clinic: Clinic, nurse: With, instead_of: Appointment | None) -> User | None:
    """Give the person a place is booked with. Refuses one who does not give injections in this clinic now.

    One who was booked before and has left since is nobody in particular.
    """
    if nurse is AS_BOOKED:
        before = instead_of.nurse if instead_of else None
        return before if before and gives_here(before, clinic.pk) else None
    if nurse is not None and not gives_here(nurse, clinic.pk):
        raise NotAllowed(NOT_HERE, field="nurse")
    return nurse


def name_nurse(lock: PatientLock, appointment: Appointment, nurse: User | None, by) -> Appointment:
    """Say with whom a booked place is; its day and time stay, and the booking its own."""
    if appointment.nurse == nurse:
        return appointment
    if not Appointment.objects.booked().filter(pk=appointment.pk).update(nurse=nurse):
        raise NotAllowed(NOT_BOOKED)
    appointment.nurse = nurse
    audit.record(
        by,
        "named who is booked with",
        patient=lock.patient,
        appointment=appointment.pk,
        nurse=nurse.pk if nurse else None,
    )
    return appointment


def write(
    lock: PatientLock,
    clinic: Clinic,
    course: Course,
    subject: str,
    due_on: date,
    on: date,
    at: time,
    *,
    nurse: User | None = None,
    booked_by,
    instead_of: Appointment | None = None,
) -> Appointment:
    """Write a booking of a place that was found free, as the next round for its date, with its audit line."""
    rounds = Appointment.objects.filter(course=course, subject=subject, due_on=due_on)
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                clinic=clinic,
                patient=lock.patient,
                course=course,
                subject=subject,
                due_on=due_on,
                round=(rounds.aggregate(last=Max("round"))["last"] or 0) + 1,
                on=on,
                at=at,
                nurse=nurse,
                booked_by=booked_by,
                moved_from=instead_of,
            )
    except IntegrityError as error:
        raise NotAllowed(PLACE_TAKEN, field="at") from error
    moved = {"moved_from": instead_of.pk, "was": _when(instead_of)} if instead_of else {}
    named = {"nurse": nurse.pk} if nurse else {}
    audit.record(
        booked_by,
        "moved appointment" if instead_of else "booked appointment",
        patient=lock.patient,
        appointment=appointment.pk,
        on=_when(appointment),
        **named,
        **moved,
    )
    return appointment


def close(appointment: Appointment, state: str, by, *, because: str = "") -> None:
    """End one booking; the test that it is still booked is inside the UPDATE."""
    if not _close_all(by, state, because=because, pk=appointment.pk, state=State.BOOKED):
        raise NotAllowed(NOT_BOOKED)


def _close_all(by, end: str, *, because: str = "", **which) -> int:
    return Appointment.objects.filter(**which).update(
        state=end, cancelled_because=because, closed_at=Now(), closed_by=by
    )


def _date_served(appointment: Appointment, due_on: date | None) -> date:
    """Give the date a moved booking serves: its own, or the one due now where its own has been overtaken."""
    if due_on is None or appointment.due_on >= due_on:
        return appointment.due_on
    same = {"course": appointment.course_id, "subject": appointment.subject, "due_on": due_on}
    return appointment.due_on if Appointment.objects.booked().filter(**same).exists() else due_on


def _dose_on(lock: PatientLock, day: date) -> bool:
    return (
        Injection.objects.standing()
        .filter(patient__in=lock.patient.record_keys, given_on=day, source=Injection.Source.CLINIC)
        .exists()
    )


def _when(appointment: Appointment) -> str:
    return f"{appointment.on} {appointment.at:%H:%M}"
