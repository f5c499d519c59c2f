"""The rows of the worklist, ready to be shown: read together, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import JSONField, OuterRef, QuerySet, Subquery

from monitoring import badges, due_words, sections
from monitoring.badges import Badge
from monitoring.sections import Section
from patients import links
from patients.models import Analyte, Clinic, ClinicalFact, Patient, Result
from patients.models.facts import Topic
from patients.templatetags.wording import born, day
from regimens import facts
from regimens.course_values import current_plan
from regimens.models import Appointment, Course, Injection, Plan, Request
from regimens.models.injection import Site
from regimens.protocol.clinic_days import ClinicDays

# What the badges ask about; the rest of a patient's facts is not read for a list.
TOPICS = (Topic.ALLERGIES, Topic.ANTICOAGULANT, Topic.RENAL, Topic.DIALYSIS, Topic.NEURO)
COUNTS = (Analyte.PLT, Analyte.EGFR)
NOT_SHOWN = ("facts", "recommendation", "asked_for", "acknowledged", "reason", "signature_note")
SITES = dict(Site.choices)


@dataclass(frozen=True)
class Row:
    """One row. For those who see names and dates only, what is clinical stays empty."""

    patient_id: int
    name: str
    born: str
    record_number: str
    url: str
    why: str
    booked: str
    act: str
    act_url: str
    regimen: str = ""
    dose: str = ""
    last: str = ""
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True)
class Viewer:
    """What the one who looks may see and do: clinical matters, or names and dates only; signing plans."""

    clinical: bool
    signs: bool = False


@dataclass
class _Around:
    """What stands beside the courses of a page, by course or by patient."""

    days: ClinicDays
    plans: dict[int, list[Plan]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[int, list[Request]] = field(default_factory=lambda: defaultdict(list))
    results: dict[int, tuple] = field(default_factory=dict)


def read(clinic: Clinic, today: date, places: list[tuple[Section, int]], viewer: Viewer) -> list[Row]:
    """Give the rows of courses, each as its section sees it, in the order asked for."""
    keys = {course_id for _section, course_id in places}
    booked = _booked(keys, today)
    courses = Course.objects.select_related("patient")
    if not viewer.clinical:
        found = courses.in_bulk(keys)
        return [_plain_row(found[key], section, today, booked[key]) for section, key in places]
    found = _with_what_matters(courses, today).in_bulk(keys)
    person = _of_merged_records(found.values(), today)
    around = _around(found.values(), clinic, person)
    return [_row(found[key], section, today, booked[key], around, viewer) for section, key in places]


def _plain_row(course: Course, section: Section, today: date, booked: str) -> Row:
    why = due_words.test_date_only if section in sections.LABS else due_words.date_only
    return Row(
        **_who(course, today),
        why=why(course, today),
        booked=booked,
        act="Book",
        act_url=links.to("book_appointment", course.patient_id),
    )


def _row(course: Course, section: Section, today: date, booked: str, around: _Around, viewer: Viewer) -> Row:
    plans = around.plans[course.pk]
    plan = current_plan(plans)
    known = facts.facts_from(course.patient, _answers(course), _measured(course, around))
    first = course.last_given_on is None
    act, act_url = _next_act(course, section, plan, viewer)
    return Row(
        **_who(course, today),
        why=_why(course, section, plan, around.days, today),
        booked=booked,
        act=act,
        act_url=act_url,
        regimen=due_words.regimen(course, plan),
        dose=due_words.dose(plan),
        last=_last(course),
        badges=(
            *badges.of_course(course, plans, around.asked[course.patient_id], today),
            *badges.of_facts(known, today, first_dose=first),
        ),
    )


def _who(course: Course, today: date) -> dict:
    patient = course.patient
    return {
        "patient_id": patient.pk,
        "name": patient.name,
        "born": born(patient.born_on, today),
        "record_number": patient.record_number,
        "url": patient.get_absolute_url(),
    }


def _why(course: Course, section: Section, plan: Plan, clinic: ClinicDays, today: date) -> str:
    if section in sections.LABS or not course.is_open:
        return due_words.why_a_test(course, today)
    if course.phase == Course.Phase.ORAL:
        return due_words.why_oral(course)
    why = due_words.why_a_dose(course, plan, clinic, today)
    if course.paused_until and course.paused_until > today:
        return f"Paused until {day(course.paused_until)}: {course.pause_reason}"
    return why


def _next_act(course: Course, section: Section, plan: Plan, viewer: Viewer) -> tuple[str, str]:
    """Give the one act that comes next, and its address."""
    if section in sections.LABS or course.phase == Course.Phase.ORAL:
        return "Enter results", links.to("record_results", course.patient_id)
    if not plan.is_signed and viewer.signs:
        return "Sign the plan", links.to("sign_plan", course.patient_id)
    if not plan.is_signed:
        return "See the plan", course.patient.get_absolute_url()
    if section in (sections.PAUSED, sections.LATER):
        return "Open", course.patient.get_absolute_url()
    return "Give injection", links.to("record_injection", course.patient_id)


def _last(course: Course) -> str:
    if course.last_given_on is None:
        return "None yet"
    site = SITES.get(course.last_site)
    return f"{site}, {day(course.last_given_on)}" if site else day(course.last_given_on)


def _with_what_matters(courses: QuerySet, today: date) -> QuerySet:
    """Add the newest answers and counts and the last site of each patient, each found by its index."""
    answers = ClinicalFact.objects.filter(patient=OuterRef("patient"), observed_on__lte=today)
    answers = answers.order_by("-observed_on", "-id").values("answer")
    results = Result.objects.standing().filter(patient=OuterRef("patient"), collected_on__lte=today)
    results = results.order_by("-collected_on", "-id").values("pk")
    doses = Injection.objects.standing().filter(patient=OuterRef("patient")).order_by("-given_on", "-id")
    return courses.annotate(
        **{
            f"answer_{topic}": Subquery(answers.filter(topic=topic)[:1], output_field=JSONField())
            for topic in TOPICS
        },
        **{f"newest_{analyte}": Subquery(results.filter(analyte=analyte)[:1]) for analyte in COUNTS},
        last_site=Subquery(doses.values("site")[:1]),
    )


def _of_merged_records(courses: Iterable[Course], today: date) -> dict[int, int]:
    """Read what matters again for those who have a record merged into theirs; give {record: the one that stays}.

    One query, and three more where there is such a record: they are too few to slow down everybody's row.
    """
    of_patient = {course.patient_id: course for course in courses}
    merged = dict(Patient.objects.filter(merged_into__in=of_patient).values_list("pk", "merged_into"))
    person = merged | {stays: stays for stays in merged.values()}
    if not merged:
        return person
    answers = ClinicalFact.objects.filter(patient__in=person, topic__in=TOPICS, observed_on__lte=today)
    results = Result.objects.standing().filter(
        patient__in=person, analyte__in=COUNTS, collected_on__lte=today
    )
    doses = Injection.objects.standing().filter(patient__in=person).order_by("given_on", "id")
    # The newest comes last and stays.
    for record, topic, answer in answers.order_by("observed_on", "id").values_list(
        "patient_id", "topic", "answer"
    ):
        setattr(of_patient[person[record]], f"answer_{topic}", answer)
    for record, analyte, key in results.order_by("collected_on", "id").values_list(
        "patient_id", "analyte", "pk"
    ):
        setattr(of_patient[person[record]], f"newest_{analyte}", key)
    for record, site in doses.values_list("patient_id", "site"):
        of_patient[person[record]].last_site = site
    return person


def _answers(course: Course) -> dict[str, object]:
    return {topic: getattr(course, f"answer_{topic}") for topic in TOPICS}


def _measured(course: Course, around: _Around) -> dict:
    found = ((analyte, getattr(course, f"newest_{analyte}")) for analyte in COUNTS)
    return {
        facts.MEASUREMENTS[analyte]: facts.measured(*around.results[key])
        for analyte, key in found
        if key is not None
    }


def _around(courses: Iterable[Course], clinic: Clinic, person: dict[int, int]) -> _Around:
    courses = list(courses)
    around = _Around(clinic.days)
    for plan in Plan.objects.filter(course__in=courses).defer(*NOT_SHOWN).order_by("version"):
        around.plans[plan.course_id].append(plan)
    patients = {course.patient_id for course in courses} | person.keys()
    for request in Request.objects.unanswered().filter(patient__in=patients).order_by("raised_at", "id"):
        around.asked[person.get(request.patient_id, request.patient_id)].append(request)
    newest = {getattr(course, f"newest_{analyte}") for course in courses for analyte in COUNTS}
    for key, *columns in Result.objects.filter(pk__in=newest - {None}).values_list(
        "pk", "value", "unit", "collected_on", "comparator"
    ):
        around.results[key] = tuple(columns)
    return around


def _booked(courses: Iterable[int], today: date) -> dict[int, str]:
    """Give {course: “10:20, 10:30”}, the hours booked on the day."""
    booked: dict[int, list[str]] = defaultdict(list)
    bookings = Appointment.objects.filter(course__in=courses, on=today, state=Appointment.State.BOOKED)
    for course_id, at in bookings.order_by("at", "id").values_list("course_id", "at"):
        booked[course_id].append(f"{at:%H:%M}")
    return defaultdict(str, {key: ", ".join(hours) for key, hours in booked.items()})
