"""Many patients at once, of every phase and lateness, written straight into the tables: for lists, never for rules."""

from datetime import date, timedelta

from patients.models import Clinic, ClinicalFact, NameKey, Patient, Result
from regimens.models import Appointment, Course, CourseSummary, Injection, LabCheck, Plan
from tests.factories import a_nurse, numbers
from tests.monitoring.copies import copied

FAMILIES = (
    "Smith",
    "O’Brien",
    "Müller",
    "Fernández",
    "Smyth",
    "Nguyen",
    "de Groot",
    "Okafor",
    "Żak",
    "Ivanova",
)
GIVEN = ("Ann", "Björn", "Chloë", "Dinesh", "Eve", "Fatima", "George", "Hanna", "Ivo", "José", "Kim")

# So many are written one by one; of more, most are copies.
ORIGINALS = 500
COPIED = (Patient, NameKey, Course, Plan, Injection, ClinicalFact, Result, CourseSummary, LabCheck)


def a_full_waiting_room(clinic: Clinic, number: int, today: date) -> None:
    """So many patients with an open course each: a fifth loading, a tenth on tablets, a tenth paused, a quarter overdue."""
    start, written = next(numbers) * 1_000_000, min(number, ORIGINALS)
    times, rest = divmod(number - written, ORIGINALS)
    with copied(times, *COPIED):
        courses = _courses(clinic, range(start, start + written), today)
    _courses(clinic, range(start + written, start + written + rest), today)
    Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic,
            patient_id=course.patient_id,
            course=course,
            subject="dose",
            due_on=course.next_due_on,
            on=today,
            at=f"{9 + i // 6 % 8:02}:{i % 6 * 10:02}",
            place=1 + i // 48 + start // 1_000_000 % 1_000 * 3,
        )
        for i, course in enumerate(courses[: min(60, number // 2)])
    )


def _courses(clinic: Clinic, record_numbers: range, today: date) -> list[Course]:
    """Write the patients of these numbers, with everything that is known of them and was given."""
    nurse = a_nurse(clinic)
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"{FAMILIES[i % 10]}",
            given_names=f"{GIVEN[i % 11]} {GIVEN[i % 7]}",
            born_on=date(1930, 1, 1) + timedelta(days=i * 37 % 25_000),
            record_number=f"C{record_number}",
        )
        for i, record_number in enumerate(record_numbers)
    )
    NameKey.objects.bulk_create(
        NameKey(patient=patient, clinic=clinic, key=key)
        for patient in patients
        for key in patient.name_keys()
    )
    courses = Course.objects.bulk_create(_course(patient, i, today) for i, patient in enumerate(patients))
    Plan.objects.bulk_create(_plan(course, i, nurse) for i, course in enumerate(courses))
    Injection.objects.bulk_create(
        Injection(
            patient_id=course.patient_id,
            course=course,
            given_on=course.last_given_on - timedelta(days=90 * back),
            given_by=nurse,
            product="HYDROXOCOBALAMIN",
            micrograms=1000,
            route="IM",
            site="DELTOID_L" if back % 2 else "DELTOID_R",
        )
        for course in courses
        for back in range(2)
    )
    ClinicalFact.objects.bulk_create(
        ClinicalFact(patient=patient, topic=topic, answer=answer, observed_on=today - timedelta(days=400))
        for i, patient in enumerate(patients)
        for topic, answer in (
            ("allergies", []),
            ("anticoagulant", i % 5 == 0),
            ("renal", i % 9 == 0),
            ("neuro", "none"),
        )
    )
    Result.objects.bulk_create(
        Result(
            patient=patient,
            analyte="PLT",
            value=20 + i * 13 % 300,
            unit="10^9/L",
            collected_on=today - timedelta(days=i % 400),
        )
        for i, patient in enumerate(patients)
    )
    _figures(courses, today)
    return courses


def _figures(courses: list[Course], today: date) -> None:
    """Write what stands beside the outlook: homocysteine for three of four, loadings, three checks each."""
    newest = Result.objects.bulk_create(
        Result(
            patient_id=course.patient_id,
            analyte="HCY",
            value=7 + i % 9,
            unit="umol/L",
            collected_on=today - timedelta(days=i % 400),
        )
        for i, course in enumerate(courses)
        if i % 4
    )
    by_patient = {row.patient_id: row for row in newest}
    CourseSummary.objects.bulk_create(
        _summary(course, i, by_patient.get(course.patient_id)) for i, course in enumerate(courses)
    )
    LabCheck.objects.bulk_create(
        _check(course, months, i) for i, course in enumerate(courses) for months in (3, 6, 12)
    )


def _summary(course: Course, i: int, hcy: Result | None) -> CourseSummary:
    return CourseSummary(
        course=course,
        clinic_id=course.clinic_id,
        interval_iso="" if course.phase == "oral" else ("P3M", "P2M", "P1M")[i % 3],
        cause=("diet", "surgery", "pernicious_anaemia", "")[i % 4],
        bariatric=i % 7 == 0,
        loading_began_on=course.opened_on + timedelta(days=i * 13 % 480),
        loading_completed_on=None if course.phase == "loading" else course.opened_on + timedelta(days=490),
        loading_gap_on=course.next_due_on if course.phase == "loading" else None,
        hcy_result=hcy,
        hcy_at_target=hcy and hcy.value < 10,
    )


def _check(course: Course, months: int, i: int) -> LabCheck:
    due_on = course.opened_on + timedelta(days=30 * months + i * 7 % 300)
    return LabCheck(
        course=course,
        clinic_id=course.clinic_id,
        kind=f"{months}m",
        name=f"{months}m",
        due_on=due_on,
        opens_on=due_on - timedelta(days=14),
        closes_on=due_on + timedelta(days=14),
        drawn_on=due_on + timedelta(days=i % 40 - 14) if i % 3 else None,
        waived_on=due_on if i % 3 == 0 and i % 5 == 0 else None,
    )


def _course(patient: Patient, i: int, today: date) -> Course:
    phase = (
        ("loading", "maintenance", "maintenance", "oral", "maintenance")[i % 5]
        if i % 10 != 3
        else "maintenance"
    )
    due_on = today + timedelta(days=i * 7 % 240 - 60)
    early = 0 if phase == "loading" else 14
    lab_due_on = today + timedelta(days=i * 11 % 330)
    return Course(
        patient=patient,
        clinic_id=patient.clinic_id,
        opened_on=today - timedelta(days=500),
        history_from_on=today - timedelta(days=500),
        phase=phase,
        neurological=i % 11 == 0,
        next_number=2 + i % 4,
        next_due_on=due_on,
        window_opens_on=due_on - timedelta(days=early),
        window_closes_on=due_on + timedelta(days=early),
        physician_from_on=due_on + timedelta(days=29),
        lapses_on=due_on + timedelta(days=91),
        last_given_on=due_on - timedelta(days=91),
        missed_lab_name="6m" if i % 13 == 0 else "",
        missed_lab_due_on=today - timedelta(days=40 + i % 60) if i % 13 == 0 else None,
        lab_name="12m",
        lab_due_on=lab_due_on,
        lab_opens_on=lab_due_on - timedelta(days=28),
        lab_closes_on=lab_due_on + timedelta(days=28),
        labs_as_of_on=today,
        paused_on=today - timedelta(days=5) if i % 10 == 4 else None,
        paused_until=today + timedelta(days=i % 50 + 1) if i % 10 == 4 else None,
        pause_reason="Travels" if i % 10 == 4 else "",
        at_a_glance=_glance(phase == "oral", i, due_on - timedelta(days=91), today),
    )


def _glance(oral: bool, i: int, last_given_on: date, today: date) -> dict:
    """What the outlook keeps of these rows; a test compares it with what they give."""
    asked_on = (today - timedelta(days=400)).isoformat()
    return {
        "plan": [
            "cyanocobalamin-oral-1" if oral else "hydroxocobalamin-standard-1",
            "CYANOCOBALAMIN_ORAL" if oral else "HYDROXOCOBALAMIN",
            "ORAL" if oral else "IM",
            1000,
            "" if oral else "P3M",
        ],
        "signed": i % 17 != 0,
        "to_sign": i % 17 == 0,
        "needle": ["DELTOID_R", last_given_on.isoformat()],
        "answers": {
            "allergies": [[], asked_on],
            "anticoagulant": [i % 5 == 0, asked_on],
            "renal": [i % 9 == 0, asked_on],
            "neuro": ["none", asked_on],
        },
        "counts": {
            "PLT": [str(20 + i * 13 % 300), "10^9/L", "", (today - timedelta(days=i % 400)).isoformat()]
        },
    }


def _plan(course: Course, i: int, nurse) -> Plan:
    oral = course.phase == "oral"
    signed = i % 17 != 0
    return Plan(
        course=course,
        version=1,
        regimen_key="cyanocobalamin-oral-1" if oral else "hydroxocobalamin-standard-1",
        protocol_version="2026.1",
        product="CYANOCOBALAMIN_ORAL" if oral else "HYDROXOCOBALAMIN",
        route="ORAL" if oral else "IM",
        micrograms=1000,
        interval_iso="" if oral else "P3M",
        starts_on=course.opened_on,
        counts_from_on=course.opened_on,
        neurological=course.neurological,
        facts={},
        recommendation={},
        signed_by=nurse if signed else None,
        signed_at=f"{course.opened_on}T10:00Z" if signed else None,
        signed_on=course.opened_on if signed else None,
    )
