"""Blood is taken, is lost on its way, or was recorded by mistake. None of it satisfies a check: the result does."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens import lab_checks
from regimens.course_values import CourseValues, values_of
from regimens.models import BloodSample, Course
from regimens.protocol.panels import PANEL, wanted
from regimens.services.appointments import keep_for_blood, reopen_for_blood
from regimens.services.clinical import must_have_come, void
from regimens.services.locking import lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook

NOTHING_OWED = "No treatment of this patient has blood tests. Enter the results when they come."


@transaction.atomic
def take_blood(
    *,
    patient: Patient,
    taken_on: date,
    now: datetime,
    recorded_by,
    taken_by_name: str = "",
    lab: str = "",
    note: str = "",
) -> BloodSample:
    """Record that a panel was drawn; its results are awaited from then on, and a place booked for it was kept.

    Refuses while an earlier one is awaited: first somebody says that it was lost.
    """
    require(recorded_by, "patients.record_clinical", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    must_have_come(taken_on, lock.patient, now, "taken_on")
    values = watched_course(lock.patient)
    if values is None:
        raise NotAllowed(NOTHING_OWED)
    if taken_on in values.panels:
        raise NotAllowed("The results of this day are all on record: nothing is awaited.", field="taken_on")
    if values.blood_awaited:
        raise NotAllowed("Blood taken earlier is still awaited. If it was lost, say so first.")
    check = lab_checks.owed(values, taken_on).open_on(taken_on)
    tests = wanted(values.current.tests_b12)
    try:
        with transaction.atomic():
            sample = BloodSample.objects.create(
                patient=lock.patient,
                course=values.course,
                taken_on=taken_on,
                taken_by_name=taken_by_name.strip(),
                check_name=check.name if check else "",
                check_due_on=check.due_on if check else None,
                tests=[test for test in PANEL if test in tests],
                lab=lab.strip(),
                note=note.strip(),
                recorded_by=recorded_by,
            )
    except IntegrityError as error:
        raise NotAllowed("Blood taken on this day is on record already.", field="taken_on") from error
    keep_for_blood(lock, taken_on, recorded_by)
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded blood taken", patient=lock.patient, sample=sample.pk)
    return sample


@transaction.atomic
def lose_sample(*, sample: BloodSample, reason: str, recorded_by) -> None:
    """Say that a sample will have no results: lost, clotted, not accepted. The check is to be drawn again."""
    require(recorded_by, "patients.record_clinical", sample.patient)
    lock = lock_patient(sample.patient, merged=True)
    if not reason.strip():
        raise NotAllowed("Say what became of the sample.", field="reason")
    lost = (
        BloodSample.objects.expected()
        .filter(pk=sample.pk)
        .update(lost_at=Now(), lost_by=recorded_by, lost_reason=reason.strip())
    )
    if not lost:
        raise NotAllowed("This sample is not awaited any more.")
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded blood lost", patient=lock.patient, sample=sample.pk)


@transaction.atomic
def void_sample(*, sample: BloodSample, now: datetime, voided_by, reason: str) -> None:
    """Mark a record of blood taken as wrong. It stays visible, and a place it had closed is booked again."""
    require(voided_by, "patients.record_clinical", sample.patient)
    lock = lock_patient(sample.patient, merged=True)
    void(sample, voided_by=voided_by, reason=reason)
    refresh_outlook(lock)
    reopen_for_blood(lock, sample.taken_on, lock.patient.clinic.day_of(now), voided_by)
    audit.record(voided_by, "voided blood taken", patient=lock.patient, sample=sample.pk)


def watched_course(patient: Patient) -> CourseValues | None:
    """Give the course whose checks are watched: the open one, else one ended for a resolved cause that owes its own."""
    courses = Course.objects.filter(patient__in=patient.record_keys).select_related(
        "patient__clinic", "clinic"
    )
    course = courses.filter(ended_on=None).first()
    if course is None:
        owing = courses.exclude(missed_lab_due_on=None, lab_due_on=None)
        course = owing.order_by("-ended_on", "-pk").first()
    return values_of([course])[course.pk] if course else None
