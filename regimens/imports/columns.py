"""The columns of a file of patients, in the order in which docs/import.md explains them."""

from dataclasses import dataclass

from patients.models import Patient
from patients.models.facts import Topic
from regimens.imports import values
from regimens.imports.values import Reader

NOT_STARTED, LOADING, DAILY_LOADING, MAINTENANCE, TABLETS = (
    "not started",
    "loading",
    "daily loading",
    "maintenance",
    "tablets",
)
STAGES = (NOT_STARTED, LOADING, DAILY_LOADING, MAINTENANCE, TABLETS)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read. `required`: it must be there; `filled`: and no cell of it may be empty."""

    reads: Reader
    required: bool = False
    filled: bool = False
    topic: Topic | None = None


stage = values.one_of(**{word.replace(" ", "_"): word for word in STAGES})
sex = values.one_of(
    f=Patient.Sex.FEMALE,
    m=Patient.Sex.MALE,
    **{each.value: each for each in Patient.Sex if each != "unknown"},
)
status = values.one_of(**{each.value: each for each in Patient.Status})

WHO = {
    "record_number": Column(values.record_number, required=True, filled=True),
    "family_name": Column(values.name, required=True, filled=True),
    "given_names": Column(values.name),
    "born_on": Column(values.day, required=True, filled=True),
    "sex": Column(sex),
    "national_id_system": Column(values.national_system),
    "national_id": Column(values.national_id),
    "phone": Column(values.phone),
    "email": Column(values.email),
    "email_consent": Column(values.yes_or_no),
    "email_confirmed_on": Column(values.day),
    "language": Column(values.language),
    "contact_note": Column(values.plain(200)),
    "status": Column(status),
    "status_on": Column(values.day),
}
TREATMENT = {
    "stage": Column(stage, required=True),
    "doses": Column(values.list_of_days),
    "last_dose": Column(values.last_day),
    "treated_since": Column(values.day),
    "interval": Column(values.interval),
    "doses_from": Column(values.plain(120)),
}
ASKED = {"facts_on": Column(values.day)} | {
    topic.value: Column(values.answer(topic), topic=topic)
    for topic in Topic
    if topic != Topic.PRIOR_TREATMENT
}

COLUMNS: dict[str, Column] = WHO | TREATMENT | ASKED
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.required)
