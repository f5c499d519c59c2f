"""Invented people: names of many origins, births, ways to reach them. Nobody here lives."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from patients.folding import fold
from patients.models import Patient
from patients.national_ids import nhs_number_holds

# fmt: off
# How many of a hundred, then family names, women's names, men's names.
ORIGINS = (
    (46, "Smith Smyth Jones Taylor Williams Brown Wright Walker Green Hall Wood Hughes St~John-Smythe Featherstonehaugh",
         "Anne Ann Anne-Marie Annemarie Margaret Dorothy Jean Susan Karen Patricia Zoë Chloé Joan Elizabeth Elisabeth",
         "John Jon Peter Harold Stanley David Stephen Steven Alan Allan Geoffrey Jeffrey Thomas Kenneth Brian"),
    (10, "O'Brien O’Connor MacDonald McDonald Campbell Ó~Súilleabháin Ní~Dhomhnaill Fitzgerald Llewelyn Ap~Rhys Pritchard",
         "Máire Siân Eilidh Sinéad Aoife Niamh Bronwen Gwenllian Mairead Catrìona",
         "Seán Iain Rhys Gruffydd Eoghan Ruairí Aled Pádraig Callum"),
    (12, "Patel Khan Hussain Begum Singh Kaur Banerjee Sharma Reddy Chowdhury",
         "Aisha Fatima Priya Lakshmi Sunita Nasreen Meera Rukhsana",
         "Mohammed Muhammad Arjun Ravi Imran Sanjay Yusuf Gurpreet"),
    (8, "Okonkwo Adébáyò Mensah Nkrumah Tekle Abebe Hassan Abdi Dlamini van~der~Merwe",
        "Ngozi Adaeze Thandiwe Selam Amina Abena Hodan", "Chidi Oluwaseun Kwame Sipho Dawit Omar Johannes"),
    (10, "Nowak Kowalska Łukaszewicz Żółtowski Dvořák Čapek Horváth Szabó Ionescu Ștefănescu Petrov Ivanova",
         "Małgorzata Zofia Jiřina Ilona Ioana Olga Käthe", "Łukasz Krzysztof Tomáš László Ștefan Dmitri Jörg"),
    (8, "García~Márquez Núñez Muñoz de~la~Cruz Gonçalves D'Angelo Dell'Acqua Rossi Papadopoulos Müller Mueller Groß",
        "María~José Inês Giulia Eleni Käthe Noëlle", "José João Luca Nikolaos Jürgen Jean-Luc René François"),
    (6, "Nguyễn Trần Phạm Wang Li Chen Kim Park Satō Suzuki Tanaka",
        "Thị~Lan Mei-Ling Soo-jin Yuki Hui", "Văn~An Wei Min-jun Kenji Jian"),
    (6, "Şahin Yılmaz Öztürk Al-Haddad El~Masri Cohen Ben-David Björnsdóttir Þórsson Ångström Sørensen Virtanen",
        "Zeynep Elif Leyla Miriam Guðrún Åsa", "Emre Omar Yusuf David Þór Søren Väinö"),
)
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
        family, given = self._name(sex)
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

    def _name(self, sex: str) -> tuple[str, str]:
        """Give a family name and a given name, mostly of one origin; one in seven has a second given name."""
        rng, weights = self.rng, [row[0] for row in ORIGINS]
        [home], [other] = rng.choices(ORIGINS, weights), rng.choices(ORIGINS, weights)
        which = 2 if sex == Patient.Sex.FEMALE else 3
        names = (home if rng.random() < 0.92 else other)[which].split()
        given = " ".join(rng.sample(names, 2 if rng.random() < 0.15 else 1))
        return rng.choice(home[1].split()).replace("~", " "), given.replace("~", " ")

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
