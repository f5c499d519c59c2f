"""A crowd of courses made in bulk, for tests of speed: rows as the services leave them, spread over a quarter."""

from datetime import date, timedelta

from django.db import connection

from monitoring.models import Call, Message
from patients.models import Clinic, ClinicalFact, Patient, Result, SymptomReport
from regimens.models import Authorisation, Course, Decision, FollowUp, Injection, Plan, Request
from tests.factories import a_physician, at
from tests.monitoring.copies import copied

QUARTER = 91
# So many are written one by one; of more, most are copies. A whole number of quarters, so that they spread evenly.
ORIGINALS = 10 * QUARTER


def a_crowd(clinic: Clinic, size: int, today: date) -> None:
    """Put so many patients into a clinic, each under a signed plan, their next doses spread from overdue to far ahead."""
    written = min(size, ORIGINALS)
    times, rest = divmod(size - written, ORIGINALS)
    with copied(times, Patient, Course, Plan):
        _courses(clinic, written, today)
    _courses(clinic, rest, today)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _courses(clinic: Clinic, size: int, today: date) -> None:
    signer, first = a_physician(clinic), Patient.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"Crowd{number}",
            born_on=date(1960, 1, 1),
            record_number=f"C{first + number}",
            email=f"crowd{first + number}@example.org",
            email_consented=number % 4 != 0,
            email_confirmed_at=at(today),
        )
        for number in range(size)
    )
    courses = Course.objects.bulk_create(
        _course(patient, today + timedelta(days=number % QUARTER - 20))
        for number, patient in enumerate(patients)
    )
    Plan.objects.bulk_create(_plan(course, signer) for course in courses)


def _course(patient: Patient, due_on: date) -> Course:
    return Course(
        patient=patient,
        clinic_id=patient.clinic_id,
        opened_on=due_on - timedelta(days=400),
        history_from_on=due_on - timedelta(days=400),
        phase=Course.Phase.MAINTENANCE,
        next_due_on=due_on,
        window_opens_on=due_on - timedelta(days=14),
        window_closes_on=due_on + timedelta(days=14),
        last_given_on=due_on - timedelta(days=QUARTER),
        lab_name="24m",
        lab_due_on=due_on + timedelta(days=40),
        lab_opens_on=due_on + timedelta(days=12),
        lab_closes_on=due_on + timedelta(days=68),
        labs_as_of_on=due_on - timedelta(days=QUARTER),
        at_a_glance={},
    )


def _plan(course: Course, signer) -> Plan:
    return Plan(
        course=course,
        version=1,
        regimen_key="hydroxocobalamin-standard-1",
        protocol_version="2026.1",
        product="HYDROXOCOBALAMIN",
        route="IM",
        micrograms=1000,
        interval_iso="P3M",
        starts_on=course.opened_on,
        counts_from_on=course.opened_on,
        neurological=False,
        facts={},
        recommendation={},
        signed_by=signer,
        signed_at=at(course.opened_on),
        signed_on=course.opened_on,
    )


def waiting_for_decisions(clinic: Clinic, number: int, today: date) -> None:
    """Put so many patients into a clinic: one in fifty is late, fewer wait for some other decision, most for none."""
    start = today - timedelta(days=400)
    user = a_physician(clinic)
    offset = Patient.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"Bulk{n}",
            born_on=date(1950, 1, 1),
            record_number=f"B{offset + n}",
        )
        for n in range(number)
    )
    rows = []
    for n, patient in enumerate(patients):
        due_on = today + timedelta(days=20 + n % 60) if n % 50 else today - timedelta(days=40 + n % 90)
        rows.append(
            Course(
                patient=patient,
                clinic=clinic,
                opened_on=start,
                opened_by=user,
                history_from_on=start,
                phase="loading" if n % 97 == 1 else "maintenance",
                next_due_on=due_on,
                window_opens_on=due_on - timedelta(days=14),
                window_closes_on=due_on + timedelta(days=14),
                physician_from_on=due_on + timedelta(days=29),
                lapses_on=due_on + timedelta(days=90),
                twelve_months_on=due_on + timedelta(days=275 if n % 200 else 30),
                last_given_on=due_on - timedelta(days=90),
                review_due_on=today - timedelta(days=2) if n % 97 == 2 else None,
                missed_lab_name="6m" if n % 89 == 3 else "",
                missed_lab_due_on=today - timedelta(days=60) if n % 89 == 3 else None,
                lab_name="12m",
                lab_due_on=today + timedelta(days=90),
                lab_opens_on=today + timedelta(days=62),
                lab_closes_on=today + timedelta(days=118),
                labs_as_of_on=today,
                at_a_glance={},
            )
        )
    made = Course.objects.bulk_create(rows)
    signed_at = at(start)
    Plan.objects.bulk_create(
        Plan(
            course=course,
            version=1,
            regimen_key="hydroxocobalamin-standard-1",
            protocol_version="2026.1",
            product="HYDROXOCOBALAMIN",
            route="IM",
            micrograms=1000,
            interval_iso="P3M",
            starts_on=start,
            counts_from_on=start,
            neurological=False,
            facts={},
            recommendation={"status": "PROPOSED", "findings": []},
            proposed_at=signed_at,
            **({} if n % 400 == 4 else {"signed_by": user, "signed_at": signed_at, "signed_on": start}),
        )
        for n, course in enumerate(made)
    )
    Request.objects.bulk_create(
        Request(
            patient=patient,
            clinic=clinic,
            kind=("hold", "stop", "symptoms", "incident", "patient", "interval")[n // 20 % 6],
            same_day=n // 20 % 4 == 2,
            raised_on=today,
            raised_at=signed_at,
            # Most of what was ever asked has been answered.
            answered_at=None if n % 20 == 5 else signed_at,
        )
        for n, patient in enumerate(patients)
    )
    Decision.objects.bulk_create(
        Decision(
            patient=course.patient,
            course=course,
            passed_on=start,
            code="LAB-WAIVED",
            outcome="3m",
            decided_on=start,
            decided_by=user,
        )
        for course in made
    )
    Injection.objects.bulk_create(
        Injection(
            patient=course.patient,
            course=course,
            given_on=course.last_given_on,
            given_by=user,
            product="HYDROXOCOBALAMIN",
            micrograms=1000,
            route="IM",
            counts=n % 97 != 0,
        )
        for n, course in enumerate(made)
    )
    Result.objects.bulk_create(
        Result(
            patient=patient,
            analyte=analyte,
            value=value if n % 400 else extreme,
            unit=unit,
            collected_on=today - timedelta(days=days),
            range_low=5 if analyte == "FOLATE" else None,
        )
        for n, patient in enumerate(patients)
        for analyte, value, extreme, unit in (
            ("HCY", 9, 130, "umol/L"),
            ("PLT", 220, 18, "10^9/L"),
            ("HB", 130, 70, "g/L"),
            ("K", 4, 3, "mmol/L"),
            ("FOLATE", 12, 4, "nmol/L"),
        )
        for days in (30, 200)
        # Folate is no part of a panel: few have it measured.
        if analyte != "FOLATE" or n % 20 == 0
    )
    _decided(clinic, today, patients[0].pk)
    _let_pass(clinic, today, patients)
    _nobody_asked(clinic, made, today)
    _silent(clinic, made, today)


def _decided(clinic: Clinic, today: date, first: int) -> None:
    """Write what was decided about things of every kind, as years of work leave it; some of it is put off."""
    by = {"decided_by": a_physician(clinic), "decided_on": today}
    here = {"patient__clinic": clinic, "patient__gte": first}
    rows = {
        "request": Request.objects.filter(answered_at__isnull=False, **here),
        "plan": Plan.objects.filter(course__clinic=clinic, course__patient__gte=first).select_related(
            "course"
        )[:50],
        "injection": Injection.objects.filter(**here)[1::50],
        "result": Result.objects.filter(**here)[1::50],
    }
    patient_of = {"plan": lambda row: row.course.patient_id}
    Decision.objects.bulk_create(
        Decision(
            patient_id=patient_of.get(subject, lambda row: row.patient_id)(row),
            code="PUT-OFF" if subject == "plan" else "CROWD",
            outcome="put off" if subject == "plan" else "decided",
            until_on=today - timedelta(days=1) if subject == "plan" else None,
            **{subject: row},
            **by,
        )
        for subject, found in rows.items()
        for row in found
    )


def _let_pass(clinic: Clinic, today: date, patients: list[Patient]) -> None:
    """Some doses were let pass."""
    Authorisation.objects.bulk_create(
        Authorisation(
            patient=patient,
            codes=["B-EARLY-DOSE"],
            reason="Travels",
            facts_digest="crowd",
            authorised_by=a_physician(clinic),
            expires_on=today,
        )
        for patient in patients[::20]
    )


def _nobody_asked(clinic: Clinic, courses: list[Course], today: date) -> None:
    """Write what asks a physician by itself, of a few; of the others the same that asks nobody."""
    before_the_first = [course.pk for course in courses[::97]]
    Course.objects.filter(pk__in=before_the_first).update(phase="loading", last_given_on=None)
    Course.objects.filter(pk__in=[course.pk for course in courses[5::97]]).update(
        oral_decided_on=today - timedelta(days=9), next_due_on=today - timedelta(days=1)
    )
    ClinicalFact.objects.bulk_create(
        ClinicalFact(
            patient=course.patient,
            topic=topic,
            answer=said if n % 97 == 0 else usual,
            observed_on=today - timedelta(days=20),
        )
        for n, course in enumerate(courses)
        for topic, said, usual in (
            ("folic_acid", "current", "none"),
            ("severe", True, False),
            ("deficiency", "confirmed", "confirmed"),
        )
    )
    SymptomReport.objects.bulk_create(
        SymptomReport(
            patient=course.patient,
            reported_on=today - timedelta(days=n % 30),
            gait="worse",
            neurological_return=n % 93 == 0,
        )
        for n, course in enumerate(courses)
    )
    reports = SymptomReport.objects.filter(patient__in=[course.patient_id for course in courses])
    Decision.objects.bulk_create(
        Decision(
            patient_id=report.patient_id,
            symptom_report=report,
            code="CROWD",
            outcome="decided",
            decided_on=today,
            decided_by=a_physician(clinic),
        )
        for report in reports[1::50]
    )
    doses = Injection.objects.filter(course__in=[course.pk for course in courses])
    FollowUp.objects.bulk_create(
        FollowUp(
            clinic=clinic,
            patient_id=dose.patient_id,
            injection=dose,
            kind="potassium",
            due_at=at(today - timedelta(days=2)),
            **(
                {} if n % 91 == 0 else {"done_at": at(today), "done_by": dose.given_by, "outcome": "not_done"}
            ),
        )
        for n, dose in enumerate(doses)
    )


def _silent(clinic: Clinic, courses: list[Course], today: date) -> None:
    """Everybody had letters and a call; of a few the last ones were in vain."""
    caller = a_physician(clinic)
    for course in courses[7::89]:
        course.next_due_on = today - timedelta(days=28)
        course.window_closes_on = today - timedelta(days=14)
        course.physician_from_on = today + timedelta(days=1)
        course.lapses_on = course.twelve_months_on = None
        course.save()
    Message.objects.bulk_create(
        Message(
            clinic=clinic,
            patient=course.patient,
            course=course,
            key=f"crowd-{course.pk}-{purpose}",
            subject="dose",
            purpose=purpose,
            due_on=course.next_due_on,
            opens_on=today,
            state="sent",
            sent_to="a@example.org",
            queued_at=at(today),
            ready_at=at(today),
            ended_at=at(today),
        )
        for course in courses
        for purpose in ("coming", "still_missed")
    )
    Call.objects.bulk_create(
        Call(
            patient=course.patient,
            course=course,
            about="dose",
            due_on=course.next_due_on,
            outcome="message",
            again_on=today - timedelta(days=1),
            called_on=today - timedelta(days=3),
            called_by=caller,
        )
        for course in courses
    )
