"""Every clinical question on one form, “not known” among the answers, with the answer that holds now beside each."""

from datetime import date
from decimal import Decimal

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Submit
from django import forms

from patients.clinical_facts import BY_TOPIC, QUESTIONS, Question, in_words
from patients.date_boxes import DateBoxesField
from patients.models import ClinicalFact, Patient
from patients.models.facts import Topic
from patients.templatetags.wording import day

NOT_KNOWN = "not-known"
LONGEST_IN_A_ROW = 11  # letters of a word
GIVEN = "given"  # the answer stands in the field beside the choice
GROUPS = (
    ("Nerves", (Topic.NEURO, Topic.NEURO_AT_PRESENTATION)),
    ("The deficiency", (Topic.DEFICIENCY, Topic.SEVERE, Topic.PANCYTOPENIA, Topic.CAUSE, Topic.PRIOR_TREATMENT)),
    ("Before a needle", (Topic.ALLERGIES, Topic.ANTICOAGULANT)),
    ("Gut", (Topic.BARIATRIC, Topic.ILEAL_RESECTION, Topic.CROHNS_ILEAL)),
    ("Kidneys, eyes, pregnancy, folic acid", (Topic.RENAL, Topic.DIALYSIS, Topic.LEBER, Topic.PREGNANT, Topic.FOLIC_ACID)),
)  # fmt: skip
BESIDE = {"list": "which", "centimetres": "length", "day": "since"}
GIVEN_WORDS = {"list": "Yes, these", "centimetres": "Yes, of this length", "day": "Yes, since this day"}


class FactsForm(forms.Form):
    """The questions, each as a choice; some with a field beside for what a choice cannot say.

    `seen` is the newest answer that stood on record when the page was opened: only what differs from what was seen
    is written, and an answer somebody else gave meanwhile is never overwritten unseen.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    observed_on = DateBoxesField(label="These answers are of", error_messages={"required": "Enter the day."})

    def __init__(self, *args, patient: Patient, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.history = list(
            ClinicalFact.objects.filter(patient__in=patient.record_keys)
            .newest_first()
            .select_related("recorded_by")
        )
        self.holding = _holding(self.history)
        self.initial |= {"observed_on": today, "seen": max((fact.pk for fact in self.history), default=0)}
        for question in QUESTIONS:
            self._add(question)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "seen",
            "observed_on",
            *(Fieldset(title, *self._pointers(topics)) for title, topics in GROUPS),
            FormActions(
                Submit("save", "Save what changed"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )

    def changes(self) -> dict[str, object]:
        """Give {topic: answer} of what differs from what the page showed; call it on a valid form."""
        shown = _holding([fact for fact in self.history if fact.pk <= self.cleaned_data["seen"]])
        given = {question.topic: self._answer(question) for question in QUESTIONS}
        return {topic: answer for topic, answer in given.items() if answer != _stored(shown.get(topic))}

    def clean(self):
        """Ask for what belongs beside a choice, and refuse to overwrite what was answered meanwhile."""
        data = super().clean()
        for question in QUESTIONS:
            beside = _beside(question)
            if data.get(question.topic) == GIVEN and not data.get(beside) and beside not in self.errors:
                self.add_error(beside, "Fill this in, or choose another answer.")
        if not self.errors:
            self._refuse_what_was_answered_meanwhile()
        return data

    def _refuse_what_was_answered_meanwhile(self) -> None:
        newer = {fact.topic for fact in self.history if fact.pk > self.cleaned_data["seen"]}
        for topic in newer & set(self.changes()):
            self.add_error(
                topic, "Somebody answered this while you were typing. Look at both answers, then save again."
            )
        if self.errors:
            self.data = self.data.copy()
            self.data["seen"] = self.initial["seen"]

    def _add(self, question: Question) -> None:
        holding = self.holding.get(question.topic)
        choices = [(_key(value), label) for value, label in question.choices if question.kind != "list"]
        if question.kind == "list":
            choices = [("none", "None known")]
        if question.kind in GIVEN_WORDS:
            choices.append((GIVEN, GIVEN_WORDS[question.kind]))
        self.fields[question.topic] = forms.ChoiceField(
            label=question.topic.label,
            choices=[*choices, (NOT_KNOWN, "Not known")],
            widget=forms.RadioSelect,
            error_messages={"required": "Choose an answer; “not known” is one."},
            help_text=" ".join(filter(None, (str(question.hint), _now(question, holding)))),
        )
        choice, beside = _as_typed(question, _stored(holding))
        self.initial[question.topic] = choice
        if question.kind in GIVEN_WORDS:
            self.fields[_beside(question)] = _field_beside(question)
            self.initial[_beside(question)] = beside

    def _pointers(self, topics: tuple[Topic, ...]) -> list:
        names = (name for topic in topics for name in (topic.value, _beside(BY_TOPIC[topic])))
        return [_in_a_row(name, self.fields[name]) for name in names if name in self.fields]

    def _answer(self, question: Question) -> object:
        """Give the answer as it is stored."""
        choice = self.cleaned_data[question.topic]
        if choice == NOT_KNOWN:
            return None
        if choice == GIVEN:
            beside = self.cleaned_data[_beside(question)]
            return {"list": sorted, "centimetres": float, "day": date.isoformat}[question.kind](beside)
        if question.kind == "list":
            return []
        return next(value for value, _label in question.choices if _key(value) == choice)


def _in_a_row(name: str, field: forms.Field) -> str | InlineRadios:
    """Put a few choices of short words beside each other; others stay a column."""
    choices = getattr(field, "choices", ())
    short = all(len(word) <= LONGEST_IN_A_ROW for _value, label in choices for word in str(label).split())
    return InlineRadios(name) if len(choices) in (3, 4) and short else name


def _holding(history: list[ClinicalFact]) -> dict[str, ClinicalFact]:
    """Give the newest answer of each topic; the history comes newest first."""
    holding: dict[str, ClinicalFact] = {}
    for fact in history:
        holding.setdefault(fact.topic, fact)
    return holding


def _stored(fact: ClinicalFact | None) -> object:
    return None if fact is None else fact.answer


def _key(value: object) -> str:
    """Give the word by which a choice is posted."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _beside(question: Question) -> str:
    return f"{question.topic}_{BESIDE.get(question.kind, '')}"


def _as_typed(question: Question, answer: object) -> tuple[str, object]:
    """Give the choice, and what stands beside it, for a stored answer."""
    if answer is None:
        return NOT_KNOWN, None
    if question.kind == "list":
        return (GIVEN, answer) if answer else ("none", None)
    if any(answer == value for value, _label in question.choices):
        return _key(answer), None
    return GIVEN, date.fromisoformat(answer) if question.kind == "day" else Decimal(str(answer)).normalize()


def _now(question: Question, fact: ClinicalFact | None) -> str:
    if fact is None:
        return "Nobody has answered this yet."
    return f"On record: {in_words(question, fact.answer) or 'not known'}, of {day(fact.observed_on)}."


def _field_beside(question: Question) -> forms.Field:
    """Give the field for what a choice cannot say."""
    if question.kind == "list":
        return forms.MultipleChoiceField(
            label="Which allergies",
            choices=question.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    if question.kind == "centimetres":
        return forms.DecimalField(
            label="Length removed, in centimetres",
            required=False,
            min_value=0,
            max_digits=5,
            decimal_places=1,
        )
    return DateBoxesField(label="First day of treatment", required=False)
