"""What a letter says, and what it never says."""

from datetime import date, time
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.core.mail import BadHeaderError
from django.utils import timezone

from monitoring.checks import sender_gives_nothing_away
from monitoring.message_rules import ON_REQUEST, RULES
from monitoring.messages import letters
from monitoring.messages.neutral import is_neutral
from monitoring.messages.truth import Truth
from monitoring.messages.wording import WORDINGS
from monitoring.models import Message
from patients.models import Clinic, Patient

# Written down here on its own, so that a gap in the product's own list is seen.
FORBIDDEN = [
    *(
        "b12",
        "b-12",
        "vitamin",
        "cobalamin",
        "inject",
        "needle",
        "dose",
        "microgram",
        "anaemi",
        "anemi",
        "deficien",
    ),
    *(
        "pernicious",
        "neuro",
        "nerve",
        "blood",
        "platelet",
        "homocyst",
        "folate",
        "folic",
        "result",
        "ematolog",
    ),
    *("bariatric", "crohn", "ileal", "treatment", "diagnos"),
]
TRUTH = Truth(on=date(2026, 4, 16), at=time(10, 20), due_on=date(2026, 4, 16))


def a_message(rule, clinic=None, patient=None, pk=1):
    clinic = clinic or Clinic(
        name="North B12 and Haematology Clinic",
        letter_sender="Northgate Surgery",
        address="1 North Road, Leeds",
        phone="0113 496 0000",
        email="desk@northgate.example",
    )
    return Message(
        pk=pk,
        key=f"{pk}:key",
        clinic=clinic,
        patient=patient or Patient(given_names="Ada Mary", family_name="Byron", email="ada@example.org"),
        subject=rule.subject,
        purpose=rule.purpose,
        round=1 if rule.counted_from.is_booked else 0,
        due_on=TRUTH.due_on,
        queued_at=timezone.now(),
    )


def written(*messages):
    """The letter as it goes over the wire, read back."""
    email = letters.write(list(messages), [TRUTH] * len(messages))
    return message_from_bytes(email.message().as_bytes(), policy=policy.default)


def parts(email):
    return email.get_body(("plain",)).get_content(), email.get_body(("html",)).get_content()


class _Words(HTMLParser):
    """Collects what a person reads of a page."""

    def __init__(self):
        super().__init__()
        self.words, self.in_title = [], False

    def handle_starttag(self, tag, attrs):
        self.in_title = tag == "title"

    def handle_endtag(self, tag):
        self.in_title = False

    def handle_data(self, data):
        if not self.in_title:
            self.words += data.split()


def words_of(html):
    reader = _Words()
    reader.feed(html)
    return reader.words


def test_every_rule_has_its_words_and_every_wording_its_rule():
    rules = (*RULES, *ON_REQUEST)
    assert {(rule.subject, rule.purpose, rule.counted_from.is_booked) for rule in rules} == set(WORDINGS)


@pytest.mark.parametrize(
    "rule", [*RULES, *ON_REQUEST], ids=lambda rule: f"{rule.subject}-{rule.purpose}-{rule.counted_from}"
)
def test_no_letter_gives_the_treatment_away(rule):
    email = written(a_message(rule))
    everything = " ".join([email.as_string(), *parts(email)]).lower()
    assert [word for word in FORBIDDEN if word in everything] == []
    assert "North B12" not in everything


@pytest.mark.parametrize(
    "rule", [*RULES, *ON_REQUEST], ids=lambda rule: f"{rule.subject}-{rule.purpose}-{rule.counted_from}"
)
def test_both_parts_say_the_same(rule):
    plain, html = parts(written(a_message(rule)))
    assert words_of(html) == plain.split()


def test_a_letter_says_when_where_and_how_to_change_it():
    booked = next(rule for rule in RULES if rule.purpose == "soon" and rule.counted_from.is_booked)
    email = written(a_message(booked))
    plain, _html = parts(email)
    assert email["Subject"] == "Reminder: your appointment on 16 April"
    assert "Thursday 16 April 2026 at 10:20" in plain
    assert "Where: 1 North Road, Leeds" in plain
    assert "phone 0113 496 0000 or answer this email" in plain
    assert plain.startswith("Hello Ada,")
    assert email["From"] == "Northgate Surgery <appointments@localhost>"
    assert email["Reply-To"] == "desk@northgate.example"


def test_subject_and_sender_name_nobody():
    email = written(a_message(RULES[0]))
    assert not {"Ada", "Byron"} & set(f"{email['Subject']} {email['From']} {email['To']}".split())


def test_the_css_is_in_the_elements_and_nothing_is_fetched():
    _plain, html = parts(written(a_message(RULES[0])))
    assert 'style="' in html
    for tag in ("<style", "<table", "<img", "<link", "<script", "http"):
        assert tag not in html


@pytest.mark.parametrize("field", ["letter_sender", "address", "email"])
def test_a_clinics_own_words_that_tell_too_much_are_left_out(field):
    telling = "vitamin@northgate.example" if field == "email" else "The B12 injection clinic"
    message = a_message(RULES[0])
    setattr(message.clinic, field, telling)
    email = written(message)
    assert "b12" not in email.as_string().lower()
    assert "vitamin" not in email.as_string().lower()


def test_a_letter_that_would_tell_is_not_written(settings):
    settings.DEFAULT_FROM_EMAIL = "reminders@b12clinic.example"
    with pytest.raises(letters.NotNeutral):
        written(a_message(RULES[0]))


def test_the_name_of_a_letter_spells_no_word_and_is_its_own():
    names = [letters.message_id(a_message(RULES[0], pk=number)) for number in range(2000)]
    assert all(is_neutral(name) for name in names)
    assert len(set(names)) == 2000


def test_what_a_patient_is_called_is_text_and_not_html():
    patient = Patient(given_names="<b>Bob</b> & Co", family_name="X", email="bob@example.org")
    plain, html = parts(written(a_message(RULES[0], patient=patient)))
    assert "Hello <b>Bob</b>," in plain
    assert "<b>" not in html


def test_no_field_can_add_a_header():
    clinic = Clinic(letter_sender="Surgery\r\nBcc: spy@example.org", phone="1\r\nBcc: spy@example.org")
    email = written(a_message(RULES[0], clinic=clinic))
    assert email["Bcc"] is None
    patient = Patient(given_names="Ada", family_name="B", email="a@example.org\nBcc: spy@example.org")
    with pytest.raises(BadHeaderError):
        written(a_message(RULES[0], patient=patient))


def test_several_things_are_one_letter_with_each_said_once():
    visit, check = (next(rule for rule in RULES if rule.subject == subject) for subject in ("dose", "lab"))
    email = written(a_message(visit), a_message(check, pk=2), a_message(check, pk=3))
    plain, _html = parts(email)
    assert email["Subject"] == "Your appointments and checks"
    assert plain.count("Your next visit to us is due") == 1
    assert plain.count("Your next routine check is due") == 1


def test_an_unknown_language_is_written_in_the_default_one():
    patient = Patient(given_names="Ada", family_name="B", email="a@example.org", language="tlh")
    assert parts(written(a_message(RULES[0], patient=patient)))[0].startswith("Hello Ada,")


def test_the_system_refuses_a_sender_that_tells(settings):
    assert sender_gives_nothing_away(None) == []
    settings.DEFAULT_FROM_EMAIL = "Injections <desk@northgate.example>"
    assert [error.id for error in sender_gives_nothing_away(None)] == ["monitoring.E001"]
