"""Writes a letter from today's truth: one recipient, a plain part and an HTML part with the same words."""

from dataclasses import dataclass
from email.utils import formataddr, parseaddr

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from monitoring.messages.neutral import is_neutral, neutral_or
from monitoring.messages.truth import Truth
from monitoring.messages.wording import SEVERAL, wording_for
from monitoring.models import Message
from patients.models import Clinic, Patient

_INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
_DIGITS = 30


class NotNeutral(Exception):
    """The letter would have told a stranger what the patient is treated for."""


@dataclass(frozen=True)
class Letter:
    """What both parts of a letter say."""

    subject: str
    greeting: str
    paragraphs: list[str]
    closing: str
    sender: str
    answer_to: str


def write(messages: list[Message], truths: list[Truth]) -> EmailMultiAlternatives:
    """Give the email for messages of one patient, in the patient's language; the first of them gives its name.

    Raises NotNeutral when a word in it gives the treatment away, and BadHeaderError for an address with a line break.
    """
    clinic, patient = messages[0].clinic, messages[0].patient
    with translation.override(patient.language):
        letter = _compose(messages, truths, clinic, patient)
        email = EmailMultiAlternatives(
            subject=letter.subject,
            body=render_to_string("letters/letter.txt", {"letter": letter}).strip() + "\n",
            from_email=formataddr((letter.sender, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            to=[patient.email],
            reply_to=[letter.answer_to] if letter.answer_to else None,
            headers={"Message-ID": message_id(messages[0]), "Auto-Submitted": "auto-generated"},
        )
        page = render_to_string(
            "letters/letter.html", {"letter": letter, "language": translation.get_language()}
        )
        email.attach_alternative(_INLINER.inline(page), "text/html")
    _refuse_telling(email)
    return email


def message_id(carrier: Message) -> str:
    """Give the same Message-ID on every attempt, so that a mailbox may fold copies; it contains nothing of the patient."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{digest(carrier)}@{domain}>"


def digest(message: Message) -> str:
    """Give a name for the message that only we can compute. Digits: letters may spell a word."""
    return str(int(salted_hmac("monitoring.message", message.key, algorithm="sha256").hexdigest(), 16))[
        :_DIGITS
    ]


def _compose(messages: list[Message], truths: list[Truth], clinic: Clinic, patient: Patient) -> Letter:
    words = [
        (wording_for(message.subject, message.purpose, booked=message.round > 0), _variables(message, truth))
        for message, truth in zip(messages, truths, strict=True)
    ]
    wording, variables = words[0]
    sentences = [wording.sentence % variables for wording, variables in words]
    answer_to = neutral_or(clinic.email, "")
    first_name = patient.given_names.split(" ")[0]
    greeting = (
        _("Hello %(name)s,") % {"name": first_name} if first_name and is_neutral(first_name) else _("Hello,")
    )
    return Letter(
        subject=wording.subject % variables if len(words) == 1 else str(SEVERAL),
        greeting=greeting,
        paragraphs=[*dict.fromkeys(sentences), *_where(clinic), _contact(clinic, answer_to)],
        closing=_("With kind regards"),
        sender=" ".join(neutral_or(clinic.letter_sender, _("Your clinic")).split()),
        answer_to=answer_to,
    )


def _variables(message: Message, truth: Truth) -> dict[str, str]:
    """A missed date is named as it was: the booked day, or the clinical date behind the window."""
    day = truth.on if message.round else truth.due_on
    return {
        "day": date_format(day, "l j F Y"),
        "short_day": date_format(day, "j F"),
        "time": time_format(truth.at, "H:i") if truth.at else "",
    }


def _where(clinic: Clinic) -> list[str]:
    return [_("Where: %(address)s") % {"address": clinic.address}] if neutral_or(clinic.address, "") else []


def _contact(clinic: Clinic, answer_to: str) -> str:
    """How to change it."""
    if clinic.phone and answer_to:
        return _("To arrange or change a time, phone %(phone)s or answer this email.") % {
            "phone": clinic.phone
        }
    if clinic.phone:
        return _("To arrange or change a time, phone %(phone)s.") % {"phone": clinic.phone}
    if answer_to:
        return _("To arrange or change a time, answer this email.")
    return _("To arrange or change a time, please phone us.")


def _refuse_telling(email: EmailMultiAlternatives) -> None:
    """Look at everything but the patient's own address before it leaves."""
    parts = [email.subject, email.from_email, *email.reply_to, email.body]
    parts += [content for content, _type in email.alternatives]
    if not all(is_neutral(part) for part in parts):
        raise NotNeutral(
            "A word in the letter, its sender or its answer address tells what the treatment is."
        )
