"""Makes the rows a test needs; each call says only what the test is about."""

from datetime import UTC, date, datetime, time
from itertools import count
from uuid import uuid4

from patients import services as patient_services
from patients.models import Clinic, Membership, Patient, Role, User
from regimens.facts import digest, facts_of
from regimens.models import Course, Plan
from regimens.protocol.intervals import months
from regimens.protocol.requests import Request as Asked
from regimens.services import clinical, injections, plans

numbers = count(1)

# What a patient without any special circumstance answers.
ORDINARY = {
    "neuro": "none",
    "neuro_at_presentation": False,
    "deficiency": "confirmed",
    "severe": False,
    "pancytopenia": False,
    "allergies": [],
    "anticoagulant": False,
    "renal": False,
    "dialysis": False,
    "pregnant": False,
    "bariatric": "none",
    "ileal_resection": "none",
    "crohns_ileal": False,
    "leber": False,
    "folic_acid": "none",
}


def now() -> datetime:
    """The moment that the test has set, or the real one."""
    return datetime.now(UTC)


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day, in UTC."""
    return datetime.combine(day, time(hour), UTC)


def a_clinic(name: str = "Northgate Surgery", **details) -> Clinic:
    """A clinic open on weekdays, in UTC unless told otherwise."""
    details = {"time_zone": "UTC", "letters_from": "00:00", "letters_until": "23:59", **details}
    return Clinic.objects.create(name=name, slug=f"clinic-{next(numbers)}", **details)


def a_member(clinic: Clinic, role: Role = Role.NURSE, username: str | None = None) -> User:
    """Somebody who works in a clinic."""
    user = User.objects.create_user(username or f"{role}-{next(numbers)}", password="a-good-long-password")
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def a_physician(clinic: Clinic) -> User:
    """A physician of a clinic; the same one each time."""
    found = User.objects.filter(memberships__clinic=clinic, memberships__role=Role.PHYSICIAN).first()
    return found or a_member(clinic, Role.PHYSICIAN)


def a_nurse(clinic: Clinic) -> User:
    """A nurse of a clinic; the same one each time."""
    found = User.objects.filter(memberships__clinic=clinic, memberships__role=Role.NURSE).first()
    return found or a_member(clinic, Role.NURSE)


def a_patient(
    clinic: Clinic | None = None, *, facts: dict | None = None, emailed: bool = True, **details
) -> Patient:
    """A patient of fifty with ordinary facts, who may be emailed."""
    clinic = clinic or a_clinic()
    number = next(numbers)
    details = {
        "family_name": "Example",
        "given_names": f"Pat{number}",
        "born_on": date(1970, 5, 4),
        "record_number": f"R{number}",
        "email": f"pat{number}@example.org",
        **details,
    }
    nurse = a_nurse(clinic)
    patient = patient_services.register_patient(clinic=clinic, registered_by=nurse, **details)
    if emailed:
        patient_services.confirm_email(patient=patient, confirmed_by=nurse)
        patient_services.record_email_consent(
            patient=patient, given=True, how="At the desk", recorded_by=nurse
        )
    clinical.record_facts(
        patient=patient,
        answers={**ORDINARY, **(facts or {})},
        observed_on=date(2020, 1, 1),
        now=now(),
        recorded_by=nurse,
    )
    patient.refresh_from_db()
    return patient


def a_proposal(patient: Patient, starts_on: date, **asked) -> Plan:
    """A plan as the protocol proposes it, unsigned."""
    details = {
        name: asked.pop(name)
        for name in ("treated_since_on", "last_dose_unknown", "reason", "tests_b12")
        if name in asked
    }
    return plans.propose_plan(
        patient=patient,
        asked=Asked(**asked),
        starts_on=starts_on,
        now=now(),
        proposed_by=a_physician(patient.clinic),
        **details,
    )


def a_signature(plan: Plan, interval=None, note: str = "As proposed") -> Plan:
    """The plan, signed by a physician of the clinic."""
    patient = plan.course.patient
    today = patient.clinic.day_of(now())
    if interval is None and not plan.interval_chosen:
        interval = months(3)
    return plans.sign_plan(
        plan=plan,
        facts_digest=digest(facts_of(Patient.objects.get(pk=patient.pk), today)),
        interval=interval,
        acknowledged=tuple(found["code"] for found in plan.recommendation["findings"]),
        note=note,
        now=now(),
        signed_by=a_physician(patient.clinic),
    )


def a_course(
    patient: Patient | None = None, *, starts_on: date, interval=None, facts=None, **asked
) -> Course:
    """A course under a signed plan."""
    patient = patient or a_patient(facts=facts)
    plan = a_signature(a_proposal(patient, starts_on, **asked), interval)
    return Course.objects.select_related("patient", "clinic").get(pk=plan.course_id)


def given(on: date, **details) -> injections.Given:
    """What a nurse says of an ordinary dose."""
    details = {
        "given_on": on,
        "product": "HYDROXOCOBALAMIN",
        "micrograms": 1000,
        "route": "IM",
        "site": "DELTOID_L",
        "lot": "LOT1",
        "expires_on": date(on.year + 2, 1, 1),
        "identity_confirmed": True,
        "questions_asked": True,
        "observed_minutes": 15,
        **details,
    }
    return injections.Given(**details)


def an_injection(course: Course, on: date, token=None, recorded_by=None, **details):
    """A recorded dose."""
    return injections.record_injection(
        patient=Patient.objects.get(pk=course.patient_id),
        given=given(on, **details),
        token=token or uuid4(),
        now=now(),
        recorded_by=recorded_by or a_nurse(course.clinic),
    )
