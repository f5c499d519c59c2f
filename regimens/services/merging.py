"""Two records of one person: proposed by a nurse or a manager, confirmed by a physician, taken apart again.

A merge is a pointer. Every row stays where it was written; what is read of a person is read of all their records
(`Patient.record_keys`), and new rows are written on the one that stays. The pointers are kept flat: a record that was
merged into the double points at the one that stays too, and back when the two are taken apart.
"""

from datetime import date
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from patients import audit, clinical_facts
from patients.calendar_words import MONTHS
from patients.models import ClinicalFact, Patient
from patients.models.facts import Topic
from patients.refusals import NotAllowed, Stale, require
from patients.services import write_keys
from regimens.models import Course, Decision, FollowUp, Injection, Request
from regimens.services.decisions import SETTLED_BEFORE, settle
from regimens.services.locking import PatientLock, lock_patients
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request

MERGED = "merged"
UNMERGE = "UNMERGE"
SHOWN_DAYS = 5
CHANGED = "One of the two records has changed since the page was opened. Compare them again."


@transaction.atomic
def propose_merge(*, stays: Patient, double: Patient, reason: str, on: date, raised_by) -> Request:
    """Ask a physician to read `double` as another record of the person of `stays`; nothing changes until then."""
    require(raised_by, "regimens.propose_merge", stays)
    require(raised_by, "regimens.propose_merge", double)
    locks = _lock(stays, double)
    if not reason.strip():
        raise NotAllowed("Say why these are records of one person.", field="reason")
    if waiting(stays, double).exists():
        raise NotAllowed("A physician has been asked about these two records already; it is on their list.")
    _must_be_possible(locks[stays.pk].patient, locks[double.pk].patient)
    request = raise_request(
        locks[stays.pk],
        kind=Request.Kind.MERGE,
        text=reason.strip(),
        double=double,
        raised_on=on,
        raised_by=raised_by,
    )
    for patient in (stays, double):
        audit.record(raised_by, "proposed merge", patient=patient, request=request.pk)
    return request


@transaction.atomic
def confirm_merge(*, request: Request, shown: str, on: date, decided_by, reason: str = "") -> Decision:
    """Merge the two records of a request, as they were compared; of two physicians one wins, the other is told.

    shown: `fingerprint` of the two records as the page showed them. Allergies of both hold from then on: none is lost
    because the other record was asked later.
    """
    require(decided_by, "regimens.confirm_merge", request)
    locks = _lock(request.patient, request.double)
    stays, double = locks[request.patient_id].patient, locks[request.double_id].patient
    request.refresh_from_db()
    if request.answered_at:
        raise Stale(SETTLED_BEFORE)
    _must_be_possible(stays, double)
    if fingerprint(stays, double) != shown:
        raise Stale(CHANGED)
    followers = sorted(set(double.record_keys) - {double.pk})
    Patient.objects.filter(Q(pk=double.pk) | Q(merged_into=double.pk)).update(merged_into=stays)
    lock = lock_patients([stays.pk])[0]
    write_keys(lock.patient)
    row = _keep_allergies(lock.patient, on, decided_by)
    seen = {"double": double.pk, "followers": followers, "allergies": row and row.pk}
    decision = settle(
        lock, request, outcome=MERGED, on=on, decided_by=decided_by, reason=reason.strip(), seen=seen
    )
    refresh_outlook(lock)
    for patient, other in ((stays, double), (double, stays)):
        audit.record(decided_by, "merged records", patient=patient, other=other.pk, stays=stays.pk)
    return decision


@transaction.atomic
def unmerge(*, double: Patient, reason: str, on: date, decided_by) -> None:
    """Take a merged record apart again. Rows written since on the record that stays remain there."""
    require(decided_by, "regimens.confirm_merge", double)
    if not reason.strip():
        raise NotAllowed("Say why these are not records of one person.", field="reason")
    if double.merged_into_id is None:
        raise Stale("This record is not merged into another.")
    locks = _lock(double, double.merged_into)
    stays, double = locks[double.merged_into_id].patient, locks[double.pk].patient
    if double.merged_into_id != stays.pk:
        raise Stale("These two records have been taken apart already.")
    decided = last_merge(double)
    seen = decided.seen if decided else {}
    try:
        with transaction.atomic():
            Patient.objects.filter(pk=double.pk).update(merged_into=None)
            Patient.objects.filter(pk__in=seen.get("followers", ()), merged_into=stays).update(
                merged_into=double
            )
    except IntegrityError as error:
        raise NotAllowed(
            "The record that stayed has the same national number by now. Correct it first."
        ) from error
    again = lock_patients([stays.pk, double.pk])
    for lock in again:
        write_keys(lock.patient)
    _give_back_allergies(stays, seen.get("allergies"), on, decided_by)
    if decided:
        Decision.objects.create(
            patient=stays,
            request=decided.request,
            code=UNMERGE,
            outcome="taken apart",
            reason=reason.strip(),
            decided_on=on,
            decided_by=decided_by,
        )
    refresh_outlook(*again)
    for patient, other in ((stays, double), (double, stays)):
        audit.record(decided_by, "unmerged records", patient=patient, other=other.pk)


def obstacles(stays: Patient, double: Patient) -> list[str]:
    """Say what stands against merging; nothing is an empty list. A fixed number of queries."""
    if stays.merged_into_id or double.merged_into_id:
        return ["One of the two records was merged into another already."]
    found = []
    died = Patient.Status.DECEASED
    if (stays.status == died) != (double.status == died):
        found.append("A death is recorded on one of them only. Settle that first.")
    under_way = Course.objects.open().filter(patient__in=(stays, double))
    treated = set(under_way.values_list("patient", flat=True))
    if len(treated) == 2:
        found.append("Both records have a treatment that has not ended. A physician ends one of them first.")
    elif double.pk in treated:
        found.append("The treatment under way is on the other record: let that one stay.")
    checks = Course.objects.filter(Q(lab_due_on__isnull=False) | Q(missed_lab_due_on__isnull=False))
    if checks.filter(patient__in=double.record_keys, ended_on__isnull=False).exists():
        found.append("A blood test is still to come on the record that would go: let that one stay.")
    if FollowUp.objects.waiting().filter(patient__in=double.record_keys).exists():
        found.append(
            "Something is still to be done after an injection on the record that would go. Do it first."
        )
    if days := _doses_on_one_day(stays, double):
        found.append(
            f"Both records have a dose that counts on {', '.join(days)}. Void one, or decide that it does not count."
        )
    return found


def waiting(one: Patient, other: Patient) -> QuerySet:
    """Give the unanswered requests to merge these two, either way round."""
    either = Q(patient=one, double=other) | Q(patient=other, double=one)
    return Request.objects.unanswered().filter(either, kind=Request.Kind.MERGE)


def last_merge(double: Patient) -> Decision | None:
    """Give the decision by which a record was merged last."""
    merges = Decision.objects.filter(request__double=double, code=Request.Kind.MERGE, outcome=MERGED)
    return merges.select_related("request", "decided_by").order_by("-pk").first()


def fingerprint(stays: Patient, double: Patient) -> str:
    """Give what changes when either record's names, numbers or contact do."""
    return f"{stays.pk}.{stays.version}-{double.pk}.{double.version}"


def _lock(one: Patient, other: Patient) -> dict[int, PatientLock]:
    """Lock both persons, all their records, in the order of their keys."""
    keys = sorted({*_records(one), *_records(other)})
    locks = {lock.patient.pk: lock for lock in lock_patients(keys)}
    if sorted({*_records(one), *_records(other)}) != keys:
        raise Stale(CHANGED)
    return locks


def _records(patient: Patient) -> list[int]:
    """Give the record and those merged into it, as they stand now."""
    return list(
        Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values_list("pk", flat=True)
    )


def _must_be_possible(stays: Patient, double: Patient) -> None:
    """Refuse what stands against it, all at once."""
    if stays.pk == double.pk:
        raise NotAllowed("This is the same record.")
    if stays.clinic_id != double.clinic_id:
        raise NotAllowed("The two records belong to different clinics.")
    if found := obstacles(stays, double):
        raise NotAllowed(" ".join(found))


def _doses_on_one_day(stays: Patient, double: Patient) -> list[str]:
    """Give the days, in words, on which both have a dose that counts: only one a day can."""
    counting = Injection.objects.counting().order_by()
    theirs = counting.filter(patient__in=double.record_keys).values("given_on")
    days = counting.filter(patient__in=stays.record_keys, given_on__in=theirs).values_list(
        "given_on", flat=True
    )
    return [f"{day.day} {MONTHS[day.month - 1]} {day.year}" for day in islice(sorted(set(days)), SHOWN_DAYS)]


def _keep_allergies(patient: Patient, on: date, by) -> ClinicalFact | None:
    """Write the allergies of all records together, where the newest answer alone would lose one."""
    rows = ClinicalFact.objects.filter(patient__in=patient.record_keys, topic=Topic.ALLERGIES).newest_first()
    newest: dict[int, list | None] = {}
    for record, answer in rows.values_list("patient", "answer"):
        newest.setdefault(record, answer)
    held = rows.values_list("answer", flat=True).first()
    together = sorted(set().union(*(answer or () for answer in newest.values())))
    if set(together) == set(held or ()):
        return None
    return _write_allergies(patient, together, "Of both records, when they were merged", on, by)


def _give_back_allergies(patient: Patient, merged_row: int | None, on: date, by) -> None:
    """Take back what the merge wrote about allergies, unless somebody has answered since."""
    own = ClinicalFact.objects.filter(patient=patient, topic=Topic.ALLERGIES).newest_first()
    if merged_row is None or own.values_list("pk", flat=True).first() != merged_row:
        return
    before = own.filter(pk__lt=merged_row).values_list("answer", flat=True).first()
    _write_allergies(patient, before, "As before the records were merged", on, by)


def _write_allergies(patient: Patient, answer: list | None, note: str, on: date, by) -> ClinicalFact:
    return ClinicalFact.objects.create(
        patient=patient,
        topic=Topic.ALLERGIES,
        answer=clinical_facts.checked(Topic.ALLERGIES, answer),
        observed_on=on,
        note=note,
        recorded_by=by,
    )
