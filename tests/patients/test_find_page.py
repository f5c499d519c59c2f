"""Finding a patient through the page, and choosing the clinic to work in."""

from datetime import date

import pytest

from patients.models import Membership, Patient, Role
from tests.factories import a_clinic, a_member, a_nurse, a_patient

pytestmark = pytest.mark.django_db

BIRTH = date(1945, 7, 14)


@pytest.fixture
def clinic(today_is):
    today_is(date(2026, 7, 14))
    return a_clinic()


@pytest.fixture
def nurse(client, clinic):
    client.force_login(a_nurse(clinic))
    return client


def find(client, typed: str):
    return client.post("/find/", {"q": typed}, follow=True)


def test_exactly_one_patient_opens_at_once(nurse, clinic):
    patient = a_patient(clinic, family_name="O’Brien", born_on=BIRTH)
    a_patient(clinic, family_name="Another")
    for typed in ("obr", "14/7/1945", patient.record_number):
        assert nurse.post("/find/", {"q": typed}).url == patient.get_absolute_url()


def test_several_are_listed_and_what_was_typed_stays_out_of_the_address(nurse, clinic):
    for given in ("Ann", "Mary"):
        a_patient(clinic, family_name="Smith", given_names=given, born_on=BIRTH)
    page = find(nurse, "smi")
    assert page.redirect_chain == [("/find/", 302)]
    words = page.content.decode()
    assert words.index("SMITH, Ann") < words.index("SMITH, Mary")
    assert "Born 14-Jul-1945 (81y)" in words
    assert 'value="smi"' in words


def test_names_alike_are_marked(nurse, clinic):
    for family in ("Smith", "Smyth", "Smalls"):
        a_patient(clinic, family_name=family, given_names="John")
    page = find(nurse, "s")
    assert "Two patients are named similarly." in page.content.decode()
    assert page.content.decode().count("Similar name</span>") == 2


def test_the_only_one_found_comes_with_a_warning_when_somebody_else_could_be_meant(nurse, clinic):
    a_patient(clinic, family_name="Smith", given_names="John")
    a_patient(clinic, family_name="Smyth", given_names="John")
    words = find(nurse, "smith").content.decode()
    assert "Two patients are named similarly" in words
    assert "Smyth" not in words


def test_nobody_found_says_what_to_try(nurse, clinic):
    words = find(nurse, "nobody").content.decode()
    assert "Nobody found" in words
    assert "Try fewer letters" in words


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "'", "x" * 500, "%", "😀", "9" * 40])
def test_whatever_is_typed_the_page_answers(nurse, clinic, typed):
    a_patient(clinic)
    assert find(nurse, typed).status_code == 200


@pytest.mark.parametrize("key", ["x", "0", "-1", "9" * 30, "1%00"])
def test_a_step_from_nobody_shows_the_beginning(nurse, clinic, key):
    for given in ("Ann", "Mary"):
        a_patient(clinic, family_name="Smith", given_names=given)
    find(nurse, "smi")
    assert "SMITH, Ann" in nurse.get(f"/find/?after={key}").content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_finds_names_and_dates(client, clinic, role):
    for given in ("Ann", "Mary"):
        a_patient(clinic, family_name="Smith", given_names=given)
    client.force_login(a_member(clinic, role))
    assert "SMITH, Mary" in find(client, "smith").content.decode()


def test_an_auditor_is_not_offered_to_register(client, clinic):
    client.force_login(a_member(clinic, Role.AUDITOR))
    assert "Register a new patient" not in find(client, "x").content.decode()


def test_a_patient_of_another_clinic_is_not_found(nurse):
    a_patient(a_clinic("Elsewhere"), family_name="Hidden")
    assert "Nobody found" in find(nurse, "hidden").content.decode()


def test_a_clinic_can_be_chosen_and_only_one_of_ones_own(client, clinic):
    nurse, second, foreign = a_nurse(clinic), a_clinic("Second"), a_clinic("Foreign")
    Membership.objects.create(user=nurse, clinic=second, role=Role.NURSE)
    a_patient(second, family_name="There", given_names="A")
    a_patient(second, family_name="There", given_names="B")
    client.force_login(nurse)
    assert "Nobody found" in find(client, "there").content.decode()
    for chosen in (foreign.pk, "x", ""):
        client.post("/clinic/", {"clinic": chosen})
        assert "Nobody found" in find(client, "there").content.decode()
    client.post("/clinic/", {"clinic": second.pk})
    assert "THERE, A" in find(client, "there").content.decode()
    assert client.get("/clinic/").status_code == 405
    assert Patient.objects.filter(family_name="There").count() == 2


def while_typing(client, typed: str) -> str:
    """What appears under the box."""
    answer = client.post("/find/", {"q": typed}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_first_few_appear_while_one_types(nurse, clinic):
    for number in range(10):
        a_patient(
            clinic, family_name="Smith", given_names=f"{'abcdefghij'[number]}nn{number}{number}{number}"
        )
    words = while_typing(nurse, "smi")
    assert words.count("<li>") == 8
    assert "There are more" in words
    assert "<html" not in words
    assert "typed_to_find" not in nurse.session
    assert "Nobody found yet" in while_typing(nurse, "nobody")
    assert "<" not in while_typing(nurse, "s").replace("<!--", "").strip()


def test_names_alike_are_marked_while_one_types(nurse, clinic):
    for family in ("Smith", "Smyth"):
        a_patient(clinic, family_name=family, given_names="John")
    words = while_typing(nurse, "john")
    assert "Two patients are named similarly." in words
    assert words.count("Similar name</span>") == 2


def test_what_is_typed_costs_the_same_few_queries(nurse, clinic, django_assert_max_num_queries):
    for number in range(30):
        a_patient(clinic, family_name="Smith", given_names=f"Ann{number}", born_on=BIRTH)
    for typed in ("smi", "14/7/1945 smi", "943 476 5919", "smith ann1 ann2"):
        with django_assert_max_num_queries(8):
            while_typing(nurse, typed)


def test_the_box_stands_on_every_page_and_sends_what_is_typed_in_the_body(nurse, clinic):
    for address in ("/", "/find/", a_patient(clinic).get_absolute_url()):
        words = nurse.get(address, follow=True).content.decode()
        assert 'data-hx-post="/find/"' in words
        assert 'id="found"' in words
