"""What is known of a patient as a page shows it: each fact in words, with its day, unknown and stale ones marked."""

from dataclasses import dataclass
from datetime import date

from patients.calendar_words import MONTHS
from patients.clinical_facts import QUESTIONS, Question, in_words
from patients.models import ClinicalFact, Patient, Result
from patients.models.facts import Topic
from regimens.facts import MEASUREMENTS, PLAIN_QUESTIONS
from regimens.protocol import levels
from regimens.protocol.facts import Facts
from regimens.protocol.situation import situation
from regimens.protocol.units import ANALYTES, Analyte

NOT_ASKED_BY_RULES = {Topic.CAUSE, Topic.PRIOR_TREATMENT}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One fact: `name` is the protocol's, `value` is empty where nobody knows, `on` the day it was observed.

    `note` says why it may not be relied on; `is_result` tells where it is entered.
    """

    name: str
    label: str
    value: str = ""
    on: date | None = None
    note: str = ""
    is_result: bool = False

    @property
    def is_known(self) -> bool:
        """Somebody answered, with more than “not known”."""
        return bool(self.value)


def known_facts(patient: Patient, facts: Facts, on: date) -> tuple[KnownFact, ...]:
    """Give every fact the rules ask for, as of a day; two queries. `facts` are the same ones, as the rules see them."""
    answers: dict[str, tuple[object, date]] = {}
    rows = ClinicalFact.objects.filter(patient__in=patient.record_keys, observed_on__lte=on).newest_first()
    for topic, answer, observed_on in rows.values_list("topic", "answer", "observed_on"):
        answers.setdefault(topic, (answer, observed_on))
    asked = (question for question in QUESTIONS if question.topic not in NOT_ASKED_BY_RULES)
    return (
        *(_answered(question, *answers.get(question.topic, (None, None))) for question in asked),
        *_measured(patient, facts, on),
    )


def changed_names(names: tuple[str, ...]) -> list[str]:
    """Give the words for facts named by the protocol, each once."""
    labels = {_name_of(question.topic): str(question.topic.label) for question in QUESTIONS}
    labels |= {name: ANALYTES[Analyte(analyte)].title for analyte, name in MEASUREMENTS.items()}
    labels |= {
        "ileal_resection_cm": labels["ileal_resection"],
        "bariatric_procedure": labels["bariatric"],
        "born_on": "Date of birth",
        "patient_state": "Status",
    }
    return list(dict.fromkeys(labels[name] for name in names))


def _name_of(topic: Topic) -> str:
    return PLAIN_QUESTIONS.get(topic, topic.value)


def _answered(question: Question, answer: object, on: date | None) -> KnownFact:
    note = "" if answer is not None else "never asked" if on is None else "asked, not known"
    return KnownFact(
        _name_of(question.topic), str(question.topic.label), in_words(question, answer), on, note
    )


def _measured(patient: Patient, facts: Facts, on: date) -> list[KnownFact]:
    rows = (
        Result.objects.standing()
        .filter(patient__in=patient.record_keys, analyte__in=MEASUREMENTS, collected_on__lte=on)
        .order_by("analyte", "-collected_on", "-id")
        .values_list("analyte", "value", "unit", "comparator", "collected_on")
    )
    newest: dict[str, tuple] = {}
    for analyte, *rest in rows:
        newest.setdefault(analyte, rest)
    stale = _stale_platelets(facts, on)
    found = []
    for analyte, name in MEASUREMENTS.items():
        label = ANALYTES[Analyte(analyte)].title
        if analyte not in newest:
            found.append(KnownFact(name, label, note="no result", is_result=True))
            continue
        value, unit, comparator, collected_on = newest[analyte]
        words = f"{comparator}{value.normalize():f} {unit}"
        found.append(
            KnownFact(name, label, words, collected_on, stale if name == "platelets" else "", is_result=True)
        )
    return found


def _stale_platelets(facts: Facts, on: date) -> str:
    """Say since when the platelet count is too old to rely on (D-03); it is the one fact with a time limit."""
    patient = situation(facts, on)
    if not patient.platelets_are_stale:
        return ""
    if facts.platelets.collected_on is None:
        return "too old: nobody knows when it was taken"
    valid = levels.valid_for_days(patient.platelets)
    taken = facts.platelets.collected_on
    written = f"{taken.day} {MONTHS[taken.month - 1]} {taken.year}"
    return f"too old: a count like this is valid for {valid} days, this one is from {written}"
