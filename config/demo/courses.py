"""How treatment goes for most: loading, then maintenance for years, up to a next dose that is due on a wanted day."""

from datetime import date, timedelta

from config.demo.life import Life
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import Interval, months
from regimens.protocol.requests import Request as Asked
from regimens.protocol.reviews import AGAIN_AFTER, FIRST_AFTER, Outcome

# Days from the first to the last dose of a loading on weekdays.
LOADING_TAKES = {Loading.STD_3X_WEEK_2W: 11, Loading.DAILY_X10: 12, Loading.NONE: 0}
YEARS = (0.3, 0.6, 0.9, 1.3, 1.8, 2.5, 3.2, 4, 5.5, 7, 10)
LESS_AND_LESS = (16, 14, 12, 12, 11, 10, 8, 7, 5, 3, 2)


def some_years(life: Life) -> float:
    """Give for how long somebody has come: most for a year or two, a few for ten."""
    return life.rng.choices(YEARS, LESS_AND_LESS)[0]


def is_treated(
    life: Life,
    due_in: int,
    *,
    every: Interval | None = None,
    loading: Loading = Loading.STD_3X_WEEK_2W,
    years: float | None = None,
    **answers: object,
) -> None:
    """Somebody was loaded years ago and has come ever since; the next dose is due in so many days, or was."""
    every = every or months(life.rng.choice((2, 3)))
    years = some_years(life) if years is None else years
    last_on = day_before(every, life.today + timedelta(days=due_in))
    last_on = min(last_on, life.today - timedelta(days=1))
    count = max(1, round(years * 365.25 / every.nominal_days))
    days = _backwards(life, every, last_on, count)
    loaded_on = day_before(every, days[0])
    if loading is Loading.NONE:
        start = days.pop(0)
        life.arrives(start, **answers)
        life.is_proposed(start, Asked(interval=every))
        life.is_injected(start)
    elif loading is Loading.NEURO_ALT_DAYS:
        _nerves_are_loaded(life, loaded_on, every, **answers)
    else:
        start = life.days.previous_open(loaded_on - timedelta(days=LOADING_TAKES[loading]))
        life.arrives(start, **answers)
        life.is_proposed(start, Asked(interval=every, loading=loading))
        life.is_loaded(start, until=life.today)
    life.is_maintained(days)
    life.is_watched(until=life.watched_until)


def _nerves_are_loaded(life: Life, ended_on: date, every: Interval, **answers: object) -> None:
    """Alternate days until the second to fourth review finds no further improvement; the nerves then stay better."""
    reviews = life.within(1, 3)
    start = life.days.previous_open(ended_on - FIRST_AFTER - AGAIN_AFTER * (reviews - 1))
    life.arrives(start, **({"neuro": "present", "neuro_at_presentation": True} | answers))
    life.is_proposed(start, Asked(interval=every))
    due_on, on = start + FIRST_AFTER, start
    for number in range(reviews):
        life.is_loaded(on, until=due_on)
        last = number == reviews - 1
        life.is_reviewed(due_on, due_on, Outcome.NO_FURTHER_IMPROVEMENT if last else Outcome.STILL_IMPROVING)
        on, due_on = due_on + timedelta(days=1), due_on + AGAIN_AFTER
    life.answers_questions(on, neuro="none")


def is_in_loading(
    life: Life, *, doses: int, late: int = 0, loading: Loading = Loading.STD_3X_WEEK_2W, **answers
) -> None:
    """Loading has begun: so many doses were given, and the next is due today or was so many days ago."""
    kind = "present" if loading is Loading.NEURO_ALT_DAYS else "none"
    apart = 1.45 if loading is Loading.DAILY_X10 else 2.35
    start = life.days.previous_open(life.ago(round(doses * apart) + late))
    life.arrives(start, **({"neuro": kind, "neuro_at_presentation": kind == "present"} | answers))
    life.is_proposed(start, Asked(loading=loading if loading is Loading.DAILY_X10 else None))
    life.is_loaded(start, until=life.ago(late + 1), doses=doses)


def nerves_in_loading(life: Life, *, days: int, reviewed: bool, **answers: object) -> None:
    """Nerve involvement, some weeks into loading: each review was done, or the last one was not."""
    start = life.days.previous_open(life.ago(days))
    life.arrives(start, **({"neuro": "present", "neuro_at_presentation": True} | answers))
    life.is_proposed(start)
    on, due_on = start, start + FIRST_AFTER
    while due_on < life.today and (reviewed or due_on + AGAIN_AFTER < life.today):
        life.is_loaded(on, until=due_on)
        life.is_reviewed(due_on, due_on, Outcome.STILL_IMPROVING)
        on, due_on = due_on + timedelta(days=1), due_on + AGAIN_AFTER
    life.is_loaded(on, until=life.ago(1))


def _backwards(life: Life, every: Interval, last_on: date, count: int) -> list[date]:
    """Give so many maintenance days that lead to a last one, oldest first, as unpunctual as people are."""
    days = [last_on]
    for _ in range(count - 1):
        late = int(life.rng.triangular(-6, 11, 1)) if life.rng.random() > 0.05 else life.within(16, 60)
        days.append(day_before(every, days[-1] - timedelta(days=late)))
    return days[::-1]


def day_before(every: Interval, due_on: date) -> date:
    """Give the latest day from which one interval leads to a day, or to the days just before it in a short month."""
    day = due_on - timedelta(days=round(every.nominal_days) + 3)
    while every.after(day + timedelta(days=1)) <= due_on:
        day += timedelta(days=1)
    return day
