"""Every kind of decision, the most urgent first: what is for today, then what waits."""

from datetime import date

from monitoring import urgent_results
from monitoring.decisions import dates, plans, requests, silence, unasked
from monitoring.decisions.dates import page, passed
from monitoring.decisions.kind import About, Act, Kind
from patients.paging import moment
from regimens.models import Request
from regimens.to_decide import Named

Asked = Request.Kind
OF_THEIR_OWN = (Asked.HOLD, Asked.STOP, Asked.INCIDENT, Asked.MERGE, Asked.PATIENT)
OTHERS = tuple(kind for kind in Asked if kind not in OF_THEIR_OWN)
ALL_BUT_SYMPTOMS = tuple(kind for kind in Asked if kind != Asked.SYMPTOMS)


def _result(values: dict, _today: date) -> Named:
    return Named(urgent_results.in_words(values), (urgent_results.code_of(values),))


def _low_folate(values: dict, _today: date) -> Named:
    said = urgent_results.in_words(values)
    return Named(f"{said}, below the laboratory's range: B12 first", ("B-FOLATE-BEFORE-B12",), ("H-06",))


def _look(values: dict) -> Act:
    return Act("review_result", "Look", (values["pk"],))


def _for_today(words: dict) -> dict:
    """Give the same without a way to put it off."""
    return {name: value for name, value in words.items() if name not in ("about", "later_word")}


ASKED = {"named": requests.named, "act": requests.act, **requests.REQUEST}
LATER = {**ASKED, **requests.LATER}
PLAN = {"named": plans.named, "act": plans.act, **plans.PLAN}
VALUES = ("analyte", "value", "unit", "comparator")

# fmt: off
KINDS = (
    # -- Today
    Kind("results", "Results to look at today", urgent_results.unseen, "collected_on", _result, _look,
         (*VALUES, "has_dose")),
    Kind("potassium", "Severe anaemia without potassium", unasked.potassium_before, "opened_on",
         **_for_today(passed("W-K-MONITOR"))),
    Kind("potassium-after", "Potassium not measured after the first dose", unasked.potassium_after, "due_at",
         unasked.potassium_named, unasked.potassium_act, reads=moment),
    Kind("symptoms", "Symptoms new or worse", requests.asked(True, Asked.SYMPTOMS), **ASKED),
    Kind("reports", "Symptoms reported that nobody asked about", unasked.reports, "reported_on",
         unasked.report_named, unasked.report_act),
    Kind("today", "Asked for today", requests.asked(True, *ALL_BUT_SYMPTOMS), **ASKED),
    Kind("neuro-gap", "Loading with nerves involved has a gap", dates.neuro_gap, "last_given_on",
         **_for_today(passed("A-NEURO-GAP"))),
    Kind("plans-today", "Plans to sign today", plans.today, **PLAN),
    Kind("folic-acid", "On folic acid, B12 not treated", unasked.folic_acid, "observed_on",
         unasked.folic_acid_named, unasked.folic_acid_act),
    # -- As soon as somebody can
    Kind("holds", "Held at the dose screen", requests.asked(False, Asked.HOLD), **LATER),
    Kind("reviews", "Neurological reviews due", dates.reviews, "review_due_on", dates.review_named,
         page("record_review", "Review"), **dates.LATER_REVIEW),
    Kind("plans", "Plans to sign", plans.others, **PLAN, **plans.LATER),
    Kind("twelve-months", "A year without a dose", dates.twelve_months, "twelve_months_on", **passed("A-LAPSED-12M")),
    Kind("lapsed", "Lapsed", dates.lapsed, "lapses_on", **passed("A-LAPSED")),
    Kind("overdue", "Long overdue", dates.overdue, "physician_from_on", **passed("A-OVERDUE-PHYSICIAN")),
    Kind("long-gaps", "Loading with a gap of over 14 days", dates.long_gap, "last_given_on", **passed("A-LOAD-GAP-GT14")),
    Kind("gaps", "Loading with a gap", dates.gap, "last_given_on", **passed("A-LOAD-GAP-GT7")),
    Kind("silent", "Silent after letters and calls", silence.silent, "silent_since", **passed("A-NO-ANSWER")),
    Kind("stops", "Wishes to stop", requests.asked(False, Asked.STOP), **LATER),
    Kind("incidents", "Given outside the rules", requests.asked(False, Asked.INCIDENT), **LATER),
    Kind("patients", "Patients' own reports", requests.asked(False, Asked.PATIENT), **LATER),
    Kind("requests", "Other requests", requests.asked(False, *OTHERS), **LATER),
    Kind("folate-low", "Low folate: B12 first", unasked.folate_low, "collected_on", _low_folate, _look, VALUES,
         about=About("result"), later_word="result"),
    Kind("tablets", "First tablet to be confirmed", dates.tablets, "next_due_on",
         lambda _values, _today: dates.to_decide.tablets(), page("confirm_oral", "Confirm"),
         columns=("oral_decided_on",), **dates.LATER_TABLETS),
    Kind("labs", "Blood tests missed", dates.missed_labs, "missed_on", dates.lab_named,
         page("waive_lab_check", "Let it go"), ("missed_lab_name", "lab_name", "end_reason"), **dates.LATER_LAB),
    Kind("merges", "Two records, perhaps one person", requests.asked(False, Asked.MERGE), **LATER),
    Kind("imports", "Imported plans to adopt", plans.imports, **PLAN, **plans.LATER),
)
# fmt: on
BY_KEY = {kind.key: kind for kind in KINDS}
FOR_TODAY = tuple(kind for kind in KINDS if kind.same_day)
