"""The invented clinics of the demo, and who works in them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from patients.models import Clinic, Closure, Membership, Role, User

# Name, time zone, opening days, country and region of its public holidays. The first is open every day, so that a
# demonstration shows a full waiting room on a Sunday too.
PLACES = (
    ("Riverside Health Centre", "Europe/London", "0123456", "", ""),
    ("Old Mill Surgery", "Europe/London", "01234", "GB", "ENG"),
    ("St Brigid's Medical Centre", "Europe/Dublin", "01234", "IE", ""),
    ("Harbour View Practice", "Pacific/Auckland", "012345", "NZ", ""),
    ("Lindenhof Practice", "Europe/Zurich", "01234", "CH", "ZH"),
    ("Cedar Street Clinic", "America/Toronto", "01234", "CA", "ON"),
    ("Baobab House Surgery", "Africa/Johannesburg", "012345", "ZA", ""),
    ("Peel Street Practice", "Europe/London", "0134", "GB", "SCT"),
)
YEARS_OF_CLOSURES = 2  # past, and one to come


@dataclass(frozen=True)
class Staff:
    """Who does what in one clinic."""

    nurse: User
    physician: User
    reception: User


@transaction.atomic
def open_clinics(count: int, today: date) -> list[Clinic]:
    """Open so many clinics under names that are still free, with their closures and the demo's staff."""
    taken = Clinic.objects.count()
    clinics = [_open(number, today) for number in range(taken, taken + count)]
    users = _staff()
    for clinic in clinics:
        working = [account for account in DEMO_ACCOUNTS if account.everywhere or clinic != clinics[0]]
        Membership.objects.bulk_create(
            Membership(
                user=users[account.username],
                clinic=clinic,
                role=account.role,
                registration_number=f"DEMO-{clinic.pk:03}-{account.username}"
                if account.role in (Role.NURSE, Role.PHYSICIAN)
                else "",
            )
            for account in working
        )
    return clinics


def staff_of(clinic: Clinic) -> Staff:
    """Give the people of a demo clinic; the nurse of the second clinic works there alone."""
    here = {
        membership.user.username: membership.user
        for membership in clinic.memberships.select_related("user").order_by("pk")
    }
    return Staff(here.get("nurse-two", here["nurse"]), here["physician"], here["reception"])


def _open(number: int, today: date) -> Clinic:
    name, zone, weekdays, country, region = PLACES[number % len(PLACES)]
    again = number // len(PLACES) + 1
    name = name if again == 1 else f"{name} {again}"
    slug = name.casefold().replace("'", "").replace(" ", "-")
    clinic = Clinic.objects.create(
        name=name,
        slug=slug,
        time_zone=zone,
        open_weekdays=weekdays,
        opens_at="08:30",
        closes_at="18:00",
        holidays_country=country,
        holidays_region=region,
        address=f"{number + 1} Example Street",
        phone=f"020 7946 {number:04}",  # Ofcom keeps 020 7946 0xxx for invented people
        email=f"desk@{slug}.example.org",
        letter_sender=name,
        letters_from="00:00",  # the whole day: a letter of the demo leaves whenever somebody looks
        letters_until="00:00",
    )
    Closure.objects.bulk_create(_closures(clinic, today))
    clinic.refresh_from_db()
    return clinic


def _closures(clinic: Clinic, today: date) -> list[Closure]:
    """Give the public holidays around today, and a day of training that is soon to come."""
    days: dict[date, str] = {}
    for year in range(today.year - YEARS_OF_CLOSURES, today.year + 2):
        days |= clinic.public_holidays(year)
    days.setdefault(today + timedelta(days=16), "Staff training")
    days.pop(today, None)  # a demonstration is given on a working day
    return [Closure(clinic=clinic, day=day, reason=reason[:120]) for day, reason in sorted(days.items())]


def _staff() -> dict[str, User]:
    """Give the demo's accounts by name, made where they are not there yet; the password is hashed once."""
    here = {
        user.username: user for user in User.objects.filter(username__in=[a.username for a in DEMO_ACCOUNTS])
    }
    hashed = make_password(DEMO_PASSWORD)
    for account in DEMO_ACCOUNTS:
        if account.username not in here:
            here[account.username] = User.objects.create(
                username=account.username,
                password=hashed,
                first_name=account.first_name,
                last_name=account.last_name,
                email=f"{account.username}@example.org",
            )
    return here
