"""Lanes and plots as coordinates: each mark is drawn exactly where its day lies, each value where its number does."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.axis import drawing, kinds, measured, plots, told
from monitoring.axis.kinds import LANES, Bar, Mark, Strip
from monitoring.axis.span import Span, cut
from regimens.protocol.units import Analyte

LANE = {lane.key: lane for lane in LANES}
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))


def x_of(day, span):
    """Where the noon of a day lies on a line of 880, worked out with ordinals alone."""
    first, last = span.first.toordinal(), span.last.toordinal() + 1
    return 880 * (day.toordinal() + 0.5 - first) / (last - first)


def strip(key, *marks, bars=()):
    return Strip(LANE[key], LANE[key].title, tuple(marks), tuple(bars))


def places(span):
    return [(cell, f"row{number}") for number, cell in enumerate(cut(span.first, span.last, 24 / 880)[1])]


def drawn(key, *marks, span=YEAR, bars=(), may_hit=True):
    return drawing.lane(strip(key, *marks, bars=bars), span, places(span), may_hit=may_hit)


def xs(path):
    return [float(x) for x in re.findall(r"M(-?[\d.]+) ", path)]


@given(st.lists(st.dates(date(2004, 1, 1), date(2027, 12, 31)), min_size=1, max_size=30, unique=True))
def test_every_mark_is_drawn_where_its_day_lies_in_the_order_of_days(days):
    span = Span(date(2004, 1, 1), date(2027, 12, 31))
    lane = drawn("doses", *(Mark(day, kinds.IN_TIME, "in time") for day in sorted(days)), span=span)
    [path] = lane.drawn
    assert path.count == len(days)
    assert xs(path.path) == pytest.approx([x_of(day, span) for day in sorted(days)], abs=0.051)
    assert all(0 < x < 880 for x in xs(path.path))


def test_marks_of_one_kind_are_one_path_and_kinds_differ_in_shape():
    late, early = Mark(date(2026, 3, 1), kinds.LATE, ""), Mark(date(2026, 5, 1), kinds.EARLY, "")
    lane = drawn("doses", late, early, Mark(date(2026, 7, 1), kinds.LATE, ""))
    assert [(each.kind.key, each.count) for each in lane.drawn] == [("late", 2), ("early", 1)]


def all_kinds():
    return [kind for kind in vars(kinds).values() if isinstance(kind, kinds.Kind)]


def test_no_two_kinds_of_a_lane_look_alike_without_colour():
    of_a_lane = (
        (kinds.IN_TIME, kinds.EARLY, kinds.LATE, kinds.WINDOWLESS, kinds.UNCOUNTED, kinds.VOIDED, kinds.DUE),
        (kinds.SIGNED, kinds.PROPOSED, kinds.REVIEWED, kinds.REVIEW_DUE, kinds.PAUSED, kinds.ENDED),
        (kinds.DONE, kinds.DONE_LATE, kinds.MISSED, kinds.LET_GO, kinds.TAKEN, kinds.SAMPLE, kinds.CHECK_DUE),
        (kinds.RETURNED, kinds.WORSE, kinds.REPORTED),
        (kinds.SENT, kinds.UNSENT, kinds.IN_DOUBT, kinds.PHONED),
        (kinds.BOOKED, kinds.KEPT, kinds.NO_SHOW, kinds.MOVED, kinds.CANCELLED),
    )
    colourless = {"care", "trouble", "faint", "coming", "line"}
    for lane in of_a_lane:
        shapes = {(kind.shape, frozenset(kind.look.split()) - colourless) for kind in lane}
        assert len(shapes) == len(lane), [kind.key for kind in lane]
    # What is overdue is filled, what is to come is not.
    assert "full" in kinds.OVERDUE.look.split()
    assert "full" not in kinds.DUE.look.split()


def test_every_kind_has_a_word_and_its_own_key():
    assert all(kind.word for kind in all_kinds())
    assert len({kind.key for kind in all_kinds()}) == len(all_kinds())


def test_a_window_is_as_long_as_its_days_and_is_cut_at_the_edge():
    inside = Bar(date(2026, 4, 2), date(2026, 4, 30), "window")
    over_the_edge = Bar(date(2026, 12, 20), date(2027, 1, 17), "window")
    elsewhere = Bar(date(2028, 1, 1), date(2028, 2, 1), "window")
    lane = drawn("doses", bars=(inside, over_the_edge, elsewhere))
    boxes = [
        (float(x), float(width)) for x, width in re.findall(r"M([\d.]+) 14h([\d.]+)v16H[\d.]+z", lane.windows)
    ]
    assert boxes == [
        (pytest.approx(880 * 91 / 365, abs=0.051), pytest.approx(880 * 29 / 365, abs=0.051)),
        (pytest.approx(880 * 353 / 365, abs=0.051), pytest.approx(880 * 12 / 365, abs=0.051)),
    ]


def test_a_plan_is_named_in_its_bar_only_where_there_is_room():
    long = Bar(date(2026, 3, 1), date(2026, 12, 31), "plan", "every 3 months")
    short = Bar(date(2026, 1, 5), date(2026, 2, 1), "plan", "every 2 months")
    assert [bar.words for bar in drawn("plan", bars=(long, short)).bars] == ["every 3 months", ""]


def test_a_month_can_be_hit_once_a_lane_and_says_everything_in_it():
    days = [date(2026, 1, day) for day in (5, 7, 9)]
    lane = drawn("doses", *(Mark(day, kinds.IN_TIME, f"dose {n}, in time") for n, day in enumerate(days, 1)))
    [cell] = lane.cells
    assert (cell.row, cell.x) == ("row0", "0")
    assert cell.label == (
        "05-Jan-2026 dose 1, in time; 07-Jan-2026 dose 2, in time; 09-Jan-2026 dose 3, in time"
    )


def test_many_things_of_a_month_are_counted():
    days = [date(2026, 1, day) for day in (5, 7, 9, 12, 14)]
    marks = [Mark(day, kinds.IN_TIME, "") for day in days] + [Mark(date(2026, 1, 30), kinds.LATE, "")]
    [cell] = drawn("doses", *marks).cells
    assert cell.label == "5 in time, 1 late, 05-Jan-2026 to 30-Jan-2026"


def test_where_years_are_hit_at_the_top_no_lane_can_be_hit():
    mark = Mark(date(2026, 1, 5), kinds.IN_TIME, "")
    assert drawn("doses", mark, may_hit=False).cells == ()


def test_letters_that_would_hide_each_other_are_a_number_and_those_not_sent_are_still_drawn():
    span = Span(date(2004, 1, 1), date(2027, 12, 31))
    days = [date(2010, 1, 1) + timedelta(days=14 * n) for n in range(24)]
    sent = [Mark(day, kinds.SENT, "") for day in days]
    unsent = Mark(date(2010, 6, 1), kinds.UNSENT, "")
    lane = drawn("letters", *sent, unsent, span=span)
    assert [(each.kind, each.count, bool(each.path)) for each in lane.drawn] == [
        (kinds.SENT, 24, False),
        (kinds.UNSENT, 1, True),
    ]
    assert [count for _x, count in lane.counts] == [24]
    single = drawn("letters", sent[0], unsent, span=span)
    assert single.counts == ()
    assert all(each.path for each in single.drawn)
    injections = drawn("doses", *(Mark(day, kinds.IN_TIME, "") for day in days), span=span)
    assert injections.counts == ()
    assert len(xs(injections.drawn[0].path)) == 24


# -- the frame ----------------------------------------------------------------------------------------------


def head(first, last, today, first_dose=None):
    span, cells = cut(first, last, 24 / 880)
    return span, drawing.head(span, cells, today, first_dose, ())


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_line_of_today_stands_where_a_mark_of_today_would(today):
    span, shown = head(date(today.year - 1, today.month, 1), date(today.year + 1, today.month, 1), today)
    assert float(shown.today) == pytest.approx(x_of(today, span), abs=0.051)


def test_there_is_no_line_of_today_where_today_is_not():
    _span, shown = head(date(2019, 1, 1), date(2019, 12, 31), date(2026, 1, 5))
    assert shown.today == ""


def test_months_are_named_in_full_where_there_is_room_and_years_once():
    _span, one = head(date(2019, 1, 1), date(2019, 12, 31), date(2026, 1, 5))
    assert [name for _x, name in one.names][:2] == ["January", "February"]
    assert [name for _x, name in one.years] == ["2019"]
    _span, two = head(date(2025, 11, 1), date(2027, 11, 30), date(2026, 11, 27))
    assert [name for _x, name in two.names][:3] == ["Nov", "Dec", "Jan"]
    assert [name for _x, name in two.years] == ["2025", "2026", "2027"]
    assert len(xs(two.major)) == 2
    assert len(xs(two.minor)) == 22


def test_names_of_years_never_touch():
    for years in range(1, 120):
        _span, shown = head(date(2027 - years, 1, 1), date(2027, 12, 31), date(2026, 1, 5))
        at = [float(x) for x, _name in shown.years]
        assert shown.years
        assert all(after - before >= 30 for before, after in zip(at, at[1:], strict=False)), years


def box(label, half):
    """The left and right end of a word whose half width is known."""
    x = float(label.x)
    return {"start": (x, x + 2 * half), "middle": (x - half, x + half), "end": (x - 2 * half, x)}[
        label.anchor
    ]


@given(st.dates(date(2025, 11, 1), date(2027, 11, 30)), st.dates(date(2025, 11, 1), date(2027, 11, 30)))
def test_the_words_first_dose_and_today_stay_inside_and_never_touch(first_dose, today):
    span, shown = head(date(2025, 11, 1), date(2027, 11, 30), today, first_dose)
    now, begun = box(shown.today_word, 18), box(shown.first_dose_word, 28)
    for left, right in (now, begun):
        assert 0 <= left < right <= 880
    assert now[1] < begun[0] or begun[1] < now[0]
    assert float(shown.first_dose) == pytest.approx(x_of(first_dose, span), abs=0.051)


def test_without_a_first_dose_on_the_line_there_is_no_word_for_it():
    for first_dose in (None, date(2019, 1, 1)):
        _span, shown = head(date(2025, 11, 1), date(2027, 11, 30), date(2026, 11, 27), first_dose)
        assert (shown.first_dose, shown.first_dose_word) == ("", None)


def test_doses_to_come_that_would_hide_each_other_are_ticks():
    loading = [Mark(date(2026, 3, day), kinds.DUE, "") for day in (2, 4, 6, 9)]
    later = Mark(date(2026, 6, 1), kinds.DUE, "")
    [path] = drawn("doses", *loading, later).drawn
    assert path.path.count(kinds.DUE.small) == 4
    assert path.path.count(kinds.DUE.shape) == 1


# -- plots --------------------------------------------------------------------------------------------------


def result(day, value, unit="g/L", analyte="HB", comparator="", low=None, high=None):
    return {
        "analyte": analyte,
        "value": Decimal(value),
        "unit": unit,
        "comparator": comparator,
        "collected_on": day,
        "range_low": None if low is None else Decimal(low),
        "range_high": None if high is None else Decimal(high),
    }


def plotted(*rows, analyte=Analyte.HB, needles=(), span=YEAR):
    return plots.plot(measured.series(analyte, rows, list(needles)), span, places(span))


def spots(view):
    return {how: re.findall(r"M([\d.]+) ([\d.]+)", path) for how, path in view.points}


def test_values_are_drawn_at_their_day_and_height_and_joined_in_order():
    rows = [result(date(2026, month, 1), value) for month, value in ((1, 110), (4, 130), (7, 120))]
    view = plotted(*rows)
    [(how, _path)] = view.points
    assert how == "full"
    at = spots(view)["full"]
    days = [row["collected_on"] for row in rows]
    assert [float(x) for x, _y in at] == pytest.approx([x_of(day, YEAR) for day in days], abs=0.051)
    low, high = Decimal("103.5"), Decimal("136.5")  # a twentieth of the highest value above and below
    for (_x, y), value in zip(at, (110, 130, 120), strict=True):
        assert float(y) == pytest.approx(float(66 - (value - low) / (high - low) * 46), abs=0.051)
    assert re.findall(r"([ML])([\d.]+ [\d.]+)", view.line) == [
        ("M", " ".join(at[0])),
        ("L", " ".join(at[1])),
        ("L", " ".join(at[2])),
    ]


def test_one_result_is_a_point_with_its_number():
    view = plotted(result(date(2026, 4, 1), "13.8", "g/dL"))
    assert spots(view) == {"full": [("218.2", "43.0")]}
    assert [number.text for number in view.numbers] == ["138"]
    assert (view.newest, view.newest_on, view.unit) == ("138", date(2026, 4, 1), "g/L")


def test_no_result_is_no_point():
    view = plotted()
    assert (view.points, view.numbers, view.cells, view.line, view.newest) == ((), (), (), "", "")


def test_a_value_that_is_only_below_or_above_has_a_shape_of_its_own_and_breaks_the_line():
    view = plotted(
        result(date(2026, 1, 1), 300, "pmol/L", "B12"),
        result(date(2026, 2, 1), 120, "pmol/L", "B12", "<"),
        result(date(2026, 3, 1), 900, "pmol/L", "B12", ">"),
        result(date(2026, 4, 1), 400, "pmol/L", "B12"),
        analyte=Analyte.B12,
    )
    assert [how for how, _path in view.points] == ["full", "below", "above"]
    assert view.line.count("L") == 0
    assert [number.text for number in view.numbers] == ["400", ">900", "<120", "300"]


def test_an_absurd_value_is_drawn_at_the_edge_with_its_number():
    view = plotted(
        result(date(2026, 1, 1), 300, "pmol/L", "B12"),
        result(date(2026, 2, 1), 30_000, "pmol/L", "B12"),
        result(date(2026, 2, 3), 310, "pmol/L", "B12"),
        analyte=Analyte.B12,
    )
    [(_x, y)] = spots(view)["over"]
    assert float(y) == plots.TOP
    assert "30000" in [number.text for number in view.numbers]


def test_a_b12_within_a_fortnight_of_an_injection_is_hollow_and_no_other_value_is():
    given_on = date(2026, 3, 1)
    rows = [
        result(given_on + timedelta(days=days), value, unit, analyte)
        for analyte, value, unit in (("B12", 400, "pmol/L"), ("HB", 130, "g/L"))
        for days in (-1, 0, 14, 15)
    ]
    b12 = plotted(*rows, analyte=Analyte.B12, needles=[given_on])
    assert {how: len(at) for how, at in spots(b12).items()} == {"full": 2, "hollow": 2}
    assert {how: len(at) for how, at in spots(plotted(*rows, needles=[given_on])).items()} == {"full": 4}


def test_the_laboratorys_range_is_drawn_in_the_protocols_unit_and_meets_the_next_half_way():
    view = plotted(
        result(date(2026, 1, 1), "13.0", "g/dL", low="11.5", high="16.5"),
        result(date(2026, 5, 1), 130, "g/L", low=115, high=165),
        result(date(2026, 9, 1), 130, "g/L", low=120, high=160),
    )
    assert view.range_words == "120 to 160"
    first, second = view.ranges
    assert float(first.x) == 0
    assert float(first.width) == pytest.approx(
        (x_of(date(2026, 5, 1), YEAR) + x_of(date(2026, 9, 1), YEAR)) / 2, abs=0.11
    )
    assert float(second.x) == float(first.width)
    assert float(second.x) + float(second.width) == pytest.approx(880, abs=0.11)
    assert float(second.y) > float(first.y)
    assert {end.text for end in view.ends} == {"120", "160"}


def test_beside_a_value_without_a_range_the_range_ends():
    view = plotted(
        result(date(2026, 1, 1), 130),
        result(date(2026, 5, 1), 130, low=115, high=165),
        result(date(2026, 9, 1), 130),
    )
    [box] = view.ranges
    x = x_of(date(2026, 5, 1), YEAR)
    assert (float(box.x), float(box.width)) == (pytest.approx(x - 8, abs=0.11), pytest.approx(16, abs=0.11))


def test_ends_of_a_range_that_would_touch_are_one():
    view = plotted(
        result(date(2026, 1, 1), 42, "umol/L", "HCY", low=5, high="13.9"),
        result(date(2026, 2, 1), 49, "umol/L", "HCY", low=5, high=6),
        analyte=Analyte.HCY,
    )
    assert [end.text for end in view.ends] == ["6"]


def test_a_range_may_be_open_at_one_end():
    [box] = plotted(result(date(2026, 5, 1), 9, "umol/L", "HCY", high=15), analyte=Analyte.HCY).ranges
    assert float(box.y) + float(box.height) == plots.BOTTOM


def test_only_homocysteine_has_a_target_of_the_protocol():
    views = {
        analyte: plotted(result(date(2026, 5, 1), value, unit, analyte), analyte=analyte)
        for analyte, value, unit in (
            (Analyte.B12, 400, "pmol/L"),
            (Analyte.HCY, "9.9", "umol/L"),
            (Analyte.HB, 130, "g/L"),
            (Analyte.MCV, 90, "fL"),
            (Analyte.PLT, 250, "10^9/L"),
        )
    }
    assert {analyte for analyte, view in views.items() if view.target} == {Analyte.HCY}
    assert views[Analyte.HCY].target_words == "10"
    assert float(views[Analyte.HCY].target) < float(spots(views[Analyte.HCY])["full"][0][1])


@pytest.mark.parametrize(
    ("value", "comparator", "said"),
    [
        ("9.99", "", "10 umol/L, under the protocol target"),
        ("10.0", "", "10 umol/L, not under the protocol target"),
        ("10", "<", "<10 umol/L, under the protocol target"),
        ("8", ">", ">8 umol/L"),
    ],
)
def test_the_target_is_compared_unrounded(value, comparator, said):
    series = measured.series(Analyte.HCY, [result(date(2026, 5, 1), value, "umol/L", "HCY", comparator)], [])
    assert series.points[0].text == said


def test_a_value_says_its_unit_what_it_was_reported_as_and_what_must_be_known_of_it():
    series = measured.series(
        Analyte.B12,
        [result(date(2026, 3, 6), 1200, "ng/L", "B12", low=197, high=771)],
        [date(2026, 3, 1)],
    )
    assert series.points[0].text == (
        "885.6 pmol/L (reported 1200 ng/L), 5 days after an injection, above the laboratory's range"
    )


def test_b12_on_treatment_is_never_set_beside_the_bands_for_diagnosis():
    rows = [
        result(date(2026, 3, 1) + timedelta(days=n), value, "ng/L", "B12")
        for n, value in enumerate((90, 250, 900))
    ]
    for needles in ([], [date(2026, 1, 5)]):
        series = measured.series(Analyte.B12, rows, needles)
        said = " ".join(point.text for point in series.points)
        assert not re.search("normal|deficien|unlikely|indeterminate|good", said)
        assert plotted(*rows, analyte=Analyte.B12, needles=needles).target == ""


def test_a_value_that_is_not_possible_is_told_and_not_drawn():
    view = plotted(result(date(2026, 3, 1), "12.5", "g/L"), result(date(2026, 4, 1), 130))
    assert spots(view).keys() == {"full"}
    assert len(spots(view)["full"]) == 1
    assert [cell.label for cell in view.cells] == [
        "01-Mar-2026 not drawn: 12.5 g/L: Haemoglobin 12.5 g/L is not possible.",
        "01-Apr-2026 130 g/L",
    ]


def test_numbers_never_stand_upon_each_other():
    rows = [result(date(2026, 1, 1) + timedelta(days=n), 130 + n % 7) for n in range(300)]
    view = plotted(*rows)
    at = sorted(float(number.x) for number in view.numbers)
    assert view.numbers[0].text == view.newest
    assert all(after - before >= 34 for before, after in zip(at, at[1:], strict=False))


# -- in words -----------------------------------------------------------------------------------------------


def test_a_month_is_told_in_full_and_a_year_by_kind():
    marks = [Mark(date(2026, 1, day), kinds.IN_TIME, f"dose {day}, in time") for day in (5, 7)]
    marks.append(Mark(date(2026, 1, 9), kinds.LATE, "dose 9, 1 day after its window"))
    month = Span(date(2026, 1, 1), date(2026, 1, 31))
    assert told.line(LANE["doses"], marks, month).startswith(
        "05-Jan-2026 dose 5, in time; 07-Jan-2026 dose 7"
    )
    assert told.line(LANE["doses"], marks, YEAR) == "2 in time: 05-Jan, 07-Jan; 1 late: 09-Jan"
    decade = Span(date(2020, 1, 1), date(2029, 12, 31))
    assert told.line(LANE["doses"], marks[:1], decade) == "1 in time: 2026: 05-Jan"


def test_what_a_symptom_report_says_is_told_in_full_however_long_the_story():
    mark = Mark(date(2026, 1, 5), kinds.WORSE, "Gait: worse (84 days after an injection)")
    assert told.line(LANE["symptoms"], [mark], YEAR) == "05-Jan-2026 Gait: worse (84 days after an injection)"


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), "March 2026"),
        (date(2026, 1, 1), date(2026, 3, 31), "January to March 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2009, 1, 1), date(2010, 12, 31), "2009 to 2010"),
    ],
)
def test_a_cell_has_a_name(first, last, title):
    assert told.cell_title(Span(first, last)) == title


@given(st.lists(st.dates(date(2004, 1, 1), date(2027, 12, 31)), max_size=40))
def test_everything_drawn_stands_in_exactly_one_row(days):
    marks = [Mark(day, kinds.IN_TIME, "in time") for day in sorted(days)]
    _span, cells = cut(date(2004, 1, 1), date(2027, 12, 31), 24 / 880)
    rows = told.table(cells, [strip("doses", *marks)], [])
    said = " ".join(text for row in rows for _title, text in row.lines)
    assert len(re.findall(r"\d\d-[A-Z][a-z]{2}", said)) == len(days)
