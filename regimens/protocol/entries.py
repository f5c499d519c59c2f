"""The shapes of the catalogue's entries: a regimen, a loading course, a window, a clinical number."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from .intervals import Interval
from .sources import Rule


class Loading(StrEnum):
    """How a course begins."""

    STD_3X_WEEK_2W = "STD_3X_WEEK_2W"
    NEURO_ALT_DAYS = "NEURO_ALT_DAYS"
    DAILY_X10 = "DAILY_X10"
    NONE = "NONE"


class Product(StrEnum):
    """What a regimen of this catalogue gives."""

    HYDROXOCOBALAMIN = "HYDROXOCOBALAMIN"
    CYANOCOBALAMIN_ORAL = "CYANOCOBALAMIN_ORAL"


class Route(StrEnum):
    """How it is given; into a vein is not on the list (R-03)."""

    IM = "IM"
    SC_DEEP = "SC_DEEP"
    ORAL = "ORAL"


class Group(StrEnum):
    """The groups of patients that set an interval of their own."""

    NEURO = "neuro"
    BARIATRIC = "bariatric"
    ILEAL = "ileal"


@dataclass(frozen=True, slots=True)
class LoadingPhase:
    """A loading course; `doses` None means until a physician records no further improvement."""

    kind: Loading
    doses: int | None
    days_apart: int
    most_in_seven_days: int | None
    review_gap_days: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Regimen:
    """One entry of the catalogue. `interval_choices` are the maintenance intervals a physician may sign."""

    key: str
    title: str
    product: Product
    route: Route
    micrograms: tuple[int, ...]
    loading: LoadingPhase
    interval_choices: tuple[Interval, ...]
    rules: tuple[Rule, ...]
    introduced_on: date
    retired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days before and after the due date in which a dose is in time, up to a nominal length of interval."""

    up_to_days: float
    early: int
    late: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class LabTiming:
    """A blood check so long after the first dose, in time within so many days either way."""

    name: str
    after: Interval
    either_way: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class GroupInterval:
    """The maintenance interval that a group of patients gets."""

    group: Group
    interval: Interval
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """The interval offered when maintenance is not enough: up to half as frequent again."""

    base: Interval
    shorter: Interval
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class PlateletValidity:
    """How many days a platelet count up to this value (10^9/L) may be relied on; None is any higher count."""

    up_to: int | None
    days: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One clinical number with its unit and its meaning."""

    value: int | float | Fraction
    unit: str
    means: str
    rules: tuple[Rule, ...]
