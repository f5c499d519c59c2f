"""The rows beside the outlook: a course's checks and what the figures ask of it. Written by `refresh_outlook` alone."""

from collections.abc import Iterable, Iterator

from patients.models import ClinicalFact
from patients.models.facts import Topic
from regimens.course_values import CourseValues
from regimens.models import CourseSummary, LabCheck
from regimens.protocol import results
from regimens.protocol.facts import Measured
from regimens.protocol.labs import EXTRA, SettledCheck
from regimens.protocol.units import Analyte

CIRCUMSTANCES = (Topic.CAUSE, Topic.ILEAL_RESECTION, Topic.CROHNS_ILEAL, Topic.BARIATRIC)
FIRST_YEAR = {"3m", "6m", "12m"}
CHECK = ("kind", "opens_on", "closes_on", "drawn_on", "waived_on")
SUMMARY = (
    "interval_iso",
    "cause",
    "ileal",
    "crohns",
    "bariatric",
    "loading_began_on",
    "loading_completed_on",
    "loading_gap_on",
    "hcy_result_id",
    "hcy_at_target",
    "last_panel_on",
)


def write_summaries(batch: Iterable[tuple[CourseValues, object]]) -> None:
    """Bring the rows of these courses to what the values give; `batch` holds (values, day of the lab columns)."""
    batch = list(batch)
    checks, summaries = _stored(values.course.pk for values, _as_of in batch)
    answers = _circumstances(values for values, _as_of in batch)
    new, changed, stale, fresh, mended = [], [], [], [], []
    for values, as_of in batch:
        course = values.course
        stored = dict(checks.get(course.pk, {}))
        for (name, due_on), columns in expected_checks(values, as_of).items():
            row = stored.pop((name, due_on), None)
            if row is None:
                owner = {"course": course, "clinic_id": course.clinic_id}
                new.append(LabCheck(name=name, due_on=due_on, **owner, **columns))
            elif _differs(row, columns):
                changed.append(_set(row, columns))
        stale += [row.pk for row in stored.values()]
        columns, row = expected_summary(values, answers), summaries.get(course.pk)
        if row is None:
            fresh.append(CourseSummary(course=course, clinic_id=course.clinic_id, **columns))
        elif _differs(row, columns):
            mended.append(_set(row, columns))
    if stale:
        LabCheck.objects.filter(pk__in=stale).delete()
    LabCheck.objects.bulk_update(changed, CHECK)
    LabCheck.objects.bulk_create(new)
    CourseSummary.objects.bulk_create(fresh)
    CourseSummary.objects.bulk_update(mended, [name.removesuffix("_id") for name in SUMMARY])


def summary_differences(batch: Iterable[tuple[CourseValues, object]]) -> Iterator[str]:
    """Yield a sentence for every row beside the outlook that is not what the values give."""
    batch = list(batch)
    checks, summaries = _stored(values.course.pk for values, _as_of in batch)
    answers = _circumstances(values for values, _as_of in batch)
    for values, as_of in batch:
        pk = values.course.pk
        expected, stored = expected_checks(values, as_of), checks.get(pk, {})
        for key in sorted(expected.keys() | stored.keys(), key=str):
            if key not in expected or key not in stored or _differs(stored[key], expected[key]):
                yield f"course {pk}: the check {key[0]} of {key[1]} is not as it should be"
        row = summaries.get(pk)
        if row is None:
            yield f"course {pk}: it has no summary"
        else:
            for name, value in expected_summary(values, answers).items():
                if getattr(row, name) != value:
                    yield f"course {pk}: {name} is {getattr(row, name)!r}, should be {value!r}"


def expected_checks(values: CourseValues, as_of) -> dict[tuple[str, object], dict]:
    """Give {(name, due date): columns} of the checks of a course."""
    return {
        (settled.check.name, settled.check.due_on): {
            "kind": _kind(settled),
            "opens_on": settled.check.opens_on,
            "closes_on": settled.check.closes_on,
            "drawn_on": settled.drawn_on,
            "waived_on": settled.waived_on,
        }
        for settled in values.checks(as_of)
    }


def expected_summary(values: CourseValues, answers: dict[int, dict[str, object]]) -> dict[str, object]:
    """Give the columns of a course's summary; `answers` are what `_circumstances` gives."""
    asked, loading = answers.get(min(values.records), {}), values.loading
    result, reading = values.newest_hcy or (None, None)
    return {
        "interval_iso": values.current.interval_iso,
        "cause": asked.get(Topic.CAUSE) or "",
        "ileal": asked.get(Topic.ILEAL_RESECTION) not in (None, "none"),
        "crohns": asked.get(Topic.CROHNS_ILEAL) is True,
        "bariatric": asked.get(Topic.BARIATRIC) not in (None, "none"),
        "loading_began_on": loading.began_on,
        "loading_completed_on": loading.completed_on,
        "loading_gap_on": loading.gap_on,
        "hcy_result_id": result,
        "hcy_at_target": _at_target(reading) if reading else None,
        "last_panel_on": max(values.panels, default=None),
    }


def _circumstances(batch: Iterable[CourseValues]) -> dict[int, dict[str, object]]:
    """Give {a person's first record: {topic: the answer that holds}}; one query."""
    first = {record: min(values.records) for values in batch for record in values.records}
    rows = ClinicalFact.objects.filter(patient__in=first, topic__in=CIRCUMSTANCES)
    answers: dict[int, dict[str, object]] = {}
    for record, topic, answer in rows.order_by("observed_on", "id").values_list(
        "patient_id", "topic", "answer"
    ):
        answers.setdefault(first[record], {})[topic] = answer
    return answers


def _at_target(reading) -> bool | None:
    measured = Measured(reading.value, reading.unit, None, reading.comparator)
    return results.read(Analyte.HCY, measured).at_target


def _kind(settled: SettledCheck) -> str:
    name = settled.check.name
    if name in FIRST_YEAR:
        return name
    if name == EXTRA:
        return LabCheck.Kind.EXTRA
    return LabCheck.Kind.REPEATED if int(name.removesuffix("m")) % 12 else LabCheck.Kind.YEARLY


def _stored(courses: Iterable[int]) -> tuple[dict[int, dict], dict[int, CourseSummary]]:
    keys = list(courses)
    checks: dict[int, dict] = {}
    for row in LabCheck.objects.filter(course__in=keys):
        checks.setdefault(row.course_id, {})[row.name, row.due_on] = row
    return checks, CourseSummary.objects.in_bulk(keys)


def _differs(row, columns: dict) -> bool:
    return any(getattr(row, name) != value for name, value in columns.items())


def _set(row, columns: dict):
    for name, value in columns.items():
        setattr(row, name, value)
    return row
