"""The rows of the blood tests' lists in words: read together, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from monitoring import blood_tests
from monitoring.badges import Badge
from patients import links
from patients.models import Analyte, Patient, Result, User
from patients.templatetags.wording import born, day, family_first
from regimens import readings
from regimens.course_values import CourseValues, persons_of, values_of
from regimens.explained import lab_name
from regimens.lab_checks import RESULTS_WITHIN, next_check
from regimens.models import Appointment, BloodSample, Course
from regimens.protocol import catalogue


@dataclass(frozen=True)
class Row:
    """One row: the patient, two cells of words, badges, and the acts (label, address), the main one first."""

    url: str
    name: str
    born: str
    record_number: str
    what: str
    when: str
    badges: tuple[Badge, ...]
    acts: tuple[tuple[str, str], ...]


HEADINGS = {
    blood_tests.TO_REVIEW: ("Results", "Taken"),
    blood_tests.REVIEWED: ("Results", "Taken"),
    blood_tests.LET_GO: ("Check", "Let go"),
    blood_tests.AWAITED.word: ("For", "Taken"),
    blood_tests.LATE.word: ("For", "Taken"),
}


def rows(found: list[dict], wanted: blood_tests.Wanted, today: date, may: set[str]) -> list[Row]:
    """Give the rows of one page; `may` holds the permissions of who looks."""
    who = _who({row["patient_id"] for row in found}, today)
    if wanted.list in (blood_tests.TO_REVIEW, blood_tests.REVIEWED):
        return _panels(found, who, wanted, may)
    if wanted.list == blood_tests.LET_GO:
        return _waivers(found, who)
    return _checks(found, who, wanted, today, may)


def _who(patients: set[int], today: date) -> dict[int, dict[str, str]]:
    columns = ("pk", "family_name", "given_names", "born_on", "record_number")
    return {
        pk: {
            "url": links.to("patient", pk),
            "name": family_first(family_name, given_names),
            "born": born(born_on, today),
            "record_number": record_number,
        }
        for pk, family_name, given_names, born_on, record_number in Patient.objects.filter(
            pk__in=patients
        ).values_list(*columns)
    }


# -- Checks ------------------------------------------------------------------------------------------------


def _checks(found, who, wanted, today, may) -> list[Row]:
    courses = {course.pk: course for course in _courses(row["pk"] for row in found)}
    values = values_of(courses.values())
    booked = _booked(courses, today)
    if wanted.list in (blood_tests.AWAITED.word, blood_tests.LATE.word):
        samples, back = _samples(courses.values())
        return [
            _awaited(courses[row["pk"]], samples.get(row["pk"]), back, who[row["patient_id"]], today, may)
            for row in found
        ]
    return [
        _to_draw(values[row["pk"]], who[row["patient_id"]], booked.get(row["pk"], ""), today, may)
        for row in found
    ]


def _courses(keys: Iterable[int]) -> list[Course]:
    return list(Course.objects.filter(pk__in=list(keys)).select_related("patient", "clinic"))


def _to_draw(values: CourseValues, who: dict[str, str], booked: str, today: date, may: set[str]) -> Row:
    course = values.course
    missed = course.missed_lab_due_on is not None
    name = course.missed_lab_name if missed else course.lab_name
    due_on = course.missed_lab_due_on if missed else course.lab_due_on
    if missed or course.lab_closes_on < today:
        late = (today - due_on).days
        when = f"Was due {day(due_on)}, {late} days ago"
    else:
        when = f"Due {day(due_on)}, in time from {day(course.lab_opens_on)} to {day(course.lab_closes_on)}"
    why = next_check(values, today)
    said = [f"Blood test at {lab_name(name)}" if name != "extra" else lab_name(name)]
    if not missed and why and why.asked and why.check.name == name:
        said.append(why.why)
    return Row(
        **who,
        what=". ".join(said),
        when=f"{when}. {booked}" if booked else when,
        badges=tuple(_before_drawing(values, today)),
        acts=tuple(_acts_to_draw(course, may)),
    )


def _before_drawing(values: CourseValues, today: date) -> Iterable[Badge]:
    course, dose_on = values.course, values.history.last_needle_on
    if course.is_open and course.lapses_on and course.lapses_on <= today:
        yield Badge("Lapsed: panel before the dose (D-23)", "alert")
    if dose_on and 0 <= (today - dose_on).days <= catalogue.B12_AFTER_DOSE.value:
        yield Badge(f"Dose {day(dose_on)}: a B12 now cannot be read (D-26)", "warning")


def _acts_to_draw(course: Course, may: set[str]) -> Iterable[tuple[str, str]]:
    if "patients.record_clinical" in may:
        yield "Blood taken", _here(links.to("take_blood", course.patient_id))
        yield "Enter results", links.to("record_results", course.patient_id)
    if "regimens.decide" in may:
        yield "Let it go", _here(links.to("waive_lab_check", course.patient_id))


def _booked(courses: dict[int, Course], today: date) -> dict[int, str]:
    bookings = Appointment.objects.booked().filter(
        course__in=courses, subject=Appointment.Subject.LAB, on__gte=today
    )
    return {
        course: f"Booked {day(on)} {at:%H:%M}"
        for course, on, at in bookings.order_by("-on", "-at").values_list("course_id", "on", "at")
    }


def _awaited(course, sample, back, who, today, may) -> Row:
    taken_on = course.blood_taken_on
    expected_by = taken_on + RESULTS_WITHIN
    late = (today - expected_by).days
    said = "No check was open on that day"
    if sample and sample.check_name:
        said = f"Blood test at {lab_name(sample.check_name)}, due {day(sample.check_due_on)}"
    if sample and back[course.pk]:
        there, missing = (
            ", ".join(str(Analyte(test).label) for test in sample.tests if (test in back[course.pk]) is known)
            for known in (True, False)
        )
        said += f". Back: {there}; not back: {missing}"
    by = sample.taken_by_name or sample.recorded_by.shown_name if sample else ""
    when = f"{day(taken_on)} by {by}"
    when += f", expected by {day(expected_by)}" + (f", {late} days ago" if late > 0 else "")
    acts = []
    if "patients.record_clinical" in may:
        acts.append(
            ("Enter results", f"{links.to('record_results', course.patient_id)}?taken={taken_on.isoformat()}")
        )
    if sample:
        acts.append(("Open the sample", _here(links.to("blood_sample", course.patient_id, sample.pk))))
    return Row(**who, what=said, when=when, badges=(), acts=tuple(acts))


def _samples(courses: Iterable[Course]) -> tuple[dict[int, BloodSample], dict[int, set[str]]]:
    """Give {course: its awaited sample} and {course: the tests of that day that are back}; four queries."""
    courses = list(courses)
    taken = {course.pk: course.blood_taken_on for course in courses}
    expected = BloodSample.objects.expected().filter(course__in=taken).select_related("recorded_by")
    samples = {each.course_id: each for each in expected if each.taken_on == taken[each.course_id]}
    person = persons_of({course.patient_id for course in courses})
    of = {person[course.patient_id]: course.pk for course in courses}
    results = Result.objects.standing().filter(patient__in=person, collected_on__in=set(taken.values()))
    back: dict[int, set[str]] = defaultdict(set)
    for record, on, analyte in results.values_list("patient_id", "collected_on", "analyte"):
        course = of.get(person[record])
        if course and taken[course] == on:
            back[course].add(analyte)
    return samples, back


# -- Results -----------------------------------------------------------------------------------------------


def _panels(found, who, wanted, may) -> list[Row]:
    results = _results_of(found, wanted)
    label = (
        "Look and sign off" if wanted.list == blood_tests.TO_REVIEW and "regimens.decide" in may else "Look"
    )
    listed = []
    for row in found:
        taken_on, shown = row["collected_on"], results[row["patient_id"], row["collected_on"]]
        address = links.to("review_panel", row["patient_id"], taken_on.year, taken_on.month, taken_on.day)
        listed.append(
            Row(
                **who[row["patient_id"]],
                what="; ".join(_value(each) for each in shown),
                when=day(taken_on),
                badges=tuple(_marks(shown)),
                acts=((label, _here(address)),),
            )
        )
    return listed


def _results_of(found, wanted) -> dict[tuple[int, date], list[readings.Shown]]:
    """Give the results of the panels of one page, as they are read: of those that wait only what waits."""
    rows = Result.objects.standing().filter(
        patient__in={row["patient_id"] for row in found},
        collected_on__in={row["collected_on"] for row in found},
    )
    if wanted.list == blood_tests.TO_REVIEW:
        rows = rows.filter(reviewed_at=None)
    of: dict[tuple[int, date], list[readings.Shown]] = defaultdict(list)
    for each in readings.shown(rows.order_by("analyte", "pk").values(*readings.COLUMNS)):
        of[each.row["patient_id"], each.row["collected_on"]].append(each)
    return of


def _value(each: readings.Shown) -> str:
    converted = f" = {each.converted}" if each.converted else ""
    outside = f" (outside {each.lab_range})" if each.is_outside else ""
    return f"{each.title} {each.reported}{converted}{outside}"


TONES = {"B": "block", "H": "hold", "W": "warning", "A": "alert"}


def _marks(shown: list[readings.Shown]) -> Iterable[Badge]:
    """Yield each code that the values raise, once."""
    codes = dict.fromkeys(finding.code for each in shown for finding in each.findings)
    return (Badge(code, TONES[code[0]]) for code in codes)


# -- Checks let go -----------------------------------------------------------------------------------------


def _waivers(found, who) -> list[Row]:
    names = {
        user.pk: user.shown_name
        for user in User.objects.filter(pk__in={row["decided_by_id"] for row in found})
    }
    return [
        Row(
            **who[row["patient_id"]],
            what=f"{lab_name(row['outcome'])}, due {day(row['passed_on'])}: “{row['reason']}”",
            when=f"{day(row['decided_on'])} by {names[row['decided_by_id']]}",
            badges=(),
            acts=(),
        )
        for row in found
    ]


def _here(address: str) -> str:
    """Lead back to this list after the act."""
    return f"{address}?from=blood-tests"
