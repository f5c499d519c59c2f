"""Invented people: names of many origins, births, ways to reach them. Nobody here lives."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from patients.folding import fold
from patients.models import Patient
from patients.national_ids import nhs_number_holds

# fmt: off
FAMILIES = (
    "Smith", "Smyth", "Jones", "Taylor", "Williams", "O'Brien", "O’Connor", "Ó Súilleabháin", "MacDonald", "McDonald",
    "Ap Rhys", "Llewelyn", "Patel", "Khan", "Hussain", "Begum", "Singh", "Kaur", "Banerjee", "Okonkwo", "Adébáyò",
    "Mensah", "Nkrumah", "van der Merwe", "de la Cruz", "García Márquez", "Núñez", "Muñoz", "João", "Gonçalves",
    "D'Angelo", "Dell'Acqua", "Rossi", "Müller", "Mueller", "Schröder", "Groß", "Żółtowski", "Łukaszewicz", "Kowalska",
    "Nowak", "Dvořák", "Čapek", "Horváth", "Szabó", "Ionescu", "Ștefănescu", "Şahin", "Yılmaz", "Öztürk", "Papadopoulos",
    "Ivanova", "Petrov", "Nguyễn", "Trần", "Phạm", "Wang", "Li", "Chen", "Kim", "Park", "Satō", "Suzuki", "Tanaka",
    "Björnsdóttir", "Þórsson", "Ångström", "Sørensen", "Virtanen", "Al-Haddad", "El Masri", "Cohen", "Ben-David",
    "Tekle", "Abebe", "Hassan", "Abdi", "St John-Smythe", "Featherstonehaugh",
)
GIVEN = {
    Patient.Sex.FEMALE: (
        "Anne", "Ann", "Anne-Marie", "Annemarie", "Máire", "Siân", "Eilidh", "Zoë", "Chloé", "Noëlle", "Fatima", "Aisha",
        "Priya", "Lakshmi", "Ngozi", "Adaeze", "Thandiwe", "María José", "Inês", "Giulia", "Jürgen-Maria", "Käthe",
        "Małgorzata", "Zofia", "Jiřina", "Ilona", "Ioana", "Zeynep", "Elif", "Eleni", "Olga", "Thị Lan", "Mei-Ling",
        "Soo-jin", "Yuki", "Guðrún", "Åsa", "Leyla", "Miriam", "Selam", "Margaret", "Dorothy", "Jean", "Susan",
    ),
    Patient.Sex.MALE: (
        "John", "Jon", "Seán", "Iain", "Rhys", "Mohammed", "Muhammad", "Arjun", "Ravi", "Chidi", "Oluwaseun", "Kwame",
        "Sipho", "José", "João", "Luca", "Jürgen", "Jörg", "Łukasz", "Krzysztof", "Tomáš", "László", "Ștefan", "Emre",
        "Nikolaos", "Dmitri", "Văn An", "Wei", "Min-jun", "Kenji", "Þór", "Søren", "Väinö", "Omar", "Yusuf", "David",
        "Peter", "Harold", "Stanley", "Jean-Luc", "René", "François",
    ),
}
LANGUAGES = ("en",) * 30 + ("cy", "pl", "ur", "pa", "pt", "ro", "tr", "vi", "so")
NOTES = ("",) * 12 + ("Hard of hearing: speak slowly", "Ring after 17:00", "Comes with her daughter", "Uses a wheelchair")
# fmt: on
YOUNGEST, OLDEST = 21, 93


@dataclass(frozen=True)
class Reach:
    """How far a patient may be written to."""

    email: bool
    confirmed: bool
    consent: bool | None


REACHES = (
    (70, Reach(email=True, confirmed=True, consent=True)),
    (6, Reach(email=True, confirmed=False, consent=True)),
    (6, Reach(email=True, confirmed=True, consent=False)),
    (4, Reach(email=True, confirmed=False, consent=None)),
    (14, Reach(email=False, confirmed=False, consent=None)),
)


class People:
    """Makes one person after the other; some resemble the one before, as they do in every clinic."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.numbers = count(1)
        self.before: Patient | None = None

    def next(self, clinic, prefix: str, today: date, born_on: date | None = None) -> tuple[Patient, Reach]:
        """Give a patient, unsaved, and how far they may be written to."""
        rng, number = self.rng, next(self.numbers)
        sex = rng.choice((Patient.Sex.FEMALE, Patient.Sex.MALE))
        family, given = rng.choice(FAMILIES), rng.choice(GIVEN[sex])
        born_on = born_on or self._birth(today)
        if self.before is not None and rng.random() < 0.02:
            family, born_on, sex = self.before.family_name, _nearly(self.before.born_on, rng), self.before.sex
            given = rng.choice((self.before.given_names, given))
        [reach] = rng.choices([r for _w, r in REACHES], [w for w, _r in REACHES])
        national_id = _nhs_number(number) if rng.random() < 0.6 else ""
        patient = Patient(
            clinic=clinic,
            family_name=family,
            given_names=given,
            born_on=born_on,
            sex=sex,
            record_number=f"{prefix}-{number:05}",
            national_id=national_id,
            national_id_system="nhs" if national_id else "",
            phone=f"07700 {900_000 + number % 1000}",  # Ofcom keeps 07700 900000 to 900999 for invented people
            email=_address(given, family, number) if reach.email else "",
            language=rng.choice(LANGUAGES),
            contact_note=rng.choice(NOTES),
        )
        self.before = patient
        return patient, reach

    def _birth(self, today: date) -> date:
        """Older rather than younger, and now and then on a leap day."""
        age = int(self.rng.triangular(YOUNGEST, OLDEST, 68))
        year = today.year - age
        if self.rng.random() < 0.01:
            return date(year - year % 4, 2, 29)
        return date(year, 1, 1) + timedelta(days=self.rng.randrange(365))


def _nearly(born_on: date, rng: Random) -> date:
    """Give a birth that is easily taken for another: a few days off, or day and month exchanged."""
    if born_on.day <= 12 and rng.random() < 0.5:
        return born_on.replace(month=born_on.day, day=born_on.month)
    return born_on + timedelta(days=rng.choice((0, 1, 10)))


def _nhs_number(number: int) -> str:
    """Give a number of the range that is kept for tests, 999 000 0000 on, or none where no check digit holds."""
    for check in range(10):
        if nhs_number_holds(digits := f"999{number:06}{check}"):
            return digits
    return ""


def _address(given: str, family: str, number: int) -> str:
    """Give an address in a domain that is kept for examples."""
    words = f"{fold(given)}.{fold(family)}".replace(" ", ".")
    return f"{''.join(letter for letter in words if letter.isascii())}.{number}@example.org"
