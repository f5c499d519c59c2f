"""Every message of a clinic, why it was or was not sent, and what somebody has to do where it did not arrive."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from monitoring.leases import LIVING, Cause, State
from monitoring.message_rules import Purpose, Subject
from monitoring.models import Message
from patients import paging
from patients.models import Clinic
from patients.templatetags.wording import day, family_first, time_tag

NEWEST_FIRST = paging.Order(("pk",), (paging.row_number,), newest_first=True)
# The words of the filter: the three states of a message on its way are one for a reader.
WAITING = "waiting"
STATES = {
    WAITING: ("Waiting", LIVING),
    **{state.value: (str(state.label), (state,)) for state in State if state not in LIVING},
}
TONES = {State.SENT: "good", State.FAILED: "block", State.IN_DOUBT: "hold"}

# What a person does where a letter could not do its work; other causes need nobody.
WHAT_TO_DO = {
    Cause.NO_CONSENT: "Phone the patient. Ask whether they wish to be emailed, and record the answer.",
    Cause.NO_ADDRESS: "Phone the patient. Ask for an email address, or note that they are phoned.",
    Cause.UNCONFIRMED: "Phone the patient, and read the email address aloud: nobody has confirmed it.",
    Cause.ADDRESS_REFUSED: "Phone the patient, and put the email address right.",
    Cause.TOO_LATE: "Phone the patient: this letter was not sent while it was of use.",
    Cause.NOT_NEUTRAL: "Phone the patient, and tell the manager: a word in the clinic's own lines gives the treatment away.",
    Cause.REFUSED_CONTENT: "Phone the patient, and tell whoever looks after the mail server.",
    Cause.GAVE_UP: "Phone the patient, and tell whoever looks after the mail server.",
    Cause.LOST_ANSWER: "Phone the patient, and ask whether the letter arrived: nobody knows.",
}
COLUMNS = (
    "pk",
    "patient_id",
    "patient__family_name",
    "patient__given_names",
    "patient__record_number",
    "subject",
    "purpose",
    "due_on",
    "state",
    "cause",
    "reason",
    "carrier_id",
    "attempts",
    "queued_at",
    "ready_at",
    "ended_at",
)


@dataclass(frozen=True)
class Wanted:
    """Which messages somebody wants to see; whatever is empty does not narrow the list."""

    state: str = ""
    cause: str = ""
    day: date | None = None
    patient: int | None = None

    def rows(self, clinic: Clinic) -> QuerySet:
        """Give the messages; a day is the one on which they were sent or fell silent."""
        messages = Message.objects.filter(clinic=clinic)
        if self.state:
            messages = messages.filter(state__in=STATES[self.state][1])
        if self.cause:
            messages = messages.filter(cause=self.cause)
        if self.day:
            begins_at, ends_at = clinic.moments_of(self.day)
            messages = messages.filter(ended_at__gte=begins_at, ended_at__lt=ends_at)
        if self.patient:
            messages = messages.filter(patient=self.patient)
        return messages

    @property
    def in_address(self) -> dict[str, object]:
        """Give what keeps this list in the addresses of its pages: words, numbers and dates only."""
        return {
            "state": self.state,
            "cause": self.cause,
            "day": self.day.isoformat() if self.day else "",
            "patient": self.patient or "",
        }


def page_of_messages(clinic: Clinic, wanted: Wanted, asked) -> paging.Page:
    """Read one page, newest first; one query."""
    page = paging.page_of(wanted.rows(clinic).values(*COLUMNS), NEWEST_FIRST, asked, wanted.in_address)
    return paging.Page([_shown(row) for row in page.rows], page.earlier_url, page.later_url)


def _shown(row: dict) -> dict[str, object]:
    state = State(row["state"])
    return {
        "pk": row["pk"],
        "patient_id": row["patient_id"],
        "name": family_first(row["patient__family_name"], row["patient__given_names"]),
        "record_number": row["patient__record_number"],
        "about": f"{Subject(row['subject']).label}, {str(Purpose(row['purpose']).label).lower()}",
        "due": day(row["due_on"]),
        "state": "Waiting" if state in LIVING else state.label,
        "tone": TONES.get(state, "plain"),
        "at": time_tag(row["ended_at"] or row["queued_at"]),
        "why": _why(row, state),
        "to_do": WHAT_TO_DO.get(row["cause"], ""),
    }


def _why(row: dict, state: State) -> str:
    """Say in one sentence how the message came to where it is."""
    if state == State.SENT:
        return (
            "The mail server took it, in one letter with another."
            if row["carrier_id"]
            else "The mail server took it."
        )
    if state in LIVING and row["attempts"]:
        return f"Tried {row['attempts']} times; again when the mail server may be asked."
    if state in LIVING:
        return "It waits for the hours in which the clinic writes, or for the next round."
    cause, reason = str(Cause(row["cause"]).label), row["reason"]
    same = not reason or reason == cause
    return f"{cause}." if same else f"{cause}: {reason.rstrip('.')}."
