"""The whole population of a demo: so many patients in so many clinics, the same again for the same seed and day."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from random import Random

from django.db import transaction

from config.demo.bookings import fill_book
from config.demo.clinics import open_clinics, staff_of
from config.demo.cupboard import fill_cupboard
from config.demo.life import Life
from config.demo.people import People
from config.demo.stories import STORIES, Story
from patients import audit
from patients.models import Clinic
from regimens.models import Injection
from regimens.services.in_bulk import write_patients

BATCH = 200


def populate(
    *, patients: int, clinics: int, seed: int, now: datetime, tell: Callable[[str], None] = lambda line: None
) -> list[Clinic]:
    """Open the clinics and write the patients; give the clinics. `tell` hears of the progress."""
    today = now.date()
    opened = open_clinics(clinics, today)
    rng = Random(seed)  # noqa: S311 - an invention, not a secret
    people = People(rng)
    told = _told(patients, rng)
    for number, clinic in enumerate(opened):
        share = patients // clinics + (number < patients % clinics)
        _fill(clinic, [next(told) for _ in range(share)], people, f"{seed}/{number}", now, tell)
        staff = staff_of(clinic)
        fill_book(clinic, staff.reception, staff.nurse, Random(f"{seed}/{number}"), now)  # noqa: S311
        fill_cupboard(clinic, staff.nurse, Random(f"{seed}/{number}"), now)  # noqa: S311
    return opened


def _told(patients: int, rng: Random) -> Iterator[Story]:
    """Yield a story for each patient: every one once, then as often as the table says; all by chance if they are few."""
    weights, stories = zip(*STORIES, strict=True)
    once = list(stories) if patients >= len(stories) else []
    rng.shuffle(once)
    yield from once
    yield from rng.choices(stories, weights, k=patients - len(once))


def _fill(
    clinic: Clinic,
    stories: list[Story],
    people: People,
    seed: str,
    now: datetime,
    tell: Callable[[str], None],
) -> None:
    staff, today = staff_of(clinic), clinic.day_of(now)
    prefix = "".join(word[0] for word in clinic.name.split())[:4].upper()
    for start in range(0, len(stories), BATCH):
        lives = []
        for number, story in enumerate(stories[start : start + BATCH], start):
            patient, reach = people.next(clinic, prefix, today)
            rng = Random(f"{seed}/{number}")  # noqa: S311
            life = Life(patient, reach, staff=staff, rng=rng, today=today, now=now)
            story(life)
            lives.append(life)
        _write(clinic, lives, today)
        tell(f"{clinic.name}: {start + len(lives):,} patients")


@transaction.atomic
def _write(clinic: Clinic, lives: list[Life], today: date) -> None:
    """Write a batch of lives, and what a physician settled about single doses of them."""
    write_patients((row for life in lives for row in life.rows), today)
    for injection, decision in (settled for life in lives for settled in life.settled):
        Injection.objects.filter(pk=injection.pk).update(counts=injection.counts, counts_decision=decision)
    audit.record(None, "wrote demo patients", clinic=clinic, patients=len(lives))
