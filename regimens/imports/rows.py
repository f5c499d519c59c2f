"""The rows of one imported patient, not yet written."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db import models

from patients.models import AuditEntry, Clinic, ClinicalFact, EmailConsent, NameKey, Patient
from regimens.imports.checking import NewPatient
from regimens.imports.proposals import Proposed
from regimens.models import Injection, Request
from regimens.protocol.entries import Product, Route
from regimens.services.in_bulk import Row

HOW = "From the imported list"
DOSE = {"product": Product.HYDROXOCOBALAMIN, "micrograms": 1000, "route": Route.IM}


def patient_row(new: NewPatient, clinic: Clinic, imported_by) -> Patient:
    """Give the patient; one who moved was handed over before the list was made."""
    confirmed_on = new.email_confirmed_on
    return Patient(
        clinic=clinic,
        status=new.status,
        status_on=new.status_on,
        handover_confirmed_on=new.status_on if new.status == Patient.Status.TRANSFERRED else None,
        email_consented=bool(new.email_consent),
        # The list dates it by the day only.
        email_confirmed_at=datetime.combine(confirmed_on, time(12), clinic.zone) if confirmed_on else None,
        registered_by=imported_by,
        **new.contact,
    )


def rows_of(
    patient: Patient, new: NewPatient, decided: Proposed, today: date, imported_by
) -> Iterator[models.Model | Row]:
    """Yield every row of one patient: keys, consent, facts, course, unsigned plan, doses given before, audit."""
    clinic = patient.clinic
    yield patient
    yield from (Row(NameKey, patient=patient, clinic=clinic, key=key) for key in sorted(patient.name_keys()))
    if new.email_consent is not None:
        yield Row(EmailConsent, patient=patient, given=new.email_consent, how=HOW, recorded_by=imported_by)
    for topic, answer in new.answers.items():
        said = {"topic": topic, "answer": answer, "observed_on": new.facts_on, "note": HOW}
        yield Row(ClinicalFact, patient=patient, recorded_by=imported_by, **said)
    if decided.course:
        decided.course.patient, decided.course.clinic = patient, clinic
        decided.course.opened_by = decided.plan.proposed_by = imported_by
        yield decided.course
        yield decided.plan
    elif new.is_treated:
        yield Row(
            Request,
            patient=patient,
            clinic=clinic,
            kind=Request.Kind.HOLD,
            codes=list(decided.blocked),
            text="Imported as under treatment; the protocol proposes no plan.",
            raised_on=today,
            raised_by=imported_by,
        )
    dose = {
        "source": Injection.Source.IMPORTED,
        "source_name": new.doses_from,
        "recorded_by": imported_by,
        **DOSE,
    }
    for day in new.doses:
        yield Row(Injection, patient=patient, course=decided.course, given_on=day, **dose)
    yield Row(AuditEntry, actor=imported_by, clinic=clinic, patient=patient, act="imported")
