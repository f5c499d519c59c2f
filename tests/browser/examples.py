"""Rows that the demo does not have, written beside it before the program starts.

`manage.py shell -v0 -c "from tests.browser.examples import add; add()"`, in the environment of the demo.
"""

from uuid import uuid4

from config.demo.accounts import DEMO_PASSWORD
from patients.models import Clinic, Role, User
from regimens.protocol.intervals import months
from regimens.services.blood_samples import take_blood
from regimens.services.injections import record_injection
from tests.factories import a_clinic, a_course, a_member, a_patient, a_proposal, given, now

EMPTY = "empty-"  # stands before the role of somebody who works in a clinic without patients


def add() -> None:
    """Add a dose of today, blood whose result is not back, a proposal beside a signed plan, and a clinic without patients.

    Prints the address of the patient.
    """
    clinic = Clinic.objects.first()
    nurse, today = User.objects.get(username="nurse"), clinic.day_of(now())
    patient = a_patient(clinic, family_name="Injected", given_names="Today")
    a_course(patient, starts_on=today)
    record_injection(patient=patient, given=given(today), token=uuid4(), now=now(), recorded_by=nurse)
    take_blood(patient=patient, taken_on=today, now=now(), recorded_by=nurse)
    a_proposal(patient, today, interval=months(2))
    print(patient.get_absolute_url())
    nobody = a_clinic("Newly Opened Surgery")
    for role in Role:
        person = a_member(nobody, role, f"{EMPTY}{role}")
        person.set_password(DEMO_PASSWORD)
        person.save()
