"""An upright scale: everything plausible is on it, and what is absurd does not flatten the rest."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.axis.scale import Edge, Scale, scale

CAPS = (Decimal("73.8"), Decimal("1476"))
PLAUSIBLE = st.decimals(*CAPS, allow_nan=False, places=2)
ANY = st.decimals(0, 40_000, allow_nan=False, places=2)


@given(st.lists(ANY, max_size=20), st.lists(ANY, max_size=4))
def test_every_value_has_a_height_on_the_scale(values, beside):
    found = scale(values, beside=beside, caps=CAPS)
    assert found.low < found.high
    assert all(0 <= found.at(value) <= 1 for value in (*values, *beside))


@given(st.lists(PLAUSIBLE, min_size=1, max_size=20), st.lists(ANY, max_size=4))
def test_what_is_plausible_is_never_at_the_edge_however_absurd_its_neighbours(values, absurd):
    found = scale([*values, *absurd], caps=CAPS)
    for value in values:
        assert found.over(value) is None
        assert 0 < found.at(value) < 1 or value == found.low == 0


@given(st.lists(PLAUSIBLE, min_size=2, max_size=20))
def test_a_higher_value_stands_higher(values):
    found = scale(values, caps=CAPS)
    ordered = sorted(set(values))
    heights = [found.at(value) for value in ordered]
    assert heights == sorted(heights)
    assert len(set(heights)) == len(ordered)


def test_the_height_is_the_fraction_of_the_scale():
    found = Scale(Decimal(100), Decimal(300))
    assert [found.at(Decimal(value)) for value in (100, 150, 200, 300)] == [0, 0.25, 0.5, 1]


def test_an_absurd_value_is_held_at_the_edge_it_runs_over():
    found = scale([Decimal(400), Decimal(30_000), Decimal(8)], caps=CAPS)
    assert found.high < 500
    assert (found.over(Decimal(30_000)), found.at(Decimal(30_000))) == (Edge.TOP, 1)
    assert (found.over(Decimal(8)), found.at(Decimal(8))) == (Edge.BOTTOM, 0)


def test_equal_values_and_a_single_one_stand_in_the_middle():
    for values in ([Decimal(138)], [Decimal(138)] * 5):
        assert scale(values, caps=(Decimal(60), Decimal(200))).at(Decimal(138)) == 0.5


def test_without_anything_plausible_the_scale_is_that_of_the_caps():
    assert scale([], caps=CAPS) == scale([Decimal(30_000)], caps=CAPS) == Scale(*CAPS)


def test_ranges_and_targets_are_on_the_scale_and_it_does_not_begin_below_nought():
    found = scale([Decimal("1.0")], beside=[Decimal(10), Decimal("13.9")], caps=(Decimal("0.5"), Decimal(50)))
    assert found.over(Decimal(10)) is found.over(Decimal("13.9")) is None
    assert found.low == 0
