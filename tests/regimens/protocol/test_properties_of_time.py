"""Properties that hold for every life of a course: whatever was given, missed, partial, voided or back-dated."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regimens.protocol.catalogue import REGIMENS
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.codes import CODES
from regimens.protocol.entries import Loading, Route
from regimens.protocol.intervals import days, months
from regimens.protocol.labs import lab_outlook
from regimens.protocol.schedule import (
    CoursePlan,
    Dose,
    FormerInterval,
    History,
    Outcome,
    Phase,
    Review,
    due_as_of,
    forecast,
    next_dose,
)
from regimens.protocol.standing import Status, standing

DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))  # 1 January to 31 December, two leap years
INTERVALS = st.one_of(
    st.integers(1, 3).map(months), st.sampled_from([21, 27, 28, 42, 45, 46, 56, 84]).map(days)
)
INJECTED = [entry for entry in REGIMENS if entry.route is not Route.ORAL]
CLINICS = st.builds(
    ClinicDays,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.frozensets(DAYS, max_size=12),
)
DOSES = st.builds(
    Dose, DAYS, counts=st.booleans(), partial=st.booleans(), external=st.booleans(), entered_on=DAYS
)
PLANS = st.builds(
    CoursePlan, st.sampled_from(INJECTED), INTERVALS, INTERVALS, DAYS, neuro_history=st.booleans()
)


@st.composite
def histories(draw):
    """Any life of an active course: nothing of it needs to be sensible."""
    changes = sorted(draw(st.lists(DAYS, max_size=3)))
    paused_on = draw(st.none() | DAYS)
    return History(
        doses=tuple(draw(st.lists(DOSES, max_size=14))),
        reviews=tuple(draw(st.lists(st.builds(Review, DAYS, st.sampled_from(Outcome)), max_size=4))),
        former_intervals=tuple(FormerInterval(draw(INTERVALS), until) for until in changes),
        loading_ended_on=draw(st.none() | DAYS),
        due_at_once_on=draw(st.none() | DAYS),
        last_dose_unknown=draw(st.booleans()),
        paused_on=paused_on,
        paused_until=paused_on and paused_on + timedelta(days=draw(st.integers(1, 400))),
        oral_decided_on=draw(st.none() | DAYS),
        symptoms_returned_on=draw(st.none() | DAYS),
    )


def give_on_time(plan, clinic, times):
    """Live a course: each dose on the day it is due."""
    history = History()
    for _ in range(times):
        history = history.plus(next_dose(plan, history, clinic).due_on)
    return history


def forecast_and_replay(plan, clinic, times):
    """What was forecast at the start after so many doses, and what is forecast once they were given on their day."""
    whole = list(islice(forecast(plan, History(), clinic, plan.starts_on), times + 12))
    given_so = History(doses=tuple(Dose(dose.due_on) for dose in whole[:times]))
    replayed = list(islice(forecast(plan, given_so, clinic, whole[times - 1].due_on), 12))
    return whole[times:], replayed


@given(PLANS, histories(), CLINICS)
def test_an_active_course_always_has_a_next_date(plan, history, clinic):
    due = next_dose(plan, history, clinic)
    assert due is not None
    assert due.opens_on <= due.due_on <= due.closes_on < due.physician_from
    assert due.number == len(history.given) + 1


@given(PLANS, histories(), CLINICS, DAYS)
def test_on_every_day_an_active_course_shows_a_date_unless_it_is_paused(plan, history, clinic, on):
    now = standing(plan, history, clinic, on)
    assert set(now.alerts) <= CODES.keys()
    assert (now.next_due_on is None) is (now.status is Status.INACTIVE) is history.is_paused(on)
    if now.next_due_on and now.phase is Phase.LOADING:
        assert now.next_due_on >= on
        assert clinic.is_open(now.next_due_on)


@given(PLANS, histories(), CLINICS, DAYS, DAYS)
def test_the_stored_date_does_not_depend_on_today(plan, history, clinic, on, other):
    one, another = standing(plan, history, clinic, on), standing(plan, history, clinic, other)
    assert one.due == another.due


@given(PLANS, histories(), CLINICS)
def test_the_order_in_which_doses_became_known_changes_nothing(plan, history, clinic):
    backwards = replace(history, doses=history.doses[::-1], reviews=history.reviews[::-1])
    assert next_dose(plan, backwards, clinic) == next_dose(plan, history, clinic)


@given(PLANS, histories(), CLINICS, DAYS)
def test_voiding_a_dose_gives_back_the_date_it_had_moved(plan, history, clinic, on):
    assume(all(dose.on != on for dose in history.doses))
    before = next_dose(plan, history, clinic)
    given_then_voided = replace(history.plus(on), doses=history.plus(on).doses[:-1])
    assert next_dose(plan, given_then_voided, clinic) == before


@given(PLANS, histories(), CLINICS)
def test_never_two_in_a_day(plan, history, clinic):
    due = next_dose(plan, history, clinic)
    needles = {dose.on for dose in history.doses}
    if due.phase is Phase.LOADING:
        assert due.due_on not in needles
    elif due.counts_from and due.counts_from == history.last_given_on:
        assert due.due_on > history.last_given_on


@given(PLANS, histories(), CLINICS, DAYS)
def test_a_forecast_moves_forward_and_never_gives_two_in_a_day(plan, history, clinic, from_day):
    doses = list(islice(forecast(plan, history, clinic, from_day), 40))
    assert len(doses) == 40
    assert all(earlier.due_on < later.due_on for earlier, later in pairwise(doses))
    assert [dose.number for dose in doses] == list(range(doses[0].number, doses[0].number + 40))


@given(PLANS, CLINICS, st.integers(1, 30))
def test_on_time_the_gap_in_maintenance_never_exceeds_the_interval(plan, clinic, times):
    assume(plan.loading.doses is not None)
    history = give_on_time(plan, clinic, times + plan.loading.doses)
    maintenance = history.given[max(plan.loading.doses - 1, 0) :]
    assert all(later <= plan.interval.after(earlier) for earlier, later in pairwise(maintenance))


@given(PLANS, CLINICS, DAYS, st.data())
def test_in_the_window_the_next_date_still_counts_from_the_day_given(plan, clinic, last_on, data):
    assume(plan.loading.kind is Loading.NONE)
    due = next_dose(plan, History(doses=(Dose(last_on),)), clinic)
    given_on = data.draw(st.dates(due.opens_on, due.due_on))
    following = next_dose(plan, History(doses=(Dose(last_on), Dose(given_on))), clinic)
    assert following.due_on == plan.interval.after(given_on)


@given(PLANS, CLINICS, st.integers(1, 25))
def test_forecasting_from_a_day_equals_replaying_to_that_day(plan, clinic, times):
    expected, replayed = forecast_and_replay(plan, clinic, times)
    clipped = plan.interval.unit == "months" and any(
        dose.due_on.day > 28 or (dose.counts_from and dose.counts_from.day > 28) for dose in expected
    )
    assume(not clipped)
    assert replayed == expected


@given(PLANS, CLINICS, st.integers(1, 25))
def test_a_dose_really_given_on_a_clipped_day_is_the_new_anchor_and_never_later(plan, clinic, times):
    expected, replayed = forecast_and_replay(plan, clinic, times)
    behind = [(one.due_on - other.due_on).days for one, other in zip(expected, replayed, strict=True)]
    assert all(0 <= days_behind <= 3 for days_behind in behind)


@given(DAYS, INTERVALS, CLINICS, st.integers(0, 30))
def test_a_forecast_asked_later_is_the_rest_of_the_one_asked_before(last_on, interval, clinic, skipped):
    plan = CoursePlan(INJECTED[-1], interval, interval, last_on)
    history = History(doses=(Dose(last_on),))
    early = list(islice(forecast(plan, history, clinic, last_on), skipped + 10))
    late = list(islice(forecast(plan, history, clinic, early[0].due_on), skipped + 10))
    assert late == early
    assert [dose.due_on for dose in early] == [interval.after(last_on, n + 1) for n in range(skipped + 10)]


@given(DAYS, CLINICS, st.lists(st.integers(0, 9), max_size=5))
def test_standard_loading_is_never_over_three_in_seven_days_nor_under_two_days_apart(start, clinic, delays):
    standard = next(entry for entry in INJECTED if entry.loading.kind is Loading.STD_3X_WEEK_2W)
    plan, history, today = CoursePlan(standard, months(2), months(2), start), History(), start
    for delay in (*delays, *([0] * (6 - len(delays)))):
        due_on = due_as_of(next_dose(plan, history, clinic), clinic, today)
        today = clinic.next_open(due_on + timedelta(days=delay))
        history = history.plus(today)
    doses = history.given
    assert len(doses) == 6
    assert all((later - earlier).days >= 2 for earlier, later in pairwise(doses))
    assert all((doses[n + 3] - doses[n]).days >= 7 for n in range(3))
    assert next_dose(plan, history, clinic).phase is Phase.MAINTENANCE


@given(DAYS, st.frozensets(st.integers(0, 6), min_size=1))
def test_a_clinic_open_on_weekdays_loads_every_start_within_two_weeks(start, more):
    clinic = ClinicDays(frozenset(range(5)) | more)
    standard = next(entry for entry in INJECTED if entry.loading.kind is Loading.STD_3X_WEEK_2W)
    plan = CoursePlan(standard, months(2), months(2), clinic.next_open(start))
    slots = [dose.due_on for dose in islice(forecast(plan, History(), clinic, start), 6)]
    assert (slots[-1] - slots[0]).days <= 13


@given(DAYS, CLINICS, st.integers(2, 40))
def test_alternate_days_keep_to_open_days_and_wait_no_longer_than_the_clinic_is_closed(start, clinic, count):
    neuro = next(entry for entry in INJECTED if entry.loading.kind is Loading.NEURO_ALT_DAYS)
    plan = CoursePlan(neuro, months(2), months(2), start, neuro_history=True)
    slots = [dose.due_on for dose in islice(forecast(plan, History(), clinic, start), count)]
    for earlier, later in pairwise(slots):
        assert clinic.is_open(later)
        between = (earlier + timedelta(days=n) for n in range(1, (later - earlier).days))
        open_between = [one for one in between if clinic.is_open(one)]
        assert open_between in ([], [earlier + timedelta(days=1)])


@given(PLANS, histories(), CLINICS, DAYS)
def test_a_missed_dose_stays_on_the_list_for_ever(plan, history, clinic, on):
    due = next_dose(plan, history, clinic)
    years_later = max(due.due_on, on) + timedelta(days=4000)
    now = standing(plan, history, clinic, years_later)
    assert now.status in (Status.OVERDUE, Status.LAPSED)
    assert now.next_due_on is not None
    assert now.physician_required


@settings(max_examples=60)
@given(DAYS, DAYS, st.lists(DAYS, max_size=6), st.none() | st.booleans())
def test_there_is_always_a_next_check_and_none_is_in_two_places(anchor_on, as_of, panels, steady):
    outlook = lab_outlook(anchor_on, as_of, panels=panels, steady=steady)
    assert outlook.next.closes_on >= as_of
    assert not {*outlook.done} & {*outlook.overdue}
    assert outlook.next not in (*outlook.done, *outlook.overdue)
    assert all(check.closes_on < as_of for check in outlook.overdue)
