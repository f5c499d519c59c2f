"""Tests of neurological reviews: 21 days after the first dose, then every 14."""

from regimens.protocol.reviews import next_review, plateau_on, sequence
from tests.regimens.protocol.courses import day, reviewed

FIRST = day("2026-09-07")


def test_the_first_review_is_21_days_after_the_first_dose():
    assert next_review(FIRST) == day("2026-09-28")


def test_the_next_review_counts_from_the_day_it_was_due_when_it_was_done_early_or_in_time():
    assert next_review(FIRST, [reviewed("2026-09-28")]) == day("2026-10-12")
    assert next_review(FIRST, [reviewed("2026-09-25")]) == day("2026-10-12")


def test_the_next_review_counts_from_the_day_it_was_done_when_that_was_late():
    assert next_review(FIRST, [reviewed("2026-10-01")]) == day("2026-10-15")


def test_a_review_for_worse_is_followed_by_another():
    assert next_review(FIRST, [reviewed("2026-09-28", "worse")]) == day("2026-10-12")


def test_reviews_may_be_entered_in_any_order_and_twice():
    reviews = [reviewed("2026-10-12"), reviewed("2026-09-28"), reviewed("2026-09-28")]
    assert next_review(FIRST, reviews) == day("2026-10-26")


def test_no_further_improvement_ends_the_reviews():
    done = [reviewed("2026-09-28"), reviewed("2026-10-12", "no_further_improvement")]
    assert next_review(FIRST, iter(done)) is None
    assert plateau_on(FIRST, done) == day("2026-10-12")


def test_a_review_before_the_first_dose_is_no_review_of_this_loading():
    early = [reviewed("2026-09-06", "no_further_improvement")]
    assert plateau_on(FIRST, early) is None
    assert plateau_on(None, early) is None
    assert next_review(FIRST, early) == day("2026-09-28")


def test_no_further_improvement_on_the_day_of_the_first_dose_counts():
    assert plateau_on(FIRST, [reviewed("2026-09-07", "no_further_improvement")]) == FIRST


def test_the_first_plateau_is_the_one_that_ended_loading():
    both = [
        reviewed("2026-10-12", "no_further_improvement"),
        reviewed("2026-09-28", "no_further_improvement"),
    ]
    assert plateau_on(FIRST, both) == day("2026-09-28")


def test_the_sequence_holds_every_review_due_so_far_in_view_of_those_done_by_then():
    reviews = [reviewed("2026-09-30"), reviewed("2026-10-14", "no_further_improvement")]
    assert sequence(FIRST, reviews, day("2026-09-27")) == ()
    assert sequence(FIRST, reviews, day("2026-09-28")) == (day("2026-09-28"),)
    assert sequence(FIRST, reviews, day("2026-10-13")) == (day("2026-09-28"),)
    assert sequence(FIRST, reviews, day("2026-10-14")) == (day("2026-09-28"), day("2026-10-14"))
    assert sequence(FIRST, reviews, day("2027-10-14")) == (day("2026-09-28"), day("2026-10-14"))


def test_the_sequence_knows_the_review_of_the_day_itself_and_not_those_after():
    early = [reviewed("2026-09-20", "no_further_improvement")]
    assert sequence(FIRST, early, day("2026-09-19")) == ()
    assert sequence(FIRST, early, day("2026-10-19")) == ()
    late = [reviewed("2026-09-29", "no_further_improvement")]
    assert sequence(FIRST, late, day("2026-09-29")) == (day("2026-09-28"),)


def test_a_review_on_the_day_of_the_first_dose_is_a_review_of_this_loading():
    assert next_review(FIRST, [reviewed("2026-09-07")]) == day("2026-10-12")


def test_a_review_that_nobody_did_is_due_once_and_stays_due():
    assert sequence(FIRST, [], day("2026-12-31")) == (day("2026-09-28"),)
