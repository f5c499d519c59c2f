"""Who of a batch is in the clinic already, and in what the file differs from the record. A fixed number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from patients.folding import fold
from patients.models import Clinic, ClinicalFact, Patient
from regimens.imports.checking import NewPatient
from regimens.models import Injection

Person = tuple[str, str, date]
NationalId = tuple[str, str]
SHOWN = 5  # days that are listed before the rest is only counted


def person(family_name: str, given_names: str, born_on: date) -> Person:
    """Give what two records of one person have in common, however the name is spelt."""
    return fold(family_name), fold(given_names), born_on


def person_of(new: NewPatient) -> Person:
    """Give the same of a line of the file."""
    return person(new.contact["family_name"], new.contact.get("given_names", ""), new.contact["born_on"])


def national_id_of(new: NewPatient) -> NationalId | None:
    """Give the national identifier of a line that no other patient of the clinic may have."""
    system = new.contact.get("national_id_system")
    return (system, new.contact["national_id"]) if system and system != "other" else None


@dataclass
class Known:
    """The patients of the clinic that a batch of lines could be about, by what they could be known by."""

    by_number: dict[str, Patient] = field(default_factory=dict)
    by_national_id: dict[NationalId, str] = field(default_factory=dict)
    by_person: dict[Person, str] = field(default_factory=dict)
    answers: dict[int, dict[str, object]] = field(default_factory=dict)
    doses: dict[int, set[date]] = field(default_factory=dict)

    def differences(self, new: NewPatient) -> Iterator[str]:
        """Yield the columns in which a line says something else than the record of the same number; blanks say nothing."""
        patient = self.by_number[new.record_number]
        for name, value in new.contact.items():
            if getattr(patient, name) != value:
                yield name
        if new.email_consent is not None and new.email_consent != patient.email_consented:
            yield "email_consent"
        if (new.status, new.status_on) != (patient.status, patient.status_on):
            yield "status"
        answers = self.answers.get(patient.pk, {})
        for topic, answer in new.answers.items():
            if topic not in answers or answers[topic] != answer:
                yield topic
        if missing := sorted(set(new.doses) - self.doses.get(patient.pk, set())):
            more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            yield f"doses ({', '.join(map(str, missing[:SHOWN]))}{more})"


def known(clinic: Clinic, batch: Iterable[NewPatient]) -> Known:
    """Look up a batch in the clinic; at most six queries. A record that was merged is the one that stays."""
    batch = list(batch)
    found, patients = Known(), Patient.objects.filter(clinic=clinic)
    numbered = patients.filter(record_number__in=[new.record_number for new in batch])
    for patient in numbered.select_related("merged_into"):
        found.by_number[patient.record_number] = patient.merged_into or patient
    if wanted := [pair for new in batch if (pair := national_id_of(new))]:
        held = patients.present().exclude(national_id="").exclude(national_id_system="other")
        held = held.filter(
            national_id_system__in={system for system, _ in wanted}, national_id__in=[n for _, n in wanted]
        )
        for system, national_id, number in held.values_list(
            "national_id_system", "national_id", "record_number"
        ):
            found.by_national_id[system, national_id] = number
    namesakes = patients.present().filter(born_on__in={new.contact["born_on"] for new in batch})
    for number, family, given, born_on in namesakes.values_list(
        "record_number", "family_name", "given_names", "born_on"
    ):
        found.by_person[person(family, given, born_on)] = number
    if found.by_number:
        _read_what_is_held(found)
    return found


def _read_what_is_held(found: Known) -> None:
    """Read the answers and doses of the patients who are here already."""
    person = {patient.pk: patient.pk for patient in found.by_number.values()}
    person |= dict(Patient.objects.filter(merged_into__in=person).values_list("pk", "merged_into"))
    facts = ClinicalFact.objects.filter(patient__in=person).newest_first()
    for patient, topic, answer in facts.values_list("patient_id", "topic", "answer"):
        found.answers.setdefault(person[patient], {}).setdefault(topic, answer)
    doses = Injection.objects.standing().filter(patient__in=person)
    for patient, given_on in doses.values_list("patient_id", "given_on"):
        found.doses.setdefault(person[patient], set()).add(given_on)
