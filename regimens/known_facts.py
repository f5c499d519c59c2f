"""What is known of a patient as a page shows it: each fact in words, with its day, unknown and stale ones marked."""

from dataclasses import dataclass
from datetime import date

from patients.calendar_words import MONTHS
from patients.clinical_facts import BY_TOPIC, QUESTIONS, Question, in_words
from patients.models import ClinicalFact, Patient, Result
from patients.models.facts import Topic
from regimens.facts import MEASUREMENTS, PLAIN_QUESTIONS
from regimens.models import Injection
from regimens.protocol import levels
from regimens.protocol.facts import Answer, BariatricProcedure, Facts, Measured
from regimens.protocol.patient_rules import bleeding
from regimens.protocol.situation import situation
from regimens.protocol.units import ANALYTES, Analyte

NOT_ASKED_BY_RULES = {Topic.CAUSE, Topic.PRIOR_TREATMENT}
AT_EVERY_VISIT = {Topic.NEURO, Topic.ALLERGIES, Topic.ANTICOAGULANT, Topic.PREGNANT}  # D-31
NOT_KNOWN = "Not known"


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
    # What the rules make of a fact that is too old, where it is.
    follows: str = ""

    @property
    def is_stale(self) -> bool:
        """Known, and too old to rely on."""
        return self.is_known and bool(self.note)

    @property
    def is_known(self) -> bool:
        """Somebody answered, with more than “not known”."""
        return bool(self.value)


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact in words, as it was and as it is."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The last visit with a needle, and whether the questions of every visit (D-31) were asked at it."""

    on: date
    asked: bool


def last_asked(patient: Patient) -> Asked | None:
    """Give the last dose given at the clinic, None where there was none; one query."""
    given = Injection.objects.standing().filter(
        patient__in=patient.record_keys, source=Injection.Source.CLINIC
    )
    last = given.order_by("-given_on", "-pk").values_list("given_on", "questions_asked").first()
    return Asked(*last) if last else None


def known_facts(
    patient: Patient, facts: Facts, on: date, *, visit: Asked | None = None
) -> tuple[KnownFact, ...]:
    """Give every fact the rules ask for, as of a day; two queries. `facts` are the same ones, as the rules see them.

    `visit`: the last one, to tell whether what is asked at every visit was asked since it was answered.
    """
    answers: dict[str, tuple[object, date]] = {}
    rows = ClinicalFact.objects.filter(patient__in=patient.record_keys, observed_on__lte=on).newest_first()
    for topic, answer, observed_on in rows.values_list("topic", "answer", "observed_on"):
        answers.setdefault(topic, (answer, observed_on))
    asked = (question for question in QUESTIONS if question.topic not in NOT_ASKED_BY_RULES)
    return (
        *(_answered(question, *answers.get(question.topic, (None, None)), visit) for question in asked),
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


def changes_between(before: Facts, after: Facts) -> list[Changed]:
    """Give the facts that differ in words, as they were and as they are, each once."""
    found = {}
    for name in after.changed_since(before):
        label = changed_names((name,))[0]
        found[label] = Changed(label, _in_words(before, name), _in_words(after, name))
    return list(found.values())


def _in_words(facts: Facts, name: str) -> str:
    """Write one fact as the rules see it; what belongs together (a resection and its length) is one sentence."""
    value = getattr(facts, name)
    if name in MEASUREMENTS.values():
        return _measured_words(value)
    if name.startswith("ileal_resection"):
        return _resection_words(facts)
    if name.startswith("bariatric"):
        return _bariatric_words(facts)
    if name == "allergies":
        return NOT_KNOWN if value is None else in_words(BY_TOPIC[Topic.ALLERGIES], sorted(value))
    if name == "born_on":
        return _day(value)
    if value == "unknown":
        return NOT_KNOWN
    if name in PLAIN_QUESTIONS.values():
        return value.value.capitalize()
    topic = BY_TOPIC.get(name)
    return in_words(topic, value.value) if topic else value.value.replace("_", " ").capitalize()


def _measured_words(value: Measured | None) -> str:
    if value is None:
        return "No result"
    sign = value.comparator or ""
    taken = f" of {_day(value.collected_on)}" if value.collected_on else ""
    return f"{sign}{value.value:f} {value.unit or 'without a unit'}{taken}"


def _resection_words(facts: Facts) -> str:
    if facts.ileal_resection is Answer.UNKNOWN:
        return NOT_KNOWN
    if facts.ileal_resection is Answer.NO:
        return "None"
    length = facts.ileal_resection_cm
    return "Yes, length not known" if length is None else f"{length.normalize():f} cm"


def _bariatric_words(facts: Facts) -> str:
    if facts.bariatric is Answer.UNKNOWN:
        return NOT_KNOWN
    if facts.bariatric is Answer.NO:
        return "None"
    kinds = {
        BariatricProcedure.OTHER: "not a malabsorptive operation",
        BariatricProcedure.MALABSORPTIVE: "a malabsorptive operation",
        BariatricProcedure.UNKNOWN: "operation not known",
    }
    return f"Yes, {kinds[facts.bariatric_procedure]}"


def _answered(question: Question, answer: object, on: date | None, visit: Asked | None = None) -> KnownFact:
    note = "" if answer is not None else "never asked" if on is None else "asked, not known"
    follows = ""
    if (
        answer is not None
        and question.topic in AT_EVERY_VISIT
        and visit
        and visit.on > on
        and not visit.asked
    ):
        note = f"not asked at the visit of {_day(visit.on)}"
        follows = "These are asked at every visit: ask again before relying on them (D-31)."
    return KnownFact(
        _name_of(question.topic),
        str(question.topic.label),
        in_words(question, answer),
        on,
        note,
        follows=follows,
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
    stale, follows = _stale_platelets(facts, on)
    found = []
    for analyte, name in MEASUREMENTS.items():
        label = ANALYTES[Analyte(analyte)].title
        if analyte not in newest:
            found.append(KnownFact(name, label, note="no result", is_result=True))
            continue
        value, unit, comparator, collected_on = newest[analyte]
        words = f"{comparator}{value.normalize():f} {unit}"
        old = (stale, follows) if name == "platelets" else ("", "")
        found.append(KnownFact(name, label, words, collected_on, old[0], is_result=True, follows=old[1]))
    return found


def _stale_platelets(facts: Facts, on: date) -> tuple[str, str]:
    """Say since when the platelet count is too old to rely on, and what follows (D-03): the one result with a time limit."""
    patient = situation(facts, on)
    if not patient.platelets_are_stale:
        return "", ""
    said = next((each for each in bleeding(patient) if each.code.endswith("PLT-STALE")), None)
    follows = f"{said.message} ({said.code})" if said else ""
    if facts.platelets.collected_on is None:
        return "too old: nobody knows when it was taken", follows
    valid = levels.valid_for_days(patient.platelets)
    return (
        f"too old: a count like this is valid for {valid} days, this one is from {_day(facts.platelets.collected_on)}",
        follows,
    )


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
