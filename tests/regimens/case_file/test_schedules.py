"""Schedule cases beyond the public ones, in their own vocabulary, each answer derived by hand from the rules."""

import pytest

from regimens.case_file.replay import clinic_days
from regimens.case_file.schedules import answer
from tests.regimens.protocol.courses import EVERY_DAY, MONDAY_TO_FRIDAY, clinic


def a_case(regimen="MAINTENANCE", start="2024-05-01", as_of="2026-05-20", events=(), expected=(), **more):
    given = {"regimen": regimen, "interval": {"months": 3}, "clinic_days": "Mon-Fri", "closures": []}
    given |= {"start_date": start, "as_of": as_of, "neuro_history": False, "events": list(events), **more}
    return answer(given, expected)


def std(start="2026-06-01", **more):
    return a_case("STD_3X_WEEK_2W", start, **more)


def neuro(start="2026-09-07", **more):
    return a_case("NEURO_ALT_DAYS", start, **{"interval": {"months": 2}, "neuro_history": True, **more})


def on(date, kind="given", **more):
    return {"date": date, "type": kind, **more}


TWO_MONTHS = {"months": 2}


@pytest.mark.parametrize("kind", ["missed", "dna", "refused", "held"])
def test_a_dose_not_given_today_stays_due_today(kind):
    got = std(events=[on("2026-06-01"), on("2026-06-03", kind, why="platelets")], as_of="2026-06-03")
    assert (got["next_due"], got["status"], got["doses_remaining"]) == ("2026-06-03", "DUE", 5)
    maintenance = a_case(events=[on("2026-02-20"), on("2026-05-20", kind)])
    assert (maintenance["next_due"], maintenance["status"]) == ("2026-05-20", "DUE")


def test_nothing_given_and_the_start_is_past_so_the_first_dose_is_due_today():
    got = std(as_of="2026-06-03")
    assert got["next_due"] == "2026-06-03"
    assert got["series"] == [
        "2026-06-03",
        "2026-06-05",
        "2026-06-08",
        "2026-06-10",
        "2026-06-12",
        "2026-06-15",
    ]
    assert (got["status"], got["doses_given"], got["doses_remaining"]) == ("OVERDUE", 0, 6)
    assert got["labs"]["3m"] == "2026-09-01"  # counted from the start until a dose is given
    assert std(as_of="2026-06-06")["next_due"] == "2026-06-08"


def test_loading_interrupted_for_fifteen_days_is_a_decision_on_starting_again():
    got = std(events=[on("2026-06-01"), on("2026-06-16")], as_of="2026-06-16")
    assert "A-LOAD-GAP-GT14" in got["alerts"]
    assert "A-LOAD-GAP-GT7" not in got["alerts"]
    assert (got["physician_required"], got["auto_restart"], got["doses_given"]) == (True, False, 2)
    assert "A-LOAD-GAP-GT14" in std(events=[on("2026-06-01")], as_of="2026-06-16")["alerts"]
    assert "A-LOAD-GAP-GT7" in std(events=[on("2026-06-01")], as_of="2026-06-15")["alerts"]


def test_two_doses_on_one_day_count_once():
    got = std(events=[on("2026-06-01"), on("2026-06-01")], as_of="2026-06-01")
    assert (got["doses_given"], got["next_due"], got["blocks"]) == (1, "2026-06-03", [])
    assert "A-CLOSE-DOSES" in got["alerts"]


def test_a_voided_dose_never_was():
    got = std(events=[on("2026-06-01"), on("2026-06-03", voided=True)], as_of="2026-06-03")
    assert (got["doses_given"], got["next_due"]) == (1, "2026-06-03")
    late = a_case(events=[on("2026-02-10"), on("2026-05-12", voided=True)])
    assert (late["next_due"], late["previous_dose_was"]) == ("2026-05-10", "LAPSED")


def test_a_dose_in_the_future_is_refused_and_not_believed():
    got = a_case(events=[on("2026-02-10"), on("2026-05-21")])
    assert (got["blocks"], got["next_due"]) == (["B-FUTURE-DATE"], "2026-05-10")
    tried = a_case(events=[on("2026-02-10"), on("2026-05-21", "attempt")])
    assert (tried["blocks"], tried["next_due"]) == (["B-FUTURE-DATE"], "2026-05-10")


def test_a_dose_typed_in_later_is_not_known_yet():
    got = a_case(events=[on("2026-02-10"), on("2026-05-12", entered="2026-05-21")])
    assert (got["blocks"], got["next_due"]) == ([], "2026-05-10")
    assert (
        a_case(events=[on("2026-02-10"), on("2026-05-12", entered="2026-05-20")])["next_due"] == "2026-08-12"
    )


def test_an_attempt_on_a_patient_who_died_is_refused():
    got = a_case(events=[on("2026-02-10"), on("2026-05-01", "deceased"), on("2026-05-20", "attempt")])
    assert (got["blocks"], got["next_due"], got["status"]) == (["B-INACTIVE"], None, "INACTIVE")
    assert (got["labs_next"], got["if_given_today_next_due"], got["projection"]) == (None, None, [])


def test_an_attempt_in_the_window_is_answered_with_the_next_date():
    got = a_case(events=[on("2026-02-20"), on("2026-05-20", "attempt")])
    assert (got["blocks"], got["if_authorised_next_due"], got["if_given_today_next_due"]) == (
        [],
        "2026-08-20",
        "2026-08-20",
    )


@pytest.mark.parametrize(("as_of", "blocks"), [("2026-05-05", ["B-EARLY-DOSE"]), ("2026-05-06", [])])
def test_the_window_opens_14_days_before(as_of, blocks):
    got = a_case(as_of=as_of, events=[on("2026-02-20"), on(as_of, "attempt")])
    assert got["blocks"] == blocks
    assert got["physician_required"] is bool(blocks)


def test_a_partial_dose_is_repeated_that_day_by_a_physician_alone():
    got = std(events=[on("2026-06-01", "partial"), on("2026-06-01", "attempt")], as_of="2026-06-01")
    assert (got["blocks"], got["physician_required"]) == (["B-SAME-DAY-DOSE"], True)
    assert got["if_authorised_next_due"] == "2026-06-03"
    full = std(events=[on("2026-06-01"), on("2026-06-01", "attempt")], as_of="2026-06-01")
    assert full["physician_required"] is False
    late = a_case(events=[on("2026-02-20"), on("2026-05-20", "partial")])
    assert (late["next_due"], late["status"], late["physician_required"]) == ("2026-05-20", "DUE", True)


def test_an_early_loading_attempt_warns():
    got = std(events=[on("2026-06-01"), on("2026-06-02", "attempt")], as_of="2026-06-02")
    assert got["blocks"] == []
    assert "W-EARLY-LOAD" in got["alerts"]


def test_the_daily_regimen_over_a_weekend():
    got = a_case("DAILY_X10", "2026-10-01", as_of="2026-10-01", interval=TWO_MONTHS)
    assert got["series"][:4] == ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06"]
    assert got["series"][-1] == "2026-10-14"
    assert "W-DAILY10-WEEKEND" in got["alerts"]
    assert got["first_maintenance_projected"] == "2026-12-14"


def test_alternate_days_from_a_thursday_go_back_to_friday():
    got = neuro("2026-07-09", as_of="2026-07-09", horizon="until first review")
    assert got["series"][:4] == ["2026-07-09", "2026-07-10", "2026-07-13", "2026-07-15"]
    assert (got["review_due"], got["first_maintenance_projected"]) == ("2026-07-30", None)
    followed = neuro("2026-07-09", as_of="2026-07-10", events=[on("2026-07-09"), on("2026-07-10")])
    assert not {"W-EARLY-LOAD", "A-CLOSE-DOSES"} & set(followed["alerts"])


def test_an_overdue_neurological_review_moves_nothing():
    events = [on(f"2026-09-{number:02}") for number in (7, 9, 11, 14, 16, 18, 21, 23, 25, 28)]
    got = neuro(events=events, as_of="2026-09-29")
    assert "A-NEURO-REVIEW-OVERDUE" in got["alerts"]
    assert (got["phase"], got["next_due"], got["auto_transition"]) == ("LOADING", "2026-09-30", False)
    assert (got["review_due"], got["review_due_sequence"]) == ("2026-09-28", ["2026-09-28"])
    assert (got["physician_required"], got["doses_remaining"]) == (True, None)
    in_time = neuro(events=events, as_of="2026-09-28")
    assert "A-NEURO-REVIEW-OVERDUE" not in in_time["alerts"]


def test_worse_at_the_review_keeps_loading_and_asks_the_same_day():
    got = neuro(events=[on("2026-09-07"), on("2026-09-28", "review", outcome="worse")], as_of="2026-09-28")
    assert (got["phase"], got["review_due"], got["physician_required"]) == ("LOADING", "2026-10-12", True)


def test_a_review_before_the_first_dose_ends_nothing():
    early = on("2026-09-07", "review", outcome="no_further_improvement")
    got = neuro(events=[early], as_of="2026-09-08")
    assert (got["phase"], got["next_due"], got["review_due_sequence"]) == ("LOADING", "2026-09-08", [])


def test_a_nurse_does_not_end_loading():
    plateau = on("2026-09-28", "review", outcome="no_further_improvement", role="nurse")
    got = neuro(events=[on("2026-09-07"), plateau], as_of="2026-09-28")
    assert (got["phase"], got["blocks"]) == ("LOADING", ["B-ROLE"])


@pytest.mark.parametrize(
    ("as_of", "status", "raised", "silent"),
    [
        ("2026-05-24", "DUE", set(), {"A-OVERDUE"}),
        ("2026-05-25", "OVERDUE", {"A-OVERDUE"}, {"A-OVERDUE-PHYSICIAN"}),
        ("2026-06-07", "OVERDUE", {"A-OVERDUE"}, {"A-OVERDUE-PHYSICIAN"}),
        ("2026-06-08", "OVERDUE", {"A-OVERDUE-PHYSICIAN"}, {"A-LAPSED"}),
        ("2026-08-09", "OVERDUE", {"A-OVERDUE-PHYSICIAN"}, {"A-LAPSED"}),
        ("2026-08-10", "LAPSED", {"A-LAPSED"}, {"A-LAPSED-12M"}),
        ("2027-02-09", "LAPSED", {"A-LAPSED"}, {"A-LAPSED-12M"}),
        ("2027-02-10", "LAPSED", {"A-LAPSED", "A-LAPSED-12M"}, set()),
    ],
)
def test_every_border_of_lateness(as_of, status, raised, silent):
    got = a_case(as_of=as_of, events=[on("2026-02-10")])
    assert (got["status"], got["next_due"]) == (status, "2026-05-10")
    assert raised <= set(got["alerts"])
    assert not silent & set(got["alerts"])


def test_with_a_neurological_history_the_fifteenth_day_is_a_physicians():
    day_14 = a_case(as_of="2026-05-24", events=[on("2026-02-10")], neuro_history=True)
    day_15 = a_case(as_of="2026-05-25", events=[on("2026-02-10")], neuro_history=True)
    assert "A-OVERDUE-PHYSICIAN" not in day_14["alerts"]
    assert "A-OVERDUE-PHYSICIAN" in day_15["alerts"]
    assert day_15["physician_required"]


def test_over_the_cap_without_a_reason_nothing_changes():
    change = on("2026-04-20", "interval_change", new={"months": 1}, role="physician")
    case = {"interval": TWO_MONTHS, "as_of": "2026-04-20"}
    got = a_case(events=[on("2026-03-10"), change], **case)
    assert (got["exceeds_cap"], got["next_due"]) == (True, "2026-05-10")
    assert "W-EXCEEDS-50PCT" in got["alerts"]
    passed = a_case(events=[on("2026-03-10"), {**change, "with_reason": True}], **case)
    assert (passed["exceeds_cap"], passed["next_due"], passed["status"]) == (True, "2026-04-20", "DUE")
    assert passed["projection"] == ["2026-04-20", "2026-05-20", "2026-06-20"]


def test_a_nurse_reports_symptoms_and_changes_nothing():
    change = on("2026-04-20", "interval_change", new=TWO_MONTHS, role="nurse", reason="symptoms_returned")
    got = a_case(events=[on("2026-02-10"), change], as_of="2026-04-20")
    assert (got["blocks"], got["next_due"], got["physician_required"]) == (["B-ROLE"], "2026-05-10", True)
    assert "A-SYMPTOM-RETURN" in got["alerts"]


def test_the_base_of_the_cap_stays_the_first_interval():
    first = on("2026-04-20", "interval_change", new={"days": 42}, role="physician")
    second = on("2026-05-20", "interval_change", new={"days": 28}, role="physician")
    got = a_case(events=[on("2026-05-01"), first, second], interval=TWO_MONTHS)
    assert (got["exceeds_cap"], got["next_due"]) == (True, "2026-06-12")


def test_lateness_counts_from_the_decision_that_made_a_dose_due():
    change = on("2026-06-10", "interval_change", new={"days": 61}, role="physician")
    case = {"events": [on("2026-03-01"), change]}
    assert a_case(as_of="2026-06-24", **case)["status"] == "DUE"
    late = a_case(as_of="2026-06-25", **case)
    assert (late["next_due"], late["status"]) == ("2026-06-10", "OVERDUE")
    assert "A-OVERDUE-PHYSICIAN" not in a_case(as_of="2026-07-08", **case)["alerts"]
    assert "A-OVERDUE-PHYSICIAN" in a_case(as_of="2026-07-09", **case)["alerts"]


def test_a_pause_is_inactive_until_its_end_and_then_the_date_stands():
    pause = on("2026-04-01", "paused", until="2026-05-01")
    during = a_case(events=[on("2026-02-10"), pause], as_of="2026-04-30")
    assert (during["status"], during["next_due"]) == ("INACTIVE", None)
    after = a_case(events=[on("2026-02-10"), pause], as_of="2026-05-01")
    assert (after["status"], after["next_due"]) == ("DUE", "2026-05-10")
    tried = a_case(events=[on("2026-02-10"), pause, on("2026-04-30", "attempt")], as_of="2026-04-30")
    assert tried["blocks"] == ["B-INACTIVE"]


def test_a_date_that_passed_in_the_pause_is_the_day_the_pause_ends():
    pause = on("2026-04-01", "paused", until="2026-06-01")
    got = a_case(events=[on("2026-02-10"), pause], as_of="2026-06-01")
    assert (got["next_due"], got["status"]) == ("2026-06-01", "DUE")
    assert a_case(events=[on("2026-02-10"), pause], as_of="2026-06-16")["status"] == "OVERDUE"
    resumed = [on("2026-02-10"), pause, on("2026-05-15", "resumed")]
    assert a_case(events=resumed)["next_due"] == "2026-05-15"


def test_loading_goes_on_after_a_pause():
    events = [on("2026-06-01"), on("2026-06-02", "paused", until="2026-06-06")]
    got = std(events=events, as_of="2026-06-06")
    assert (got["next_due"], got["status"], got["doses_remaining"]) == ("2026-06-08", "NOT_DUE", 5)


def test_a_pause_without_an_end_is_no_pause():
    assert a_case(events=[on("2026-02-20"), on("2026-04-01", "paused")])["status"] == "DUE"


def test_transferred_out_is_active_until_the_handover_is_confirmed():
    out = on("2026-05-01", "transferred_out")
    waiting = a_case(events=[on("2026-02-20"), {**out, "handover_confirmed": False}])
    assert (waiting["status"], waiting["next_due"]) == ("DUE", "2026-05-20")
    assert "A-REMINDERS-CANCELLED" not in waiting["alerts"]
    gone = a_case(events=[on("2026-02-20"), out, {**out, "date": "2026-05-02", "handover_confirmed": True}])
    assert (gone["status"], gone["next_due"]) == ("INACTIVE", None)
    assert "A-REMINDERS-CANCELLED" in gone["alerts"]


def test_transferred_in_goes_on_from_the_last_dose_without_reloading():
    arrived = on("2026-05-01", "transferred_in", last_dose="2026-03-31")
    got = a_case(events=[arrived], interval={"months": 1}, as_of="2026-05-01")
    assert (got["next_due"], got["phase"], got["physician_required"]) == ("2026-04-30", "MAINTENANCE", False)
    reloaded = std(events=[arrived], as_of="2026-05-01", start="2026-05-01")
    assert (reloaded["phase"], reloaded["next_due"]) == ("MAINTENANCE", "2026-06-30")


def test_transferred_in_without_a_last_dose_is_for_a_physician_now():
    got = a_case(events=[on("2026-05-01", "transferred_in")], as_of="2026-05-01")
    assert (got["next_due"], got["physician_required"], got["action"]) == ("2026-05-01", True, "give_now")
    known = a_case(events=[on("2026-02-20"), on("2026-05-01", "transferred_in")], as_of="2026-05-01")
    assert (known["next_due"], known["physician_required"]) == ("2026-05-20", False)
    neurological = neuro(events=[on("2026-09-07"), on("2026-09-08", "transferred_in")], as_of="2026-09-08")
    assert neurological["phase"] == "LOADING"


def test_who_comes_back_is_active_again():
    gone = on("2026-03-01", "transferred_out", handover_confirmed=True)
    back = on("2026-05-01", "transferred_in", last_dose="2026-04-10")
    assert a_case(events=[on("2026-02-20"), gone, back])["next_due"] == "2026-07-10"


def test_a_late_switch_to_tablets_starts_at_once():
    switch = on("2026-05-20", "switch_to_oral", role="physician")
    got = a_case(events=[on("2026-01-10"), switch])
    assert (got["oral_start"], got["next_due"], got["labs_extra"]) == (
        "2026-05-20",
        "2026-04-10",
        "2026-08-20",
    )
    assert got["im_reminders_stop_when"] == "first oral dose confirmed"
    confirmed = a_case(events=[on("2026-01-10"), switch, on("2026-05-20", "oral_confirmed")])
    assert (confirmed["next_due"], confirmed["im_reminders_stop_when"]) == (None, None)


def test_tablets_are_refused_with_nerves_and_to_a_nurse():
    switch = on("2026-05-20", "switch_to_oral", role="physician")
    nerves = a_case(events=[on("2026-02-20"), switch], neuro_history=True)
    assert (nerves["blocks"], nerves["oral_start"], nerves["labs_extra"]) == (["B-ORAL-NEURO"], None, None)
    nurse = a_case(events=[on("2026-02-20"), {**switch, "role": "nurse"}])
    assert (nurse["blocks"], nurse["oral_start"], nurse["physician_required"]) == (["B-ROLE"], None, True)


def test_back_to_injections_without_deficiency_is_one_dose_now():
    back = on("2026-05-20", "switch_to_im", role="physician")
    got = a_case(events=[on("2024-05-01"), on("2025-05-01", "switch_to_oral"), back])
    assert (got["next_due"], got["status"], got["labs_extra"]) == ("2026-05-20", "DUE", "2026-08-20")
    assert (got["oral_start"], got["im_reminders_stop_when"], got["action"]) == (None, None, "give_now")
    assert "A-LAPSED-12M" not in got["alerts"]


def test_deficient_again_loads_anew_whatever_was_given_before():
    back = on("2026-05-11", "switch_to_im", role="physician")
    got = std(start="2026-05-11", as_of="2026-05-11", events=[on("2025-01-10"), back])
    assert (got["doses_given"], got["doses_remaining"], got["next_due"]) == (0, 6, "2026-05-11")


def test_a_dose_long_before_loading_began_is_of_an_earlier_episode():
    earlier = std(events=[on("2026-05-17")], as_of="2026-06-01")
    assert (earlier["doses_given"], earlier["next_due"]) == (0, "2026-06-01")
    first = std(events=[on("2026-05-18", source="external")], as_of="2026-05-18")
    assert (first["doses_given"], first["next_due"], first["labs"]["3m"]) == (1, "2026-05-20", "2026-08-18")


def test_a_resolved_cause_ends_treatment_with_a_recheck():
    stop = on("2026-05-20", "stop_request", reason="reversible_cause_resolved", role="physician")
    got = a_case(events=[on("2026-02-20"), stop])
    assert (got["status"], got["next_due"], got["labs_extra"]) == ("INACTIVE", None, "2026-08-20")
    assert {"W-STOP-REVERSIBLE", "A-REMINDERS-CANCELLED"} <= set(got["alerts"])


@pytest.mark.parametrize(
    ("reason", "role", "block"),
    [
        ("levels_normal", "physician", "B-STOP-LEVELS"),
        ("symptoms_improved", "physician", "B-STOP-SYMPTOMS"),
        ("patient_request", "nurse", "H-STOP-REFUSAL"),
        ("allergy", "nurse", "B-ROLE"),
    ],
)
def test_a_stop_for_no_good_reason_stops_nothing(reason, role, block):
    got = a_case(events=[on("2026-02-20"), on("2026-05-20", "stop_request", reason=reason, role=role)])
    assert (got["blocks"], got["next_due"]) == ([block], "2026-05-20")


def test_the_oldest_open_check_is_next_and_a_closed_one_stays_behind():
    case = {"start": "2026-01-05", "events": [on("2026-03-16")], "interval": TWO_MONTHS}
    assert a_case(as_of="2026-04-19", **case)["labs_next"] == "2026-04-05"
    assert a_case(as_of="2026-04-20", **case)["labs_next"] == "2026-07-05"


def test_labs_are_anchored_at_the_first_dose_given_and_in_maintenance_at_the_start():
    loading = std(events=[on("2026-06-03")], as_of="2026-06-03")
    assert loading["labs"] == {"3m": "2026-09-03", "6m": "2026-12-03", "12m": "2027-06-03"}
    assert a_case(events=[on("2026-02-20")])["labs"]["3m"] == "2024-08-01"


def test_late_waived_and_yearly_checks():
    case = {"start": "2024-05-01"}
    late = a_case(events=[on("2026-02-20"), on("2025-04-20", "lab_panel")], **case)
    assert (late["labs_done"], late["labs_next"]) == (["3m", "6m", "12m"], "2026-05-01")
    waived = a_case(events=[on("2026-02-20"), on("2026-05-02", "lab_waived", check="24m")], **case)
    assert (waived["labs_done"], waived["labs_next"]) == ([], "2027-05-01")
    assert a_case(events=[on("2026-02-20")], as_of="2026-05-29")["labs_next"] == "2026-05-01"
    assert a_case(events=[on("2026-02-20")], as_of="2026-05-30")["labs_next"] == "2027-05-01"


@pytest.mark.parametrize(
    ("last", "was"),
    [
        ("2026-05-05", "NOT_DUE"),
        ("2026-05-06", "DUE"),
        ("2026-06-03", "DUE"),
        ("2026-06-04", "OVERDUE"),
        ("2026-08-20", "LAPSED"),
    ],
)
def test_the_status_on_the_day_the_last_dose_was_given(last, was):
    got = a_case(as_of="2026-09-01", events=[on("2026-02-20"), on(last)])
    assert got["previous_dose_was"] == was


def test_the_previous_status_knows_the_pause_of_its_time():
    pause = on("2026-04-01", "paused", until="2026-08-01")
    got = a_case(as_of="2026-09-01", events=[on("2026-02-20"), pause, on("2026-08-01")])
    assert got["previous_dose_was"] == "DUE"
    assert a_case(events=[])["previous_dose_was"] is None


def test_an_appointment_rolls_to_an_open_day_and_the_clinical_date_does_not():
    asked = {"suggested_appointment": {"2026-05-23": "?", "2026-08-23": "?", "2026-12-25": "?"}}
    got = a_case(events=[on("2026-02-23")], closures=["2026-05-25"], expected=asked)
    assert got["next_due"] == "2026-05-23"  # a Saturday
    assert got["suggested_appointment"] == {"2026-05-23": "2026-05-26", "2026-08-23": "2026-08-24"}


def test_an_event_the_format_does_not_know_is_an_error():
    with pytest.raises(ValueError, match="no event 'vanished'"):
        a_case(events=[on("2026-02-20", "vanished")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon-Fri", MONDAY_TO_FRIDAY),
        ("Mon-Sun", EVERY_DAY),
        ("Sat-Mon", clinic("560")),
        (["Mon", "Thu"], clinic("03")),
        ("Tue,Wed", clinic("12")),
        (["Friday"], clinic("4")),
    ],
)
def test_opening_days_are_read_in_every_way_they_are_written(text, expected):
    assert clinic_days(text) == expected


@pytest.mark.parametrize("text", ["Monday to Friday", "weekdays", ["Mo"], ["Sonntag"], "Mon-Freitag"])
def test_opening_days_in_other_words_are_refused(text):
    with pytest.raises(ValueError, match="is not a day of the week"):
        clinic_days(text)


def test_a_late_dose_moves_no_date_of_the_projection():
    for today in ("2026-04-10", "2026-04-12", "2026-07-01"):
        got = a_case(interval=TWO_MONTHS, events=[on("2026-02-10")], as_of=today)
        assert got["projection"] == ["2026-04-10", "2026-06-10", "2026-08-10"]
