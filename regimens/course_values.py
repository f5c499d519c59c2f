"""Turns the rows of courses into the protocol's values: plan, history, clinic days, what is known of their labs.

It reads any number of courses with the same few queries, so that one page, one act and the nightly check of
every course all go through here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from patients.models import Clinic, ClinicalFact, Patient, Result, SymptomReport
from regimens.models import BloodSample, Course, Decision, Injection, Plan
from regimens.models.course import EndReason
from regimens.protocol import labs, schedule
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.entries import Loading, Route
from regimens.protocol.history import FormerInterval
from regimens.protocol.intervals import months
from regimens.protocol.labs import LabCheck
from regimens.protocol.loading_runs import LoadingRun, loading_run
from regimens.protocol.panels import PANEL, Criterion, Panel, Reading, complete_days, criteria, judged
from regimens.protocol.units import Analyte, Comparator

NEURO_REVIEW = "NEURO-REVIEW"
LAB_WAIVED = "LAB-WAIVED"
READ = (*PANEL, Analyte.EGFR)  # the kidneys belong to no check, and matter before the needle


@dataclass(frozen=True)
class CourseValues:
    """One course as the protocol sees it."""

    course: Course
    current: Plan
    plan: schedule.CoursePlan
    history: schedule.History
    clinic_days: ClinicDays
    anchor_on: date
    # Counted doses before those of the history, where the plan goes on counting from them.
    earlier_doses: int = 0
    panels: tuple[date, ...] = ()
    # The checks that were let go, by name, with the day.
    waived: dict[str, date] = field(default_factory=dict)
    # What D-28 asks of the last two panels, each condition with its verdict.
    criteria: tuple[Criterion, ...] = ()
    # The days on which blood was taken and whose results are not all back, oldest first.
    blood_awaited: tuple[date, ...] = ()
    # The latest loading under a plan that has one.
    loading: LoadingRun = LoadingRun()
    # The newest homocysteine taken on treatment, with the key of its row.
    newest_hcy: tuple[int, Reading] | None = None
    # The keys of all records of the person.
    records: tuple[int, ...] = ()
    joined_on: date | None = None
    extra_from: tuple[date, ...] = ()
    # For lists: every version of the plan, day and site of the last needle whether or not it counted, what was measured
    # by day, and of the topics asked for every answer as (topic, day, answer), the one that holds last.
    plans: tuple[Plan, ...] = ()
    last_needle: tuple[date, str] | None = None
    measured: Mapping[date, Panel] = field(default_factory=dict)
    answers: tuple[tuple[str, date, object], ...] = ()

    @property
    def steady(self) -> bool | None:
        """Whether the last two panels were steady (D-28); None where that cannot be told."""
        return judged(self.criteria)

    def next_dose(self) -> schedule.DueDose | None:
        """Give the dose that follows the history; None when treatment has ended or tablets have taken over."""
        return schedule.next_dose(self.plan, self.history, self.clinic_days)

    def number_of(self, dose: schedule.DueDose) -> int:
        """Give a dose's number: within its loading, or within the whole treatment where there is none."""
        return dose.number + self.earlier_doses

    def checks(self, as_of: date) -> tuple[labs.SettledCheck, ...]:
        """Give every check owed so far, with what became of it, and the next ones."""
        return labs.lab_record(
            self.anchor_on,
            as_of,
            panels=self.panels,
            waived=self.waived,
            steady=self.steady,
            joined_on=self.joined_on,
            extra_from=self.extra_from,
            ended_on=self.course.ended_on,
        )

    def labs(self, as_of: date) -> labs.LabOutlook:
        """Give the lab checks as a day sees them."""
        return labs.lab_outlook(
            self.anchor_on, as_of, panels=self.panels, waived=self.waived, **self._counted_from
        )

    def lab_checks(self) -> Iterator[LabCheck]:
        """Yield every lab check by due date, past and to come, without end."""
        return labs.lab_checks(self.anchor_on, **self._counted_from)

    @property
    def _counted_from(self) -> dict:
        return {"steady": self.steady, "joined_on": self.joined_on, "extra_from": self.extra_from}


@dataclass
class _Rows:
    """What the queries brought, by patient or by course."""

    plans: dict[int, list[Plan]] = field(default_factory=lambda: defaultdict(list))
    doses: dict[int, list[schedule.Dose]] = field(default_factory=lambda: defaultdict(list))
    decisions: dict[int, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    results: dict[int, dict[date, dict]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    # {person: {day: key of the row}} of homocysteine.
    hcy: dict[int, dict[date, int]] = field(default_factory=lambda: defaultdict(dict))
    samples: dict[int, list[tuple[date, list[str]]]] = field(default_factory=lambda: defaultdict(list))
    symptoms: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    days: dict[int, ClinicDays] = field(default_factory=dict)
    needles: dict[int, tuple[date, str]] = field(default_factory=dict)
    answers: dict[int, list[tuple[str, date, object]]] = field(default_factory=lambda: defaultdict(list))
    # Whose rows they are: a record that was merged keeps its own, and they are read as those of the one that stays.
    person: dict[int, int] = field(default_factory=dict)
    records: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def values_of(courses: Iterable[Course], topics: tuple[str, ...] = ()) -> dict[int, CourseValues]:
    """Give {course id: values}; a handful of queries however many courses there are, one more for topics of facts."""
    courses = list(courses)
    rows = _read(courses)
    if topics:
        _read_answers(rows, topics)
    return {course.pk: _values(course, rows) for course in courses}


def values_if(course: Course, plan: Plan) -> CourseValues:
    """Give a course as it would stand under a plan that may not be saved yet; nothing is written."""
    rows = _read([course])
    others = [each for each in rows.plans[course.pk] if each.pk != plan.pk]
    rows.plans[course.pk] = [*others, plan]
    return _values(course, rows)


def _read(courses: list[Course]) -> _Rows:
    rows = _Rows()
    rows.person = persons_of({course.patient_id for course in courses})
    for record, stays in rows.person.items():
        rows.records[stays].append(record)
    for clinic in Clinic.objects.filter(pk__in={c.clinic_id for c in courses}).prefetch_related("closures"):
        rows.days[clinic.pk] = clinic.days
    for plan in Plan.objects.filter(course__in=[c.pk for c in courses]).order_by("version"):
        rows.plans[plan.course_id].append(plan)
    records = list(rows.person)
    doses = Injection.objects.standing().filter(patient__in=records).order_by("given_on", "id")
    for patient, on, counts, partial, source, recorded_at, site in doses.values_list(
        "patient_id", "given_on", "counts", "partial", "source", "recorded_at", "site"
    ):
        dose = schedule.Dose(on, counts, partial, source != Injection.Source.CLINIC, recorded_at.date())
        rows.doses[rows.person[patient]].append(dose)
        rows.needles[rows.person[patient]] = (on, site)
    for decision in Decision.objects.filter(
        course__in=[c.pk for c in courses], code__in=[NEURO_REVIEW, LAB_WAIVED]
    ):
        rows.decisions[decision.course_id].append(decision)
    results = Result.objects.standing().filter(patient__in=records, analyte__in=READ).order_by("id")
    for patient, key, drawn_on, analyte, value, unit, comparator, low, high in results.values_list(
        "patient_id",
        "pk",
        "collected_on",
        "analyte",
        "value",
        "unit",
        "comparator",
        "range_low",
        "range_high",
    ):
        reading = Reading(value, unit, Comparator(comparator) if comparator else None, low, high)
        rows.results[rows.person[patient]][drawn_on][Analyte(analyte)] = reading
        if analyte == Analyte.HCY:
            rows.hcy[rows.person[patient]][drawn_on] = key
    samples = BloodSample.objects.expected().filter(course__in=[c.pk for c in courses]).order_by("taken_on")
    for course, taken_on, tests in samples.values_list("course_id", "taken_on", "tests"):
        rows.samples[course].append((taken_on, tests))
    reports = SymptomReport.objects.standing().filter(patient__in=records, neurological_return=True)
    for patient, reported_on in reports.values_list("patient_id", "reported_on"):
        rows.symptoms[rows.person[patient]].append(reported_on)
    return rows


def _read_answers(rows: _Rows, topics: tuple[str, ...]) -> None:
    answers = ClinicalFact.objects.filter(patient__in=list(rows.person), topic__in=topics)
    for patient, topic, on, answer in answers.order_by("observed_on", "id").values_list(
        "patient_id", "topic", "observed_on", "answer"
    ):
        rows.answers[rows.person[patient]].append((topic, on, answer))


def persons_of(patients: set[int]) -> dict[int, int]:
    """Give {record: the record that stays} of these patients and of all that belong to the same persons."""
    person = {patient: patient for patient in patients}
    while patients:
        merged = Q(pk__in=patients, merged_into__isnull=False) | Q(merged_into__in=patients)
        found = dict(Patient.objects.filter(merged).values_list("pk", "merged_into"))
        patients = set(found.values()) - person.keys()
        person |= found | {stays: stays for stays in patients}
    return person


def _values(course: Course, rows: _Rows) -> CourseValues:
    plans = rows.plans[course.pk]
    current = current_plan(plans)
    terms = _terms_in_force(course, plans, current)
    person = rows.person[course.patient_id]
    doses = tuple(dose for dose in rows.doses[person] if dose.on >= course.history_from_on)
    told = _doses_told(terms, doses)
    history = schedule.History(
        doses=told,
        reviews=_reviews(course, terms, rows),
        former_intervals=_former_intervals(plans, terms),
        loading_ended_on=course.loading_ended_on,
        due_at_once_on=_due_at_once(course, terms),
        last_dose_unknown=course.last_dose_unknown,
        paused_on=course.paused_on,
        paused_until=course.paused_until,
        oral_decided_on=course.oral_decided_on,
        oral_confirmed_on=course.oral_confirmed_on,
        inactive_since=course.ended_on,
    )
    given = [dose.on for dose in doses if dose.is_counted]
    first_on = min(
        [*given, *([course.treated_since_on] if course.treated_since_on else [])], default=terms.starts_on
    )
    panels, asked = _panels(course, current.tests_b12, rows)
    return CourseValues(
        course=course,
        current=current,
        plan=_course_plan(terms),
        history=history,
        clinic_days=rows.days[course.clinic_id],
        anchor_on=first_on,
        earlier_doses=_earlier_doses(terms, doses, told),
        panels=panels,
        waived={d.outcome: d.decided_on for d in rows.decisions[course.pk] if d.code == LAB_WAIVED},
        criteria=asked,
        blood_awaited=_awaited(course, rows),
        loading=_loading(course, plans, doses, rows),
        newest_hcy=_newest_hcy(course, given, first_on, rows),
        records=tuple(rows.records[person]),
        joined_on=course.opened_on if first_on < course.opened_on else None,
        extra_from=_extra_from(course),
        plans=tuple(plans),
        last_needle=rows.needles.get(person),
        measured=rows.results[person],
        answers=tuple(rows.answers[person]),
    )


def current_plan(plans: list[Plan]) -> Plan:
    """Give the plan that holds: the signed one in force, else the proposal, else the last that was."""
    standing = [plan for plan in plans if plan.superseded_at is None]
    signed = [plan for plan in standing if plan.is_signed]
    return (signed or standing or plans)[-1]


def _terms_in_force(course: Course, plans: list[Plan], current: Plan) -> Plan:
    """Give the plan whose dates hold: until the first tablet is confirmed, still the one of the injections (D-27)."""
    if current.route != Route.ORAL or course.oral_confirmed_on:
        return current
    injected = [plan for plan in plans if plan.route != Route.ORAL and plan.is_signed]
    return injected[-1] if injected else current


def _doses_told(terms: Plan, doses: tuple[schedule.Dose, ...]) -> tuple[schedule.Dose, ...]:
    """Give the doses that the plan's own spacing may judge.

    A plan without loading was often signed after one: its doses stood closer than maintenance allows, and rightly.
    Of what came before such a plan only the last counted dose matters, for the next date follows from it.
    """
    if terms.regimen.loading.kind is not Loading.NONE:
        return tuple(dose for dose in doses if dose.on >= terms.counts_from_on)
    before = [dose.on for dose in doses if dose.is_counted and dose.on < terms.starts_on]
    return tuple(dose for dose in doses if dose.on >= max(before, default=terms.counts_from_on))


def _earlier_doses(terms: Plan, doses: tuple, told: tuple) -> int:
    """Count the doses that are not told and still belong to the numbering: those of a plan without loading."""
    if terms.regimen.loading.kind is not Loading.NONE:
        return 0
    return len({dose.on for dose in doses if dose.is_counted} - {dose.on for dose in told})


def _course_plan(plan: Plan) -> schedule.CoursePlan:
    interval = plan.interval or months(1)
    return schedule.CoursePlan(
        regimen=plan.regimen,
        interval=interval,
        base_interval=plan.base_interval or interval,
        starts_on=plan.starts_on,
        neuro_history=plan.neurological,
    )


def _former_intervals(plans: list[Plan], current: Plan) -> tuple[FormerInterval, ...]:
    """Give the intervals that were signed before, under this same start, each until the day of the next one."""
    signed = [plan for plan in plans if plan.is_signed and plan.interval and plan.version <= current.version]
    return tuple(
        FormerInterval(earlier.interval, later.interval_decided_on)
        for earlier, later in zip(signed, signed[1:], strict=False)
        if later.interval_decided_on and earlier.interval != later.interval
    )


def _due_at_once(course: Course, terms: Plan) -> date | None:
    if course.injections_resumed_on:
        return course.injections_resumed_on
    return terms.starts_on if course.last_dose_unknown else None


def _panels(course: Course, tests_b12: bool, rows: _Rows) -> tuple[tuple[date, ...], tuple[Criterion, ...]]:
    """Give the days on which a whole panel was drawn, and how steady the last two were (D-28)."""
    person = rows.person[course.patient_id]
    by_day = rows.results[person]
    days = complete_days(by_day, tests_b12)
    symptoms = len(days) > 1 and any(day >= days[-2] for day in rows.symptoms[person])
    return days, criteria([by_day[day] for day in days], symptoms)


def _loading(course: Course, plans: list[Plan], doses: tuple, rows: _Rows) -> LoadingRun:
    """Give how the latest loading went; one that another plan without loading cut short ends on that signature."""
    signed = [plan for plan in plans if plan.is_signed] or plans
    loaded = [plan for plan in signed if plan.regimen.loading.kind is not Loading.NONE]
    if not loaded:
        return LoadingRun()
    plan = loaded[-1]
    cut = next((later.signed_on for later in signed if later.version > plan.version), None)
    history = schedule.History(
        doses=tuple(d for d in doses if d.on >= plan.counts_from_on and (cut is None or d.on <= cut)),
        reviews=_reviews(course, plan, rows),
        loading_ended_on=course.loading_ended_on,
    )
    return loading_run(_course_plan(plan), history)


def _reviews(course: Course, plan: Plan, rows: _Rows) -> tuple[schedule.Review, ...]:
    """Give the reviews of this plan's loading: one of the day it begins still ended the loading before it."""
    return tuple(
        schedule.Review(decision.decided_on, schedule.Outcome(decision.outcome))
        for decision in rows.decisions[course.pk]
        if decision.code == NEURO_REVIEW and decision.decided_on > plan.counts_from_on
    )


def _newest_hcy(course: Course, given: list[date], first_on: date, rows: _Rows) -> tuple[int, Reading] | None:
    """Give the newest homocysteine taken after the first dose: on that day blood is drawn before it (D-26)."""
    if not (given or course.treated_since_on or course.last_dose_unknown):
        return None
    person = rows.person[course.patient_id]
    taken_on = max((day for day in rows.hcy[person] if day > first_on), default=None)
    if taken_on is None:
        return None
    return rows.hcy[person][taken_on], rows.results[person][taken_on][Analyte.HCY]


def _awaited(course: Course, rows: _Rows) -> tuple[date, ...]:
    """Give the days of samples that lack a result. Of the dead nobody awaits one (D-20)."""
    if course.end_reason == EndReason.DIED:
        return ()
    by_day = rows.results[rows.person[course.patient_id]]
    return tuple(on for on, tests in rows.samples[course.pk] if not set(tests) <= set(by_day.get(on, ())))


def _extra_from(course: Course) -> tuple[date, ...]:
    """Give the days from which an extra panel counts: tablets begun, injections resumed, a cause resolved."""
    days = [course.oral_confirmed_on, course.injections_resumed_on]
    if course.end_reason == EndReason.REVERSIBLE_CAUSE_RESOLVED:
        days.append(course.ended_on)
    return tuple(day for day in days if day)


def patient_keys(patient: Patient) -> list[int]:
    """Give the keys of a patient's own row and of the rows merged into it."""
    return list(patient.record_keys)
