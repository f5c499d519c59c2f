"""Which answers each clinical question takes. Null is always one of them: “not known”."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.calendar_words import MONTHS
from patients.models.facts import Topic


@dataclass(frozen=True)
class Question:
    """One question about a patient: its topic, its choices (or a free kind of value), and a hint."""

    topic: Topic
    choices: tuple[tuple[object, str], ...] = ()
    many: bool = False
    kind: str = "choice"  # choice, list, centimetres, day
    hint: str = ""


YES_NO = ((True, _("Yes")), (False, _("No")))

QUESTIONS = (
    Question(
        Topic.NEURO,
        (("none", _("None")), ("present", _("Present")), ("severe", _("Severe"))),
        hint=_("Now: paraesthesia, gait, cognition, vision. Decides how loading is given."),
    ),
    Question(Topic.NEURO_AT_PRESENTATION, YES_NO, hint=_("Decides the interval, for life (R-16).")),
    Question(
        Topic.DEFICIENCY,
        (
            ("confirmed", _("Confirmed")),
            ("indeterminate", _("Indeterminate")),
            ("none", _("None: prophylaxis")),
        ),
    ),
    Question(Topic.SEVERE, YES_NO),
    Question(Topic.PANCYTOPENIA, YES_NO),
    Question(
        Topic.ALLERGIES,
        (
            ("hydroxocobalamin", _("Hydroxocobalamin")),
            ("cyanocobalamin", _("Cyanocobalamin")),
            ("methylcobalamin", _("Methylcobalamin")),
            ("cobalt", _("Cobalt")),
            ("benzyl alcohol", _("Benzyl alcohol")),
            ("parabens", _("Parabens")),
        ),
        kind="list",
        hint=_("Choose “none” only after asking."),
    ),
    Question(Topic.ANTICOAGULANT, YES_NO),
    Question(Topic.RENAL, YES_NO, hint=_("The eGFR itself is entered as a result.")),
    Question(Topic.DIALYSIS, YES_NO),
    Question(Topic.PREGNANT, YES_NO),
    Question(
        Topic.BARIATRIC,
        (
            ("none", _("None")),
            ("restrictive", _("Sleeve or band")),
            ("bypass", _("Gastric bypass")),
            ("malabsorptive", _("Malabsorptive: BPD/DS, SADI, OAGB")),
            ("unknown", _("Yes, procedure not known")),
        ),
    ),
    Question(
        Topic.ILEAL_RESECTION,
        (("none", _("None")), ("unknown", _("Yes, length not known"))),
        kind="centimetres",
        hint=_("Length in centimetres, from the operation note."),
    ),
    Question(Topic.CROHNS_ILEAL, YES_NO),
    Question(Topic.LEBER, YES_NO),
    Question(
        Topic.FOLIC_ACID,
        (("none", _("Not taken")), ("requested", _("Ordered, not started")), ("current", _("Taken now"))),
    ),
    Question(
        Topic.CAUSE,
        (
            ("pernicious_anaemia", _("Pernicious anaemia")),
            ("surgery", _("Gastric or ileal surgery")),
            ("bowel", _("Bowel disease")),
            ("diet", _("Diet")),
            ("medicine", _("A medicine")),
            ("other", _("Other")),
        ),
    ),
    Question(
        Topic.PRIOR_TREATMENT,
        (("none", _("Never")),),
        kind="day",
        hint=_("First day of treatment, if known."),
    ),
)
BY_TOPIC = {question.topic: question for question in QUESTIONS}


def checked(topic: str, answer):
    """Give the answer in its stored form, or refuse it. None, “not known”, is always taken."""
    question = BY_TOPIC[Topic(topic)]
    allowed = [value for value, _label in question.choices]
    if answer is None:
        return None
    if question.kind == "list":
        return _checked_list(answer, allowed)
    if answer in allowed and not (isinstance(answer, int) and not isinstance(answer, bool)):
        return answer
    if question.kind == "centimetres":
        return _checked_length(answer)
    if question.kind == "day":
        return _checked_day(answer)
    raise ValidationError(_("“%(answer)s” is not an answer to this question."), params={"answer": answer})


def in_words(question: Question, answer: object) -> str:
    """Write a stored answer as people read it; empty where nobody knows."""
    if answer is None:
        return ""
    words = {value: str(label) for value, label in question.choices}
    if question.kind == "list":
        return ", ".join(words[item] for item in answer) or str(_("None known"))
    if answer in words:
        return words[answer]
    if question.kind == "centimetres":
        return f"{Decimal(str(answer)).normalize():f} cm"
    since = date.fromisoformat(str(answer))
    return f"{since.day} {MONTHS[since.month - 1]} {since.year}"


def _checked_list(answer, allowed) -> list:
    strange = [item for item in answer if item not in allowed]
    if isinstance(answer, str) or strange:
        raise ValidationError(
            _("Not on the list: %(names)s."), params={"names": ", ".join(map(str, strange)) or answer}
        )
    return sorted(set(answer))


def _checked_length(answer) -> float:
    try:
        length = Decimal(str(answer))
    except InvalidOperation as error:
        raise ValidationError(_("Write the length in centimetres, for example 35.")) from error
    if not 0 < length <= 800:
        raise ValidationError(_("A length of %(length)s cm is not possible."), params={"length": answer})
    return float(length)


def _checked_day(answer) -> str:
    try:
        return date.fromisoformat(str(answer)).isoformat()
    except ValueError as error:
        raise ValidationError(_("Write the day as year-month-day, for example 2024-05-01.")) from error
