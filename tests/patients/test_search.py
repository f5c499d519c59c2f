"""Finding a patient by what somebody types: what it may mean, and who it may be."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import search
from patients.models import Patient
from tests.factories import a_clinic, a_patient
from tests.monitoring.waiting_room import a_full_waiting_room

TODAY = date(2026, 7, 14)
BIRTH = date(1945, 7, 14)


@pytest.mark.parametrize(
    "typed",
    [
        "14/7/1945",
        "14.07.1945",
        "14-7-1945",
        "14 7 1945",
        "14 Jul 1945",
        "14 july 1945",
        "14-Jul-1945",
        "1945-07-14",
        "1945/07/14",
        "14071945",
        "19450714",
        "14–7–1945",
        "14th July 1945",
        "14th of July, 1945",
        "14Jul1945",
        "July 14, 1945",
        "Jul 14 1945",
    ],
)
def test_a_date_of_birth_is_read_in_every_usual_form(typed):
    assert search.read(typed, TODAY).born_on == (BIRTH,)


def test_a_year_of_two_digits_is_every_year_it_can_have_been():
    assert search.read("14/7/45", TODAY).born_on == (BIRTH,)
    assert search.read("1/2/12", TODAY).born_on == (date(2012, 2, 1), date(1912, 2, 1))


@pytest.mark.parametrize(
    "typed", ["31/2/1945", "14/13/1945", "14/7/2145", "99999999", "943 476 5919", "smith"]
)
def test_what_is_no_date_of_birth_is_not_read_as_one(typed):
    assert search.read(typed, TODAY).born_on == ()


def test_a_name_and_a_date_may_stand_together():
    typed = search.read("O’Brien, zoë 14 Jul 1945", TODAY)
    assert (typed.beginnings, typed.born_on) == (("obrien", "zoe"), (BIRTH,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("smith", "john"), ("smyth", "john")),
        (("smith", "john"), ("smiht", "john")),
        (("smith", "john"), ("smith", "jon")),
        (("smith", "john"), ("smith", "john paul")),
        (("smith", "john"), ("john", "smith")),
        (("smith", "john"), ("smith", "johnn")),
        (("obrien", ""), ("obrien", "mary")),
    ],
)
def test_names_one_slip_apart_are_alike(one, other):
    assert search.alike(one, other)
    assert search.alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("smith", "john"), ("smith", "mary")),
        (("smith", "john"), ("smythe", "john")),
        (("smith", "john"), ("schmidt", "john")),
        (("smith", "ann"), ("smith", "nan b")),
        (("abcd", ""), ("badc", "")),
    ],
)
def test_other_names_are_not_alike(one, other):
    assert not search.alike(one, other)


@pytest.fixture
def clinic(db):
    return a_clinic()


@pytest.fixture
def zoe(clinic):
    return a_patient(
        clinic,
        family_name="O’Brien-Müller",
        given_names="Zoë Anne",
        born_on=BIRTH,
        record_number="N-77",
        national_id_system="nhs",
        national_id="9434765919",
    )


def found(clinic, typed: str) -> list[Patient]:
    return search.page(search.find(clinic, search.read(typed, TODAY))).patients


@pytest.mark.parametrize(
    "typed",
    [
        "obr",
        "O'BRIEN",
        "O`Brien mü",
        "muller",
        "zoe obrien",
        "ann zo mu",
        "O’BRIEN-MÜLLER, Zoë",
        "obrien-mu",
        "14/7/1945",
        "14071945 zoe",
        "N-77",
        "n-77",
        "9434765919",
        "943 476 5919",
        "943-476-5919",
        " N -77 ",
        "O´Brien",
        "O′Brien zoe",
        "oʼbrien",
        "Zoë O'Brien",
        "o'brien zoe 14 July 1945",
        "1945-07-14 mull",
    ],
)
def test_a_patient_is_found(clinic, zoe, typed):
    a_patient(clinic, family_name="Another", given_names="Body")
    assert found(clinic, typed) == [zoe]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "'",
        "-",
        "%",
        "_",
        "brien",
        "oe",
        "zoe smith",
        "15/7/1945",
        "zoe 15/7/1945",
        "N-7",
        "943 476 591",
        "\U0010ffff",
    ],
)
def test_nobody_is_found_by_what_begins_no_part(clinic, zoe, typed):
    assert found(clinic, typed) == []


def test_a_patient_of_another_clinic_is_not_found(clinic, zoe):
    assert found(a_clinic("Elsewhere"), "obrien") == []
    assert found(a_clinic("Elsewhere"), "9434765919") == []


def test_a_number_that_is_also_a_date_finds_both(clinic, zoe):
    other = a_patient(clinic, family_name="Numbered", record_number="14071945")
    assert found(clinic, "14071945") == [other, zoe]


def test_a_merged_record_is_not_found(clinic, zoe):
    other = a_patient(clinic, family_name="OBrien", given_names="Twice")
    Patient.objects.filter(pk=other.pk).update(merged_into=zoe)
    assert found(clinic, "obrien") == [zoe]


def test_names_alike_are_pointed_out(clinic, zoe):
    twin = a_patient(clinic, family_name="OBrien Muller", given_names="Zoe Anna")
    plain = a_patient(clinic, family_name="Obrian", given_names="Mary")
    page = search.page(search.find(clinic, search.read("obr", TODAY)))
    assert page.alike == {zoe.pk, twin.pk}
    assert plain in page.patients
    smith, smyth = (a_patient(clinic, family_name=name, given_names="John") for name in ("Smith", "Smyth"))
    assert search.namesakes(smith) == [smyth.pk]
    assert search.namesakes(zoe) == [twin.pk]


def test_the_same_person_is_noticed_by_name_and_birth_or_by_number(clinic, zoe):
    like = {"family_name": "OBrien-Muller", "given_names": "Zoe Ann", "born_on": BIRTH}
    assert search.perhaps_the_same(clinic, **like) == [zoe]
    assert search.perhaps_the_same(clinic, **{**like, "born_on": date(1945, 7, 15)}) == []
    assert search.perhaps_the_same(a_clinic("Elsewhere"), **like) == []
    numbered = {"family_name": "Else", "given_names": "", "born_on": TODAY, "national_id": "9434765919"}
    assert search.perhaps_the_same(clinic, **numbered) == [zoe]


def test_pages_step_by_the_key_of_a_patient_and_hold_everybody_once(clinic):
    a_full_waiting_room(clinic, 300, TODAY)
    asked = search.find(clinic, search.read("e", TODAY))
    shown, after = [], None
    while True:
        page = search.page(asked, after)
        shown += page.patients
        if page.later is None:
            break
        after = page.later
    assert len(shown) > search.ROWS
    assert [patient.pk for patient in shown] == list(
        asked.order_by(*search.BY_NAME).values_list("pk", flat=True)
    )
    back = search.page(asked, before=page.earlier)
    assert back.patients == shown[-len(page.patients) - search.ROWS : -len(page.patients)]


TYPED = ("smi", "smi ann", "14/7/1945", "14071945", "C7000001", "943 476 5919", "b")


@pytest.mark.slow
def test_ten_thousand_patients_cost_the_queries_of_a_few_through_indexes(clinic):
    a_full_waiting_room(clinic, 60, TODAY)
    few = {typed: _queries(clinic, typed) for typed in TYPED}
    for crowded in (clinic, a_clinic("Elsewhere"), a_clinic("Third")):
        a_full_waiting_room(crowded, 3_400, TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for typed in TYPED:
        many = _queries(clinic, typed)
        print(f"find {typed!r}: {len(few[typed])} queries at 60 patients, {len(many)} at 10,260")
        assert len(many) == len(few[typed]) <= 3
        for sql in many:
            _must_use_an_index(sql)
    somebody = Patient.objects.filter(clinic=clinic).select_related("clinic").first()
    for compare in (search.namesakes, search.perhaps_the_same_as):
        with CaptureQueriesContext(connection) as caught:
            compare(somebody)
        print(f"{compare.__name__}: {len(caught)} queries at 10,260")
        assert len(caught) <= 4
        if connection.vendor == "postgresql":
            # A few hundred namesakes of ten thousand are rightly read whole; here it must show that it can do without.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        for query in caught.captured_queries:
            _must_use_an_index(query["sql"])


def _queries(clinic, typed: str) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        found(clinic, typed)
    return [query["sql"] for query in caught.captured_queries]


def _must_use_an_index(sql: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, plan
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
            assert "SCAN" not in plan, plan
