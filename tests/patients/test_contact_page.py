"""Registering a patient, changing names and contact, consent to email, through the pages."""

from datetime import date

import pytest
from django.urls import reverse

from patients import services
from patients.models import AuditEntry, EmailConsent, Patient, Role
from regimens.protocol.intervals import months
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
MAY = [Role.RECEPTION, Role.NURSE, Role.PHYSICIAN, Role.MANAGER]
ZOE = {
    "family_name": "O’Brien",
    "given_names": "Zoë",
    "born_on_day": "14",
    "born_on_month": "jul",
    "born_on_year": "1945",
    "sex": "female",
    "record_number": "N-77",
    "national_id_system": "nhs",
    "national_id": "943 476 5919",
    "phone": "01632 960000",
    "email": "zoe@example.org",
    "language": "en",
    "contact_note": "",
}


@pytest.fixture
def clinic(today_is):
    today_is(TODAY)
    return a_clinic()


@pytest.fixture
def nurse(client, clinic):
    client.force_login(a_nurse(clinic))
    return client


def register(client, **changed):
    return client.post("/patients/new/", {**ZOE, **changed})


def errors(response) -> dict:
    assert response.status_code == 422
    return response.context["form"].errors


@pytest.mark.parametrize("role", MAY)
def test_a_patient_is_registered(client, clinic, role):
    client.force_login(a_member(clinic, role))
    response = register(client)
    patient = Patient.objects.get()
    assert response.url == patient.get_absolute_url()
    assert (patient.clinic, patient.born_on, patient.national_id) == (clinic, date(1945, 7, 14), "9434765919")
    assert list(Patient.objects.named([clinic.pk], "zoe")) == [patient]


def test_an_auditor_may_neither_register_nor_change(client, clinic):
    client.force_login(a_member(clinic, Role.AUDITOR))
    assert client.get("/patients/new/").status_code == 403
    assert register(client).status_code == 403
    patient = a_patient(clinic)
    assert client.get(reverse("edit_patient", args=[patient.pk])).status_code == 403


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"family_name": " "}, "family_name", "Enter the family name."),
        ({"born_on_day": "31", "born_on_month": "2"}, "born_on", "does not exist"),
        ({"born_on_year": "2027"}, "born_on", "has not come yet"),
        ({"sex": ""}, "sex", "Not known"),
        ({"record_number": ""}, "record_number", "Enter the record number."),
        ({"record_number": "a b"}, "record_number", "Letters, digits"),
        ({"national_id": "943 476 5918"}, "national_id", "not a valid NHS number"),
        ({"national_id": ""}, "national_id", "Enter the number"),
        ({"national_id_system": ""}, "national_id_system", "Choose which"),
        ({"email": "zoe"}, "email", "valid email"),
        ({"family_name": "x" * 81}, "family_name", "80"),
        ({"given_names": "a\x00b"}, "given_names", "Null characters"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_typed_is_lost(nurse, changed, field, says):
    response = register(nurse, **changed)
    assert says in str(errors(response)[field])
    assert 'value="01632 960000"' in response.content.decode()
    assert not Patient.objects.exists()


def shown(*patients) -> dict:
    """What the page sends back when somebody says that these are other persons."""
    return {"anyway": "on", "shown": ",".join(str(patient.pk) for patient in patients)}


def test_somebody_like_this_must_be_looked_at_first(nurse, clinic):
    known = a_patient(clinic, family_name="OBrien", given_names="Zoe", born_on=date(1945, 7, 14))
    response = register(nurse)
    assert "Is it the same person?" in str(errors(response)["__all__"])
    words = response.content.decode()
    assert "Is it this person?" in words
    assert f'href="{known.get_absolute_url()}">Open this patient' in words
    assert "Register as another person" in words
    assert 'value="01632 960000"' in words
    assert sent_by(response)["shown"] == str(known.pk)
    assert Patient.objects.count() == 1
    assert register(nurse, **shown(known)).status_code == 302
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    "sent", [{"anyway": "on"}, {"shown": "1"}, {"anyway": "on", "shown": "x,9" + "9" * 30}]
)
def test_nobody_is_another_person_than_one_who_was_not_shown(nurse, clinic, sent):
    a_patient(clinic, family_name="OBrien", given_names="Zoe", born_on=date(1945, 7, 14))
    assert (
        "Is it this person?" in register(nurse, **{**sent, "shown": sent.get("shown", "")}).content.decode()
    )
    assert Patient.objects.count() == 1


def test_somebody_registered_meanwhile_is_asked_about_too(nurse, clinic):
    first = a_patient(clinic, family_name="OBrien", given_names="Zoe", born_on=date(1945, 7, 14))
    register(nurse)
    second = a_patient(clinic, family_name="O'Brian", given_names="Zoe", born_on=date(1945, 7, 14))
    response = register(nurse, **shown(first))
    assert "Is it one of these?" in response.content.decode()
    assert sent_by(response)["shown"] == f"{first.pk},{second.pk}"


def test_those_who_may_be_the_same_come_with_their_last_visit(nurse, clinic, today_is):
    today_is(date(2026, 7, 1))
    course = a_course(
        a_patient(clinic, family_name="OBrien", given_names="Zoe", born_on=date(1945, 7, 14)),
        starts_on=date(2026, 7, 1),
        interval=months(3),
    )
    an_injection(course, date(2026, 7, 1))
    a_patient(clinic, family_name="Else", national_id_system="nhs", national_id="9434765919")
    today_is(TODAY)
    words = register(nurse).content.decode()
    assert "01-Jul-2026" in words
    assert ">Never<" in words


def test_a_merged_record_points_at_the_one_that_stays(nurse, clinic):
    old = a_patient(clinic, family_name="OBrien", given_names="Zoe", born_on=date(1945, 7, 14))
    stays = a_patient(clinic, family_name="Married", given_names="Zoe")
    Patient.objects.filter(pk=old.pk).update(merged_into=stays)
    words = register(nurse).content.decode()
    assert "MARRIED, Zoe" in words
    assert old.get_absolute_url() not in words


def test_one_of_the_same_name_born_another_day_is_somebody_else(nurse, clinic):
    a_patient(clinic, family_name="O’Brien", given_names="Zoë", born_on=date(1946, 7, 14))
    assert register(nurse).status_code == 302


def test_a_number_in_use_is_refused_whatever_is_ticked(nurse, clinic):
    a_patient(clinic, family_name="Else", record_number="N-77")
    assert "has this record number" in str(errors(register(nurse))["record_number"])
    same = a_patient(clinic, family_name="Else", national_id_system="nhs", national_id="9434765919")
    response = register(nurse, record_number="N-78")
    assert "Is it this person?" in response.content.decode()
    response = register(nurse, record_number="N-78", **shown(same))
    assert "has this national identifier" in str(errors(response)["national_id"])


def test_another_clinic_may_have_the_same_person(nurse):
    a_patient(
        a_clinic("Elsewhere"),
        family_name="O’Brien",
        given_names="Zoë",
        born_on=date(1945, 7, 14),
        record_number="N-77",
    )
    assert register(nurse).status_code == 302


@pytest.fixture
def zoe(clinic):
    return services.register_patient(
        clinic=clinic,
        registered_by=a_nurse(clinic),
        family_name="O’Brien",
        born_on=date(1945, 7, 14),
        record_number="N-77",
        email="zoe@example.org",
    )


def edit(client, patient, **changed):
    address = reverse("edit_patient", args=[patient.pk])
    return client.post(address, {**sent_by(client.get(address)), **changed})


@pytest.mark.parametrize("role", MAY)
def test_names_and_contact_are_changed(client, clinic, zoe, role):
    client.force_login(a_member(clinic, role))
    assert edit(client, zoe, family_name="Smith", phone="01632 960001").url == zoe.get_absolute_url()
    zoe.refresh_from_db()
    assert (zoe.family_name, zoe.phone, zoe.version) == ("Smith", "01632 960001", 2)
    assert list(Patient.objects.named([clinic.pk], "smi")) == [zoe]
    assert AuditEntry.objects.filter(patient=zoe, act="changed contact").exists()


def test_a_patient_of_another_clinic_is_not_there(client, zoe):
    client.force_login(a_nurse(a_clinic("Elsewhere")))
    for name in ("edit_patient", "record_email_consent", "confirm_email"):
        address = reverse(name, args=[zoe.pk])
        assert (
            client.post(address, {"given": "yes", "how": "x", "email": "zoe@example.org"}).status_code == 404
        )
    assert not EmailConsent.objects.exists()


def test_a_stale_form_is_refused_shows_both_and_can_be_saved_after_a_look(nurse, clinic, zoe):
    address = reverse("edit_patient", args=[zoe.pk])
    opened = sent_by(nurse.get(address))
    services.change_contact(patient=zoe, version=1, changed_by=a_nurse(clinic), phone="07700 900123")
    response = nurse.post(address, {**opened, "given_names": "Zoë", "phone": "01632 960999"})
    assert response.status_code == 422
    words = response.content.decode()
    assert "Somebody changed this record" in words
    assert "On record now, and not what you typed" in words
    assert "07700 900123" in words
    assert 'value="01632 960999"' in words
    zoe.refresh_from_db()
    assert zoe.phone == "07700 900123"
    assert nurse.post(address, {**sent_by(response), "phone": "01632 960999"}).status_code == 302
    zoe.refresh_from_db()
    assert (zoe.phone, zoe.given_names) == ("01632 960999", "Zoë")


def test_the_banner_goes_on_showing_the_name_on_record_while_a_form_is_refused(nurse, zoe):
    words = edit(nurse, zoe, family_name="Wrong", record_number="a b").content.decode()
    assert "O’BRIEN" in words.split("<main")[0]
    assert "WRONG" not in words.split("<main")[0]


def test_reception_sees_no_allergies(client, clinic, zoe):
    client.force_login(a_member(clinic, Role.RECEPTION))
    assert "Allergies" not in client.get(reverse("edit_patient", args=[zoe.pk])).content.decode()


def test_consent_to_email_is_kept_with_its_history(nurse, zoe):
    address = reverse("record_email_consent", args=[zoe.pk])
    nurse.post(address, {"given": "yes", "how": "At the desk"})
    zoe.refresh_from_db()
    assert zoe.email_consented
    nurse.post(address, {"given": "no", "how": "By phone"})
    zoe.refresh_from_db()
    assert not zoe.email_consented
    words = nurse.get(reverse("edit_patient", args=[zoe.pk])).content.decode()
    assert words.index("Does not agree to email: By phone") < words.index("Agrees to email: At the desk")


@pytest.mark.parametrize("sent", [{}, {"given": "yes"}, {"given": "perhaps", "how": "x"}])
def test_half_an_answer_about_email_is_refused(nurse, zoe, sent):
    response = nurse.post(reverse("record_email_consent", args=[zoe.pk]), sent)
    assert response.status_code == 422
    assert "field-error" in response.content.decode()
    assert not EmailConsent.objects.exists()


def test_an_address_is_confirmed_and_a_changed_one_must_be_confirmed_again(nurse, zoe):
    address = reverse("confirm_email", args=[zoe.pk])
    assert nurse.post(address, {"email": "other@example.org"}).status_code == 422
    zoe.refresh_from_db()
    assert zoe.email_confirmed_at is None
    assert nurse.post(address, {"email": "zoe@example.org"}).status_code == 302
    zoe.refresh_from_db()
    assert zoe.email_confirmed_at is not None
    edit(nurse, zoe, email="new@example.org")
    zoe.refresh_from_db()
    assert zoe.email_confirmed_at is None


def test_looking_at_a_patient_is_written_down(nurse, zoe):
    nurse.get(reverse("edit_patient", args=[zoe.pk]))
    assert AuditEntry.objects.filter(patient=zoe, act="opened", detail={"page": "edit_patient"}).count() == 1
