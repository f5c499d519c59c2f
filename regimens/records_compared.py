"""Two records side by side, so that somebody can tell whether they are one person's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min

from patients.clinical_facts import QUESTIONS, in_words
from patients.models import ClinicalFact, Patient, Result
from patients.templatetags.wording import day
from regimens.last_visits import last_visits
from regimens.models import Course, Injection


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that both records may say. What is each record's own, such as its number, is not compared."""

    label: str
    stays: str
    double: str
    own: bool = False

    @property
    def differs(self) -> bool:
        """Both say something, and not the same."""
        return not self.own and bool(self.stays and self.double) and self.stays != self.double

    @property
    def same(self) -> bool:
        """Both say the same."""
        return not self.own and bool(self.stays) and self.stays == self.double


def identity(stays: Patient, double: Patient) -> list[Compared]:
    """Compare what everybody may see: names, birth, numbers, contact, days. Three queries."""
    visits = last_visits((stays, double))
    told: tuple[tuple[str, Callable[[Patient], str]], ...] = (
        ("Name", lambda patient: patient.name),
        ("Born", lambda patient: day(patient.born_on)),
        ("Sex", _sex),
        ("National number", _national_number),
        ("Phone", lambda patient: patient.phone),
        ("Email", lambda patient: patient.email),
        ("Status", lambda patient: patient.get_status_display()),
    )
    each: tuple[tuple[str, Callable[[Patient], str]], ...] = (
        ("Registered", lambda patient: day(patient.registered_at)),
        ("Last visit", lambda patient: _day_or_never(visits.get(patient.pk))),
    )
    return [
        *(Compared(label, say(stays), say(double)) for label, say in told),
        *(Compared(label, say(stays), say(double), own=True) for label, say in each),
    ]


def clinical(stays: Patient, double: Patient) -> list[Compared]:
    """Compare what was given, measured and answered; a fixed number of queries."""
    both = (stays, double)
    given = Injection.objects.counting()
    told = [
        ("Treatment", [_treatment(patient) for patient in both]),
        ("Doses that count", [_span(given, patient, "given_on") for patient in both]),
        ("Results", [_span(Result.objects.standing(), patient, "collected_on") for patient in both]),
    ]
    return [*(Compared(label, *said, own=True) for label, said in told), *_answers(stays, double)]


def _answers(stays: Patient, double: Patient) -> Iterator[Compared]:
    """Yield the clinical questions to which the two records give different answers, each with its day."""
    held = [_held(stays), _held(double)]
    for question in QUESTIONS:
        (one, one_on), (other, other_on) = (answers.get(question.topic, (None, None)) for answers in held)
        if None not in (one, other) and one != other:
            yield Compared(
                str(question.topic.label),
                f"{in_words(question, one)} ({day(one_on)})",
                f"{in_words(question, other)} ({day(other_on)})",
            )


def _held(patient: Patient) -> dict[str, tuple[object, date]]:
    rows = ClinicalFact.objects.filter(patient__in=patient.record_keys).newest_first()
    held: dict[str, tuple[object, date]] = {}
    for topic, answer, observed_on in rows.values_list("topic", "answer", "observed_on"):
        held.setdefault(topic, (answer, observed_on))
    return held


def _treatment(patient: Patient) -> str:
    course = Course.objects.filter(patient__in=patient.record_keys).order_by("-ended_on", "-pk")
    under_way = course.open().first()
    if under_way:
        return f"Under way: {under_way.get_phase_display().lower()}, next on {day(under_way.next_due_on)}"
    last = course.first()
    return f"Ended {day(last.ended_on)}: {last.get_end_reason_display().lower()}" if last else "None"


def _span(rows, patient: Patient, column: str) -> str:
    found = rows.filter(patient__in=patient.record_keys).aggregate(
        n=Count("pk"), first=Min(column), last=Max(column)
    )
    if not found["n"]:
        return "None"
    return f"{found['n']}, from {day(found['first'])} to {day(found['last'])}"


def _national_number(patient: Patient) -> str:
    return f"{patient.get_national_id_system_display()} {patient.national_id}" if patient.national_id else ""


def _sex(patient: Patient) -> str:
    return "" if patient.sex == Patient.Sex.UNKNOWN else patient.get_sex_display()


def _day_or_never(on: date | None) -> str:
    return day(on) if on else "Never"
