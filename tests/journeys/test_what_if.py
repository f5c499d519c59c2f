"""What was shown before a signature is what the database holds after it, over random patients and changes.

The page is opened over one connection and signed over another one, as by two processes. Then the rows are compared with
the words that stood on the page: doses, blood tests, reviews, booked places, and the letters the queue then writes.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from html import unescape
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from monitoring.messages.queue import queue
from monitoring.messages.truth import ask_again
from monitoring.models import Message
from patients.models.facts import Topic
from patients.templatetags.wording import day
from regimens import what_follows
from regimens.explained import lab_name
from regimens.models import Appointment, Course, Plan
from regimens.protocol.intervals import months
from regimens.protocol.requests import AskedRoute, Form
from regimens.services import appointments, clinical, outlook
from regimens.services.decisions import record_neuro_review
from tests.browsing import sent_by
from tests.factories import (
    a_clinic,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    a_signature,
    at,
    now,
)
from tests.monitoring.conftest import with_doses

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2026, 1, 5)
LOADING = [START + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11)]
MANY = 60
WAITING = ("queued", "claimed", "sending")


class Story:
    """One patient, what a physician is about to sign, and what the page said of it."""

    def __init__(self, clinic, seed, today_is):
        self.random, self.clinic, self.key = Random(seed), clinic, seed
        self.patient = a_patient(clinic, emailed=self.random.random() < 0.85, facts=self._facts())
        today_is(START)
        self.course = self._course()
        self.page, self.typed, self.shown = "", {}, {}

    def _facts(self):
        return self.random.choice(
            [{}, {}, {"bariatric": "bypass"}, {"neuro": "present"}, {"crohns_ileal": True}]
        )

    def _course(self):
        """Never signed, in the middle of loading, or on maintenance; the last dose a while ago."""
        kind = self.random.choice(["proposed", "loading", "maintenance", "maintenance", "maintenance"])
        plan = a_proposal(self.patient, START, interval=self.random.choice([None, months(2), months(3)]))
        if kind != "proposed":
            a_signature(plan)
        course = Course.objects.select_related("patient__clinic", "clinic").get(pk=plan.course_id)
        if kind == "proposed":
            return course
        return with_doses(course, LOADING if kind == "maintenance" else LOADING[: self.random.randint(1, 5)])

    def lives_on(self, today):
        """Blood is drawn or not, a place is booked or not, and something is proposed or will be."""
        self.today = today
        self.course.refresh_from_db()
        if self.random.random() < 0.3 and self.course.review_due_on:
            record_neuro_review(
                course=self.course,
                outcome=self.random.choice(["still_improving", "no_further_improvement"]),
                on=today,
                now=now(),
                decided_by=a_physician(self.clinic),
            )
        if self.random.random() < 0.6:
            self._books()
        if Plan.objects.signed().filter(course=self.course).exists() and self.random.random() < 0.5:
            self.page = "change_interval"
        else:
            self.page = "sign_plan"
            self._proposes()

    def _books(self):
        subject = self.random.choice(["dose", "dose", "lab"])
        self.course.refresh_from_db()
        due = self.course.next_due_on if subject == "dose" else self.course.lab_due_on
        on = max(due, self.today) + timedelta(days=self.random.randint(1, 20))
        appointments.book(
            course=self.course,
            subject=subject,
            on=self.clinic.days.next_open(on),
            at=time(9 + self.key // 60, self.key % 60),
            now=now(),
            booked_by=a_nurse(self.clinic),
        )

    def _proposes(self):
        if self.random.random() < 0.4:
            topic, answer = self.random.choice(
                [
                    (Topic.NEURO, "present"),
                    (Topic.CROHNS_ILEAL, True),
                    (Topic.BARIATRIC, "bypass"),
                    (Topic.NEURO, "none"),
                ]
            )
            clinical.record_facts(
                patient=self.patient,
                answers={topic: answer},
                observed_on=self.today,
                now=now(),
                recorded_by=a_nurse(self.clinic),
            )
        form = Form(
            route=self.random.choice([None, None, AskedRoute.IM, AskedRoute.SC_DEEP, AskedRoute.ORAL])
        )
        egfr = {"analyte": "EGFR", "value": 80, "unit": "mL/min/1.73 m2"}
        clinical.record_results(
            patient=self.patient,
            collected_on=self.today,
            values=[egfr],
            now=now(),
            recorded_by=a_nurse(self.clinic),
        )
        self.patient.refresh_from_db()
        a_proposal(
            self.patient,
            self.today + timedelta(days=self.random.choice([0, 0, 0, 3, 10])),
            form=form,
            loaded_elsewhere=self.random.random() < 0.4,
            interval=self.random.choice([None, None, months(1), months(2), months(3)]),
        )

    @property
    def address(self):
        return reverse(self.page, args=[self.patient.pk])

    def looks(self, client):
        """Open the page, choose, and keep what it says of the choice."""
        answer = client.get(self.address)
        assert answer.status_code == 200
        fields = answer.context["form"].fields
        self.typed = {**sent_by(answer), "note": "So decided", "reason": "So decided"}
        key = "signed"
        if "interval" in fields:
            key = self.typed["interval"] = self.random.choice(
                [code for code, _label in fields["interval"].choices]
            )
        if "confirmed" in fields:
            self.typed["confirmed"] = [code for code, _label in fields["confirmed"].choices]
        self.shown = read(answer.text, key)

    def signs(self):
        """Sign in a thread of its own, which has a connection of its own."""
        try:
            client = Client()
            client.force_login(a_physician(self.clinic))
            answer = client.post(self.address, self.typed)
            return answer.status_code, answer.text if answer.status_code != 302 else ""
        finally:
            connection.close()


def read(page, key):
    """What the page says in words of one way to decide: dates after, places, letters."""
    part = page[page.index(f'id="dates-{key}"') :]
    part = unescape(part[: part.index("</details>")])
    after = dict(
        re.findall(
            r'<th scope="row">([^<]+)</th><td data-label="Now">.*?</td><td data-label="After">(?:<time[^>]*>)?([^<]+)',
            part,
        )
    )
    places = re.findall(r"<li>(Injection|Blood test) on <time datetime=\"([\d-]+)\">.*?: (.*?)</li>", part)
    letters = {
        kind: {
            (what, date.fromisoformat(about))
            for what, about in re.findall(rf'{words}</strong> (.*?), about <time datetime="([\d-]+)"', part)
        }
        for kind, words in (("withdrawn", "would not be sent:"), ("written", "Owed from today:"))
    }
    doses = [after[name] for name in after if re.fullmatch(r"Dose \d+", name)]
    return {"after": after, "doses": doses, "places": places, "letters": letters}


def named(message):
    return f"{message.get_subject_display()}: {message.get_purpose_display().lower()}", message.due_on


def dates_of(story):
    """The dates the rows give after the signature, as the page writes them."""
    course = story.course
    ahead = what_follows.now(course, story.today)
    found = {lab_name(course.lab_name): course.lab_due_on}
    if course.missed_lab_name:
        found[lab_name(course.missed_lab_name)] = course.missed_lab_due_on
    return [day(dose.due_on) for dose in ahead.in_a_year], {
        f"Blood test, {name}": day(on) for name, on in found.items()
    }


def compare(story):
    course, shown = story.course, story.shown
    course.refresh_from_db()
    doses, tests = dates_of(story)
    assert [on for on in shown["doses"] if on != "none"] == doses
    if course.phase == Course.Phase.MAINTENANCE:
        assert doses[0] == day(course.next_due_on)
    year = months(12).after(story.today)
    for name, on in tests.items():
        if name in shown["after"]:
            assert shown["after"][name] == on, name
        else:
            assert course.lab_due_on > year
    if course.review_due_on:
        assert shown["after"]["Neurological review"] == day(course.review_due_on)
    vials = 0 if course.oral_decided_on else len(doses)
    assert shown["after"]["Vials in the next 12 months"] == str(vials)
    booked = Appointment.objects.booked().filter(course=course)
    assert len(shown["places"]) == booked.count()
    if course.phase == Course.Phase.MAINTENANCE and not course.oral_decided_on:
        for subject, on, words in shown["places"]:
            if subject == "Injection":
                fits = course.window_opens_on <= date.fromisoformat(on) <= course.window_closes_on
                assert ("Outside" not in words) is fits


def test_what_was_shown_is_what_happens(today_is):
    today_is(START)
    clinic = a_clinic(slots_per_hour=60)
    stories = [Story(clinic, seed, today_is) for seed in range(MANY)]
    today = date(2026, 4, 2)
    today_is(today)
    for story in stories:
        story.lives_on(today)
    queue(now=at(today))
    waiting = {m.pk: named(m) for m in Message.objects.filter(state__in=WAITING)}
    there = set(Message.objects.exclude(state="suppressed").values_list("pk", flat=True))
    client = Client()
    client.force_login(a_physician(clinic))
    for story in stories:
        story.looks(client)
    with ThreadPoolExecutor(1) as other_process:
        for story in stories:
            status, text = other_process.submit(story.signs).result()
            assert status == 302, re.findall(r'(?s)class="error-summary".*?</ul>', text)
    for story in stories:
        compare(story)
    queue(now=at(today))
    truths = ask_again(Message.objects.filter(state__in=WAITING).select_related("course"), at(today))
    for story in stories:
        rows = list(Message.objects.filter(course=story.course))
        silent = {named(m) for m in rows if m.pk in waiting and (m.pk not in truths or truths[m.pk].cause)}
        new = {named(m) for m in rows if m.state == "queued" and m.pk not in there}
        assert story.shown["letters"]["withdrawn"] == silent
        assert story.shown["letters"]["written"] == new
    said = [story.shown for story in stories]
    assert sum(bool(each["letters"]["withdrawn"]) for each in said) >= 5, (
        "letters were withdrawn in some stories"
    )
    assert sum(bool(each["letters"]["written"]) for each in said) >= 5, "and owed in some"
    assert sum("Outside" in words for each in said for *_where, words in each["places"]) >= 5
    assert {story.page for story in stories} == {"sign_plan", "change_interval"}
    assert len(stories) >= 60
    assert list(outlook.differences()) == []
