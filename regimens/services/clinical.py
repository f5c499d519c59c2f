"""What is learnt of a patient and can move a date: clinical facts, results, symptom reports."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit, clinical_facts
from patients.models import ClinicalFact, Patient, Result, SymptomReport
from patients.models.symptoms import NEUROLOGICAL, SYMPTOMS, Change
from patients.refusals import NotAllowed, require
from regimens.models import Course, Request
from regimens.protocol import units
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request

SENT_BEFORE = "This form was sent before with other content. Open the page again to see what was recorded."


@transaction.atomic
def record_facts(
    *, patient: Patient, answers: dict[str, object], observed_on: date, now: datetime, recorded_by
) -> list[ClinicalFact]:
    """Write the answers, one row a topic; an answer equal to the one that holds writes nothing."""
    require(recorded_by, "patients.record_clinical", patient)
    lock = lock_patient(patient)
    must_have_come(observed_on, lock.patient, now, "observed_on")
    held = latest_answers(lock.patient)
    rows = []
    for topic, answer in answers.items():
        try:
            answer = clinical_facts.checked(topic, answer)
        except ValidationError as error:
            raise NotAllowed(error.messages[0], field=topic) from error
        if topic in held and held[topic] == answer:
            continue
        rows.append(
            ClinicalFact(
                patient=patient, topic=topic, answer=answer, observed_on=observed_on, recorded_by=recorded_by
            )
        )
    ClinicalFact.objects.bulk_create(rows)
    if rows:
        refresh_outlook(lock)
        audit.record(recorded_by, "recorded facts", patient=patient, topics=[row.topic for row in rows])
    return rows


def latest_answers(patient: Patient) -> dict[str, object]:
    """Give {topic: answer} that hold now; one query."""
    rows = (
        ClinicalFact.objects.filter(patient__in=patient.record_keys)
        .newest_first()
        .values_list("topic", "answer")
    )
    held: dict[str, object] = {}
    for topic, answer in rows:
        held.setdefault(topic, answer)
    return held


@transaction.atomic
def record_results(
    *, patient: Patient, collected_on: date, lab: str = "", values: list[dict], now: datetime, recorded_by
) -> list[Result]:
    """Write a panel. Each value: analyte, value, unit, comparator, range_low, range_high, confirmed.

    Refuses a value without a unit or outside its hard limits, and asks for a second look (confirmed) at one
    outside its soft limits (rules.md section 5).
    """
    require(recorded_by, "patients.record_clinical", patient)
    lock = lock_patient(patient)
    must_have_come(collected_on, lock.patient, now, "collected_on")
    rows = [
        _result(value, patient=patient, collected_on=collected_on, lab=lab, recorded_by=recorded_by)
        for value in values
    ]
    if not rows:
        raise NotAllowed("Enter at least one value.")
    try:
        with transaction.atomic():
            for row in rows:
                row.save(force_insert=True)
    except IntegrityError as error:
        raise NotAllowed("One of these results has been entered already for this day.") from error
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded results", patient=patient, results=[row.pk for row in rows])
    return rows


def _result(value: dict, **common) -> Result:
    """Build one row, or refuse it at its field, named by its analyte."""
    analyte = value["analyte"]
    try:
        read = units.convert(
            analyte, value["value"], value.get("unit") or None, value.get("comparator") or None
        )
    except units.Refused as refusal:
        raise NotAllowed(str(refusal), field=analyte, code="B-LAB-IMPLAUSIBLE") from refusal
    if read.needs_confirming and not value.get("confirmed"):
        raise NotAllowed(
            f"{value['value']} {value['unit']} is unusual. Check it against the report and confirm.",
            field=analyte,
        )
    return Result(**{key: value[key] for key in value if value[key] is not None}, **common)


@transaction.atomic
def void_result(*, result: Result, voided_by, reason: str) -> None:
    """Mark a result as wrong. It stays visible."""
    require(voided_by, "patients.record_clinical", result.patient)
    lock = lock_patient(result.patient, merged=True)
    void(result, voided_by=voided_by, reason=reason)
    refresh_outlook(lock)
    audit.record(voided_by, "voided result", patient=result.patient, result=result.pk)


@transaction.atomic
def record_symptoms(
    *,
    patient: Patient,
    reported_on: date,
    now: datetime,
    recorded_by,
    note: str = "",
    token: UUID | None = None,
    **symptoms,
) -> SymptomReport:
    """Write a symptom review. Paraesthesia, gait or cognition new or worse asks a physician the same day (R-26).

    token: of the form it was written on; sent again, it gives the report that it wrote, or refuses other answers.
    """
    if recorded_by is not None:
        require(recorded_by, "patients.record_clinical", patient)
    lock = lock_patient(patient)
    said = {"patient_id": patient.pk, "reported_on": reported_on, "note": note, **symptoms}
    if before := SymptomReport.objects.filter(request_token=token).first() if token else None:
        if not before.voided_at and all(getattr(before, name) == value for name, value in said.items()):
            return before
        raise NotAllowed(SENT_BEFORE)
    must_have_come(reported_on, lock.patient, now, "reported_on")
    strange = set(symptoms) - set(SYMPTOMS)
    if strange:
        raise TypeError(f"not symptoms: {sorted(strange)}")
    returned = any(symptoms.get(name) in (Change.WORSE, Change.NEW) for name in NEUROLOGICAL)
    report = SymptomReport.objects.create(
        patient=patient,
        reported_on=reported_on,
        note=note,
        neurological_return=returned,
        recorded_by=recorded_by,
        request_token=token,
        **symptoms,
    )
    if returned:
        raise_request(
            lock,
            kind=Request.Kind.SYMPTOMS,
            codes=["A-SYMPTOM-RETURN"],
            same_day=True,
            symptom_report=report,
            raised_on=reported_on,
            raised_by=recorded_by,
        )
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded symptoms", patient=patient, report=report.pk)
    return report


@transaction.atomic
def void_symptoms(*, report: SymptomReport, voided_by, reason: str) -> None:
    """Mark a symptom report as wrong. It stays visible, and what a physician was asked about it waits for them."""
    require(voided_by, "patients.record_clinical", report.patient)
    lock = lock_patient(report.patient, merged=True)
    void(report, voided_by=voided_by, reason=reason)
    refresh_outlook(lock)
    audit.record(voided_by, "voided symptoms", patient=lock.patient, report=report.pk)


def void(row, *, voided_by, reason: str) -> None:
    """Set the void columns of a standing row, once; the test is inside the UPDATE."""
    if not reason.strip():
        raise NotAllowed("Say why this record is wrong.", field="reason")
    voided = (
        type(row)
        .objects.filter(pk=row.pk, voided_at=None)
        .update(voided_at=Now(), voided_by=voided_by, void_reason=reason.strip())
    )
    if not voided:
        raise NotAllowed("This record has been voided already.")


def must_have_come(day: date, patient: Patient, now: datetime, field: str) -> None:
    """Refuse a day that has not come yet in the clinic's time zone, or before the patient's birth."""
    if day > patient.clinic.day_of(now):
        raise NotAllowed("This day has not come yet.", field=field, code="B-FUTURE-DATE")
    if day < patient.born_on:
        raise NotAllowed("This day is before the patient was born.", field=field)


def open_course(patient: Patient) -> Course | None:
    """Give the patient's open course, if there is one."""
    return Course.objects.open().filter(patient=patient).first()
