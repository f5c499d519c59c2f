"""The outlook of a course: an index over what the protocol says, written by one function and checked every night."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from patients.models import Clinic, Patient
from regimens import at_a_glance
from regimens.course_values import CourseValues, values_of
from regimens.models import Course
from regimens.models.course import EndReason
from regimens.protocol import reviews, schedule
from regimens.protocol.labs import LabOutlook, extra_check
from regimens.services.locking import PatientLock, lock_patients
from regimens.services.summaries import summary_differences, write_summaries

BATCH = 500

COLUMNS = (
    "phase",
    "neurological",
    "next_number",
    "next_due_on",
    "window_opens_on",
    "window_closes_on",
    "physician_from_on",
    "lapses_on",
    "twelve_months_on",
    "last_given_on",
    "review_due_on",
    "missed_lab_name",
    "missed_lab_due_on",
    "lab_name",
    "lab_due_on",
    "lab_opens_on",
    "lab_closes_on",
    "blood_taken_on",
    "labs_as_of_on",
    "at_a_glance",
)
# What a list shows beside the dates; a page that decides about the dates need not be opened again for it.
NOT_A_DATE = {"at_a_glance"}
NOTHING_DUE = dict.fromkeys(
    (
        "next_due_on",
        "window_opens_on",
        "window_closes_on",
        "physician_from_on",
        "lapses_on",
        "twelve_months_on",
        "review_due_on",
    )
)
PHASES = {
    schedule.Phase.LOADING: Course.Phase.LOADING,
    schedule.Phase.MAINTENANCE: Course.Phase.MAINTENANCE,
    schedule.Phase.ORAL: Course.Phase.ORAL,
}


def refresh_outlook(*locks: PatientLock, labs_as_of: date | None = None) -> None:
    """Write the outlook of every course of the locked persons, all their records. The only writer of these columns.

    Refuses without the lock, because another act could be moving the same dates. `labs_as_of` is the day the lab
    columns are computed for; without it, the day they were computed for before, or of what was learnt since.
    """
    if not all(lock.holds() for lock in locks):
        raise RuntimeError("The patient must be locked in this transaction before the outlook is written.")
    held = [lock.patient.pk for lock in locks]
    merged = Patient.objects.filter(merged_into__in=held).values_list("pk", flat=True)
    courses = Course.objects.filter(patient__in=[*held, *merged]).select_related("clinic")
    for batch in _batches(courses.order_by("pk").iterator(BATCH) if len(locks) > 1 else courses):
        found = [
            (values, labs_as_of or _labs_as_of(values))
            for values in values_of(batch, at_a_glance.TOPICS).values()
        ]
        write_summaries(found)
        for values, as_of in found:
            course, columns = values.course, _columns(values, as_of)
            changed = [name for name in COLUMNS if getattr(course, name) != columns[name]]
            if changed:
                for name in changed:
                    setattr(course, name, columns[name])
                moved = (
                    {}
                    if NOT_A_DATE.issuperset(changed)
                    else {"version": F("version") + 1, "changed_at": Now()}
                )
                Course.objects.filter(pk=course.pk).update(
                    **moved, **{name: columns[name] for name in changed}
                )


def _columns(values: CourseValues, labs_as_of: date) -> dict:
    return {**outlook_of(values, labs_as_of), "at_a_glance": at_a_glance.to_json(values)}


def _labs_as_of(values: CourseValues) -> date:
    """Give the day the lab columns are computed for without asking a clock; `roll_lab_checks` moves it forward."""
    course = values.course
    return max(course.labs_as_of_on or course.opened_on, course.opened_on, *values.panels)


def outlook_as_written(values: CourseValues) -> dict:
    """Give the columns that an act which leads to these values would write; a preview asks it too."""
    return outlook_of(values, _labs_as_of(values))


def outlook_of(values: CourseValues, labs_as_of: date) -> dict:
    """Give the dates of one course; the lab columns as of a day, all others without any."""
    course = values.course
    blood = {"blood_taken_on": min(values.blood_awaited, default=None)}
    if course.ended_on:
        return {**_ended(values), **_recheck(values, labs_as_of), **blood}
    labs = values.labs(labs_as_of)
    if course.oral_confirmed_on:
        return {**_oral(values, labs), **_labs(labs, labs_as_of), **blood}
    return {**_injections(values), **_labs(labs, labs_as_of), **blood}


def _injections(values: CourseValues) -> dict:
    due = values.next_dose()
    return {
        "phase": PHASES[due.phase],
        "neurological": due.is_neuro,
        "next_number": values.number_of(due),
        "next_due_on": due.due_on,
        "window_opens_on": due.opens_on,
        "window_closes_on": due.closes_on,
        "physician_from_on": due.physician_from,
        "lapses_on": due.lapses_on,
        "twelve_months_on": due.twelve_months_on,
        "last_given_on": values.history.last_given_on,
        "review_due_on": _review_due_on(values, due),
    }


def _review_due_on(values: CourseValues, due: schedule.DueDose) -> date | None:
    """Give the next neurological review: only while an open-ended loading runs (D-01)."""
    first_on = values.history.first_given_on
    if due.phase is not schedule.Phase.LOADING or values.plan.loading.doses is not None or first_on is None:
        return None
    return reviews.next_review(first_on, values.history.reviews)


def _oral(values: CourseValues, labs: LabOutlook) -> dict:
    """On oral treatment the next date is the next check."""
    return {
        **NOTHING_DUE,
        "phase": Course.Phase.ORAL,
        "neurological": values.plan.is_neuro,
        "next_number": len(values.history.given) + values.earlier_doses + 1,
        "next_due_on": labs.next.due_on,
        "window_opens_on": labs.next.opens_on,
        "window_closes_on": labs.next.closes_on,
        "last_given_on": values.history.last_given_on,
    }


def _ended(values: CourseValues) -> dict:
    return {
        **NOTHING_DUE,
        "phase": Course.Phase.ENDED,
        "neurological": values.plan.is_neuro,
        "next_number": len(values.history.given) + values.earlier_doses + 1,
        "last_given_on": values.history.last_given_on,
    }


def _labs(labs: LabOutlook, as_of: date) -> dict:
    missed = labs.oldest_overdue
    return {
        "missed_lab_name": missed.name if missed else "",
        "missed_lab_due_on": missed.due_on if missed else None,
        "lab_name": labs.next.name,
        "lab_due_on": labs.next.due_on,
        "lab_opens_on": labs.next.opens_on,
        "lab_closes_on": labs.next.closes_on,
        "labs_as_of_on": as_of,
    }


def _recheck(values: CourseValues, as_of: date) -> dict:
    """After a resolved cause one check is still to come, though treatment has ended (D-16); else none."""
    columns = {name: "" if name.endswith("_name") else None for name in COLUMNS if "lab" in name}
    columns["labs_as_of_on"] = as_of
    if values.course.end_reason != EndReason.REVERSIBLE_CAUSE_RESOLVED:
        return columns
    check = extra_check(values.course.ended_on)
    if any(day >= check.opens_on for day in values.panels):
        return columns
    if check.closes_on < as_of:
        return {**columns, "missed_lab_name": check.name, "missed_lab_due_on": check.due_on}
    return {
        **columns,
        "lab_name": check.name,
        "lab_due_on": check.due_on,
        "lab_opens_on": check.opens_on,
        "lab_closes_on": check.closes_on,
    }


def roll_lab_checks(now: datetime) -> int:
    """Compute the lab columns afresh of courses whose next check closed since, or whose outlook was never written.

    Gives how many. Any number of runs.
    """
    rolled = 0
    for clinic in Clinic.objects.all():
        today = clinic.day_of(now)
        stale = Course.objects.filter(
            Q(lab_closes_on__lt=today) | Q(labs_as_of_on=None), clinic=clinic
        ).order_by("patient_id")
        person = Coalesce("patient__merged_into", "patient")
        while keys := list(set(stale.values_list(person, flat=True)[:BATCH])):
            with transaction.atomic():
                refresh_outlook(*lock_patients(keys), labs_as_of=today)
            rolled += len(keys)
    return rolled


def write_missing() -> int:
    """Write the outlook of courses that an earlier version left without a part of it; give how many. Any number of runs."""
    written = 0
    missing = Course.objects.filter(at_a_glance__isnull=True).order_by("patient_id")
    person = Coalesce("patient__merged_into", "patient")
    while keys := list(set(missing.values_list(person, flat=True)[:BATCH])):
        with transaction.atomic():
            refresh_outlook(*lock_patients(keys))
        written += len(keys)
    return written


def differences() -> Iterator[str]:
    """Yield a sentence for every course whose stored outlook is not what its rows give, or that has no next date.

    It needs no clock: the lab columns are recomputed as of the day that is stored with them.
    """
    for batch in _batches(Course.objects.order_by("pk").select_related("clinic", "patient").iterator(BATCH)):
        found = values_of(batch, at_a_glance.TOPICS)
        yield from summary_differences(
            (values, values.course.labs_as_of_on) for values in found.values() if values.course.labs_as_of_on
        )
        for pk, values in found.items():
            course = values.course
            if course.labs_as_of_on is None:
                yield f"course {pk}: its outlook was never written"
                continue
            expected = _columns(values, course.labs_as_of_on)
            for name in COLUMNS:
                if name == "at_a_glance" and course.at_a_glance is None:
                    continue  # not written since the column came; whoever reads it asks the rows meanwhile
                if getattr(course, name) != expected[name]:
                    yield f"course {pk}: {name} is {getattr(course, name)!r}, should be {expected[name]!r}"
            if course.is_open and expected["next_due_on"] is None:
                yield f"course {pk}: active, and without a next date"


def _batches(courses: Iterable[Course]) -> Iterator[list[Course]]:
    iterator = iter(courses)
    while batch := list(islice(iterator, BATCH)):
        yield batch
