"""Results through their page: units, comparators, implausible and doubtful values, what the protocol reads in them."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from patients.models import Result, Role
from regimens.protocol.intervals import months
from regimens.protocol.units import ANALYTES, Analyte
from regimens.services import clinical
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, now

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
HEAD = {"collected_on_day": "10", "collected_on_month": "7", "collected_on_year": "2026", "lab": "City Lab"}


@pytest.fixture
def clinic(today_is):
    today_is(TODAY)
    return a_clinic()


@pytest.fixture
def patient(clinic):
    return a_patient(clinic)


@pytest.fixture
def nurse(client, clinic):
    client.force_login(a_nurse(clinic))
    return client


def page(patient) -> str:
    return reverse("record_results", args=[patient.pk])


def send(client, patient, **values):
    return client.post(page(patient), {**HEAD, **values})


def seen(client, patient) -> str:
    main = client.get(page(patient)).content.decode().split("On record")[1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def test_every_analyte_takes_its_units_and_none_by_itself(nurse, patient):
    form = nurse.get(page(patient)).context["form"]
    for analyte in Analyte:
        field = form.fields[f"{analyte}_unit"]
        assert field.initial is None
        assert [value for value, _label in field.choices] == [
            "",
            *(unit.name for unit in ANALYTES[analyte].units),
        ]


def test_a_whole_panel_is_entered_at_once_and_echoed_in_the_protocols_unit(nurse, patient):
    response = send(
        nurse,
        patient,
        B12="180",
        B12_unit="ng/L",
        B12_low="211",
        B12_high="911",
        HB="12.5",
        HB_unit="g/dL",
        PLT="210",
        PLT_unit="10^9/L",
        HCY="8.1",
        HCY_unit="umol/L",
        HCY_comparator="<",
    )
    assert response.status_code == 302
    assert Result.objects.count() == 4
    words = seen(nurse, patient)
    assert "180 ng/L = 132.8 pmol/L" in words
    assert "Its range 211 to 911" in words
    assert "12.5 g/dL = 125.0 g/L" in words
    assert "<8.1 umol/L same unit" in words
    assert Result.objects.get(analyte="B12").range_high == 911


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"B12": "180"}, "B12_unit", "Choose the unit printed on the report. The number would fit pg/mL."),
        ({"B12": "180", "B12_unit": "g/L"}, "B12_unit", "valid choice"),
        ({"HB": "12.5", "HB_unit": "g/L"}, "HB", "not possible. The number would fit g/dL."),
        ({"PLT": "45000", "PLT_unit": "10^9/L"}, "PLT", "would fit /uL"),
        ({"K": "-1", "K_unit": "mmol/L"}, "K", "not possible"),
        ({"K": "four", "K_unit": "mmol/L"}, "K", "Write the number as printed"),
        ({"K": "NaN", "K_unit": "mmol/L"}, "K", "Write the number as printed"),
        ({"K": "4.12345", "K_unit": "mmol/L"}, "K", "decimal places"),
        ({"K_unit": "mmol/L"}, "K", "Enter the value"),
        ({"K": "4", "K_unit": "mmol/L", "K_low": "5", "K_high": "3"}, "K_high", "ends above"),
        ({"K": "4", "K_unit": "mmol/L", "K_comparator": "~"}, "K_comparator", "valid choice"),
        ({}, "__all__", "at least one value"),
        ({"K": "4", "K_unit": "mmol/L", "lab": ""}, "lab", "laboratory"),
        ({"K": "4", "K_unit": "mmol/L", "collected_on_day": ""}, "collected_on", "day"),
        ({"K": "4", "K_unit": "mmol/L", "collected_on_day": "15"}, "collected_on", "not come yet"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(nurse, patient, values, field, says):
    response = send(nurse, patient, **values)
    assert response.status_code == 422
    assert says in html.unescape(str(response.context["form"].errors[field]))
    assert not Result.objects.exists()


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(nurse, patient):
    response = send(nurse, patient, HB="12.5", HB_unit="g/L", PLT="45", MCV="99", MCV_unit="fL")
    assert {"HB", "PLT_unit"} <= set(response.context["form"].errors)
    assert 'value="99"' in response.content.decode()


def test_a_doubtful_value_asks_for_a_tick_at_its_field(nurse, patient):
    doubtful = {"HCY": "60", "HCY_unit": "umol/L"}
    assert "HCY_confirmed" not in nurse.get(page(patient)).content.decode()
    response = send(nurse, patient, **doubtful)
    assert "60 umol/L is unusual." in str(response.context["form"].errors["HCY_confirmed"])
    assert 'name="HCY_confirmed"' in response.content.decode()
    assert 'name="K_confirmed"' not in response.content.decode()
    assert send(nurse, patient, **doubtful, HCY_confirmed="on").status_code == 302
    assert Result.objects.get().confirmed


def test_the_same_result_is_entered_once(nurse, patient):
    values = {"K": "4", "K_unit": "mmol/L"}
    assert send(nurse, patient, **values).status_code == 302
    assert "entered already" in str(send(nurse, patient, **values).context["form"].errors["__all__"])
    assert Result.objects.count() == 1


def test_before_treatment_b12_has_a_band_and_on_treatment_none_and_never_green(nurse, clinic, today_is):
    today_is(date(2026, 7, 2))
    course = a_course(a_patient(clinic), starts_on=date(2026, 7, 2), interval=months(3))
    send(nurse, course.patient, collected_on_day="1", B12="150", B12_unit="ng/L")
    assert "Before treatment: deficient" in seen(nurse, course.patient)
    an_injection(course, date(2026, 7, 2))
    today_is(TODAY)
    send(nurse, course.patient, collected_on_day="14", B12="900", B12_unit="ng/L")
    words = seen(nurse, course.patient)
    assert "W-B12-POSTDOSE" in words
    assert "W-B12-HIGH-EXPECTED" in words
    assert words.count("Before treatment") == 1  # still said of the first, and of no other
    assert "tone-good" not in nurse.get(page(course.patient)).content.decode()


def test_treatment_elsewhere_is_treatment(nurse, clinic):
    patient = a_patient(clinic, facts={"prior_treatment": "2019-05-01"})
    send(nurse, patient, B12="900", B12_unit="ng/L")
    words = seen(nurse, patient)
    assert "W-B12-HIGH-EXPECTED" in words
    assert "Before treatment" not in words


def test_homocysteine_is_read_with_the_kidneys_of_its_day(nurse, patient):
    send(nurse, patient, EGFR="45", EGFR_unit="mL/min/1.73 m2", HCY="12", HCY_unit="umol/L")
    words = seen(nurse, patient)
    assert "W-HCY-ABOVE-TARGET" in words
    assert "W-RENAL-HCY" in words


def test_folate_prompts_for_b12_first(nurse, patient):
    send(nurse, patient, FOLATE="4", FOLATE_unit="nmol/L", FOLATE_low="7")
    assert "B-FOLATE-BEFORE-B12" in seen(nurse, patient)


def test_a_wrong_result_is_voided_with_a_reason_and_stays_visible(nurse, patient):
    send(nurse, patient, K="4", K_unit="mmol/L")
    address = reverse("void_result", args=[patient.pk, Result.objects.get().pk])
    assert nurse.post(address, {"reason": " "}).status_code == 422
    assert nurse.post(address, {"reason": "Other patient's report"}).status_code == 302
    assert Result.objects.get().voided_at is not None
    words = seen(nurse, patient)
    assert "Other patient's report" in words
    assert "<del>" in nurse.get(page(patient)).content.decode()
    assert nurse.post(address, {"reason": "Again"}).status_code == 422


def test_a_result_of_another_patient_is_not_voided_from_here(nurse, clinic, patient):
    other = a_patient(clinic)
    send(nurse, other, K="4", K_unit="mmol/L")
    address = reverse("void_result", args=[patient.pk, Result.objects.get().pk])
    assert nurse.post(address, {"reason": "Wrong"}).status_code == 404
    assert Result.objects.get().voided_at is None


def test_an_auditor_reads_results_and_changes_none(client, clinic, patient):
    client.force_login(a_nurse(clinic))
    send(client, patient, K="4", K_unit="mmol/L")
    client.force_login(a_member(clinic, Role.AUDITOR))
    assert "4 mmol/L" in seen(client, patient)
    assert '<form method="post" novalidate>' not in client.get(page(patient)).content.decode()
    assert send(client, patient, K="5", K_unit="mmol/L").status_code == 403
    address = reverse("void_result", args=[patient.pk, Result.objects.get().pk])
    assert client.post(address, {"reason": "x"}).status_code == 403


def test_years_of_results_are_stepped_through_with_the_same_queries(
    nurse, clinic, patient, django_assert_max_num_queries
):
    for days in range(0, 120, 2):
        clinical.record_results(
            patient=patient,
            collected_on=TODAY - timedelta(days=days),
            lab="Lab",
            values=[{"analyte": "K", "value": 4, "unit": "mmol/L"}],
            now=now(),
            recorded_by=a_nurse(clinic),
        )
    with django_assert_max_num_queries(25):
        response = nurse.get(page(patient))
    assert len(response.context["results"]) == 50
    assert len(nurse.get(page(patient) + response.context["later_url"]).context["results"]) == 10


def echo(client, patient, analyte, **typed) -> str:
    response = client.post(reverse("echo_result", args=[patient.pk, analyte]), {**HEAD, **typed})
    assert response.status_code == 200
    words = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words).strip()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"B12": "180", "B12_unit": "ng/L"}, "180 ng/L = 132.8 pmol/L"),
        ({"B12": "<150", "B12_unit": "ng/L"}, "<150 ng/L = <110.7 pmol/L"),
        ({"B12": "0.18", "B12_unit": "ng/mL"}, "0.18 ng/mL = 132.8 pmol/L"),
        ({"B12": "133", "B12_unit": "pmol/L"}, "133 pmol/L = 180.2 pg/mL"),
        (
            {"B12": "180"},
            "Look again Choose the unit printed on the report. The number would fit pg/mL. (B-LAB-IMPLAUSIBLE)",
        ),
        (
            {"B12": "5", "B12_unit": "ng/L"},
            "Look again Serum B12 5 ng/L is not possible. Check the number and its unit. (B-LAB-IMPLAUSIBLE)",
        ),
        ({"B12": ""}, ""),
        ({"B12": "abc", "B12_unit": "ng/L"}, "Look again Write the number as printed, with a point: 12.5."),
        ({"B12_unit": "ng/L"}, ""),
        ({}, ""),
    ],
)
def test_the_unit_is_echoed_while_somebody_types_by_the_protocols_own_conversion(nurse, patient, typed, says):
    assert echo(nurse, patient, "B12", **typed) == says
    assert not Result.objects.exists()


def test_an_unusual_value_is_asked_about_while_somebody_types(nurse, patient):
    response = nurse.post(
        reverse("echo_result", args=[patient.pk, "HCY"]), {"HCY": "60", "HCY_unit": "umol/L", "K": "nonsense"}
    )
    assert 'name="HCY_confirmed"' in response.content.decode()
    assert "60 umol/L is unusual." in response.content.decode()
    assert echo(nurse, patient, "K", K="4.2", K_unit="mmol/L") == "4.2 mmol/L, as it stands"


def test_only_who_records_results_gets_an_echo_and_only_of_what_is_measured(client, nurse, clinic, patient):
    assert nurse.post(reverse("echo_result", args=[patient.pk, "GOLD"])).status_code == 404
    assert nurse.get(reverse("echo_result", args=[patient.pk, "B12"])).status_code == 405
    for role in (Role.RECEPTION, Role.AUDITOR):
        client.force_login(a_member(clinic, role))
        assert client.post(reverse("echo_result", args=[patient.pk, "B12"])).status_code == 403


def test_without_a_script_the_echo_stands_on_the_page_that_comes_back(nurse, patient):
    words = send(
        nurse, patient, lab="", B12="180", B12_unit="ng/L", HB="12.5", HB_unit="g/L"
    ).content.decode()
    assert "180 ng/L = 132.8 pmol/L" in words
    assert words.count("Haemoglobin 12.5 g/L is not possible.") == 2  # at its field and in the summary


def test_a_sign_typed_before_the_number_is_the_comparator(nurse, patient):
    assert send(nurse, patient, HCY=" < 8.1", HCY_unit="umol/L").status_code == 302
    result = Result.objects.get()
    assert (result.comparator, result.value) == ("<", Decimal("8.1"))
