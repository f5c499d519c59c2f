"""Every profile of the case file through the real forms: the page says the codes, regimen and dates that it expects."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from patients.models import Result, Role
from patients.templatetags.wording import day
from regimens.explained import lab_name
from regimens.models import Course, Injection, Plan, Request
from regimens.protocol import catalogue
from regimens.protocol.entries import Loading
from tests.browsing import sent_by
from tests.clinical.on_pages import (
    PROFILES,
    boxes,
    dose_form,
    facts_form,
    registered,
    request_form,
    results_forms,
    start_of,
)
from tests.factories import a_member, a_nurse, a_physician
from tests.regimens.plan_pages import codes_on

pytestmark = pytest.mark.django_db

BY_ACTION = {
    action: [case for case in PROFILES if case["input"]["action"] == action]
    for action in ("new_plan", "administer", "stop_request", "interval_change")
}
IMPOSSIBLE = "B-LAB-IMPLAUSIBLE"


def cases(action):
    return pytest.mark.parametrize("case", BY_ACTION[action], ids=lambda case: case["id"])


def test_no_profile_is_left_out():
    assert sum(map(len, BY_ACTION.values())) == len(PROFILES) == 38


class Clinic:
    """The people of a clinic at their screens, on the day a profile begins."""

    def __init__(self, client, case):
        self.client, self.given = client, case["input"]
        self.patient = registered(self.given)
        self.refused = []

    def sits_down(self, person):
        self.client.force_login(person)

    def opens(self, name, **query):
        return self.client.get(reverse(name, args=[self.patient.pk]), query)

    def sends(self, name, **typed):
        return self.client.post(reverse(name, args=[self.patient.pk]), {**sent_by(self.opens(name)), **typed})

    def enters_what_is_known(self):
        """A nurse answers the questions and types the results; what a form refuses is kept."""
        self.sits_down(a_nurse(self.patient.clinic))
        assert self.sends("patient_facts", **facts_form(self.given)).status_code == 302
        for panel in results_forms(self.given):
            answer = self.sends("record_results", **panel)
            if answer.status_code != 302:
                self.refused.append(answer)

    def takes_the_role(self):
        self.sits_down(a_member(self.patient.clinic, Role(self.given["role"])))

    def asks(self):
        return self.client.post(
            reverse("propose_plan", args=[self.patient.pk]), {**request_form(self.given), "act": "show"}
        )

    def proposes(self):
        shown = re.search(r'name="shown" value="(\w+)"', self.asks().text)[1]
        sent = {**request_form(self.given), "act": "propose", "shown": shown}
        return self.client.post(reverse("propose_plan", args=[self.patient.pk]), sent)

    def signs(self, **typed):
        """Sign with every confirmation ticked, a reason, and the shortest interval that is offered."""
        page = self.opens("sign_plan")
        fields = page.context["form"].fields
        chosen = {"note": "So decided"}
        if "interval" in fields:
            chosen["interval"] = fields["interval"].choices[0][0]
        if "confirmed" in fields:
            chosen["confirmed"] = [code for code, _label in fields["confirmed"].choices]
        return self.client.post(
            reverse("sign_plan", args=[self.patient.pk]), {**sent_by(page), **chosen, **typed}
        )

    def is_under_a_signed_plan(self):
        self.sits_down(a_physician(self.patient.clinic))
        self.given = {**self.given, "dose_request_mcg": None}
        assert self.proposes().status_code == 302
        assert self.signs().status_code == 302


@pytest.fixture
def at_work(client, today_is):
    def begin(case):
        today_is(start_of(case["input"]))
        clinic = Clinic(client, case)
        clinic.enters_what_is_known()
        return clinic

    return begin


def stops_of(codes):
    return {code for code in codes if code[0] in "BH"}


def problems_of(page):
    """The codes among what a refused form says is wrong."""
    summary = page[page.index("error-summary") :]
    return codes_on(summary[: summary.index("</div>")])


@cases("new_plan")
def test_a_plan_is_proposed_and_signed_as_the_case_expects(at_work, case):
    clinic, expected = at_work(case), case["expected"]
    if IMPOSSIBLE in expected["blocks"]:
        assert problems_of(clinic.refused[0].text) == {IMPOSSIBLE}
        assert not Result.objects.filter(analyte="PLT").exists(), "HOLD: it must be corrected first"
        return
    assert clinic.refused == []
    clinic.takes_the_role()
    page = unescape(clinic.asks().text)
    raised = codes_on(page)
    assert stops_of(raised) == set(expected["blocks"])
    assert set(expected["warnings"]) <= raised
    assert not set(expected.get("warnings_forbidden", ())) & raised
    if expected["product"] is None:
        assert expected["plan_status"] in ("BLOCKED", "HOLD")
        assert "Nothing can be proposed until this is settled" in page
        return
    for words in regimen_words(expected):
        assert words in page
    for name, due_on in expected["labs"].items():
        assert f"{lab_name(name).lower()} {day(date.fromisoformat(due_on))}" in page
    assert ("Hold: a physician decides" in page) is (expected["plan_status"] == "HOLD")
    if "override_allowed" in expected:
        assert ("Pass what stands against it" in page) is expected["override_allowed"]
    assert clinic.proposes().status_code == 302
    page = unescape(clinic.opens("sign_plan").text)
    assert codes_on(page) == raised, "the signature says the same"
    if "W-RENAL-UNKNOWN" in raised:
        assert "To be answered before signing" in page
        assert clinic.signs().status_code == 422
        return
    assert clinic.signs().status_code == 302
    signed = Plan.objects.signed().get()
    assert (signed.product, signed.micrograms, signed.route) == tuple(
        expected[name] for name in ("product", "dose_mcg", "route")
    )
    assert signed.regimen.loading.kind == expected["loading"]
    assert Course.objects.get().next_due_on is not None


def regimen_words(expected):
    """The words in which the page must say an expected regimen."""
    found = next(
        entry
        for entry in catalogue.REGIMENS
        if (entry.loading.kind, entry.product) == (expected["loading"], expected["product"])
    )
    yield f"<dt>Regimen</dt><dd>{found.title}</dd>"
    yield f"{expected['dose_mcg']:,} micrograms"
    yield {"IM": "into a muscle (IM)", "ORAL": "by mouth", "SC_DEEP": "deep under the skin (SC)"}[
        expected["route"]
    ]
    if expected["loading"] != Loading.NONE and expected["loading_doses"]:
        yield f"({expected['loading_doses']} doses)"
    terms = expected["maintenance"]
    if terms.get("daily"):
        yield "every day, without end"
    elif terms["physician_choice_required"]:
        yield f"every {' or '.join(map(str, terms['allowed_months']))} months for life"
        months = terms["provisional_months"]
        yield f"{'every month' if months == 1 else f'every {months} months'} is used until then"
    else:
        months = terms["months"]
        yield f"{'every month' if months == 1 else f'every {months} months'} for life"


@cases("administer")
def test_the_dose_screen_answers_as_the_case_expects(at_work, case, today_is):
    clinic, given, expected = at_work(case), case["input"], case["expected"]
    clinic.is_under_a_signed_plan()
    today = date.fromisoformat(given.get("today") or given["start_date"])
    today_is(today)
    clinic.takes_the_role()
    given_on = date.fromisoformat(given.get("administered_on") or given["start_date"])
    # About to be given is today; a day of its own can only be typed where a dose was given already.
    page = "record_injection" if given_on == today else "record_given"
    typed = dose_form(given) | ({} if given_on == today else boxes("given_on", given_on))
    answer = clinic.sends(page, **typed, save="yes")
    assert answer.status_code == 422
    assert stops_of(codes_on(answer.text)) == set(expected["blocks"])
    assert not Injection.objects.exists()


@cases("stop_request")
def test_a_wish_to_stop_is_answered_as_the_case_expects(at_work, case):
    clinic, given, expected = at_work(case), case["input"], case["expected"]
    clinic.is_under_a_signed_plan()
    clinic.takes_the_role()
    page = clinic.opens("stop_course")
    assert set(expected["warnings"]) <= codes_on(page.text)
    answer = clinic.sends("stop_course", reason=given["reason"])
    if expected["blocks"]:
        assert problems_of(answer.text) == set(expected["blocks"])
    else:
        assert answer.status_code == 302
    assert Course.objects.get().is_open is expected["plan_continues"]


@cases("interval_change")
def test_a_change_of_the_interval_is_answered_as_the_case_expects(at_work, case):
    clinic, given, expected = at_work(case), case["input"], case["expected"]
    clinic.is_under_a_signed_plan()
    before = Plan.objects.signed().get()
    clinic.takes_the_role()
    wish = {"symptoms_returned": "on"} if given["reason"] == "symptoms_returned" else {}
    answer = clinic.sends("change_interval", interval="P1M", **wish)
    raised = codes_on(answer.text)
    assert stops_of(raised) == set(expected["blocks"])
    assert expected["creates_task"] in raised
    assert Request.objects.get().codes == [expected["creates_task"]]
    assert Plan.objects.signed().get() == before
    assert "The interval is not changed." in answer.text
