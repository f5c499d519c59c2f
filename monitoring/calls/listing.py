"""The list of patients to phone, one row a patient, longest waiting first: read in a fixed number of queries."""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db import DatabaseError
from django.db.models import F

from monitoring.calls import reasons
from monitoring.leases import Cause, State
from monitoring.models import Call, Message, Outcome
from monitoring.models.call import AskedCall
from patients import links, paging
from patients.models import Clinic, Patient
from patients.templatetags.wording import born, day, tel, weekday_day
from regimens.models import Appointment, Course, NotGiven

logger = logging.getLogger(__name__)

ORDER = paging.Order(("since", "patient_id"), (date.fromisoformat, paging.row_number))

# Why a letter asks for a call, in words that everybody at the desk may read.
LETTERS = {
    Cause.NO_CONSENT: "No consent to email",
    Cause.NO_ADDRESS: "No email address",
    Cause.UNCONFIRMED: "Email address not confirmed",
    Cause.ADDRESS_REFUSED: "Email address refused",
    Cause.TOO_LATE: "A letter was not sent in time",
    Cause.NOT_NEUTRAL: "A letter was not sent: tell the manager",
    Cause.LOST_ANSWER: "Email in doubt: nobody knows whether it arrived",
    "": "Letters unanswered: the last one has gone out",
}
FAILED = "Email failed"
# Why somebody who was phoned is on the list again.
AFTER_A_CALL = {
    Outcome.BOOKED: "Wanted to book: no place is booked yet",
    Outcome.WILL_COME: "Was going to come, and has not",
    Outcome.AGAIN: "To be called again",
    Outcome.LEFT_MESSAGE: "A message was left: no answer yet",
    Outcome.WRONG_NUMBER: "Wrong number",
    Outcome.MOVED: "A physician has answered: said to have moved",
    Outcome.REFUSED: "A physician has answered the wish to stop",
    Outcome.DIED: "A physician has answered: the patient is alive",
}


@dataclass(frozen=True)
class Row:
    """One patient to phone, ready to be shown; what is clinical is left out for those who see dates only."""

    patient_id: int
    name: str
    born: str
    record_number: str
    url: str
    phone: str
    tel: str
    contact_note: str
    why: tuple[str, ...]
    since: str
    due: str
    booked: str
    last_call: str
    last_call_url: str
    act: str
    act_url: str


@dataclass
class _Around:
    """What stands beside the patients of a page, by patient or by its own key."""

    why: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    courses: dict[int, Course] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    booked: dict[int, str] = field(default_factory=dict)
    behind: dict[str, dict[int, object]] = field(default_factory=dict)


def count(clinic: Clinic, today: date) -> int | None:
    """Count the patients to phone; None where the database could not be asked, which is not nought."""
    return _or_none("count", lambda: reasons.count(clinic, today))


def read(clinic: Clinic, today: date, asked, *, clinical: bool) -> paging.Page | None:
    """Read one page of the list; None where the database could not be asked, which is not an empty list."""
    return _or_none("rows", lambda: page_of_calls(clinic, today, asked, clinical=clinical))


def _or_none(what: str, ask: Callable):
    try:
        return ask()
    except DatabaseError as error:
        logger.error("patients to phone: the %s could not be read: %s", what, type(error).__name__)
        return None


def page_of_calls(clinic: Clinic, today: date, asked, *, clinical: bool) -> paging.Page:
    """Read one page by key; `asked` is the query of the address (after, before)."""
    before, after = ORDER.read(asked.get("before", "")), ORDER.read(asked.get("after", ""))
    forwards, key = before is None, before or after
    found = reasons.page(clinic, today, key, forwards, paging.ROWS + 1)
    more, shown = len(found) > paging.ROWS, found[: paging.ROWS]
    if not forwards:
        shown.reverse()
    keys = [{"since": since, "patient_id": patient} for since, patient in shown]
    earlier = shown and (key if forwards else more)
    later = shown and (more if forwards else key)
    return paging.Page(
        rows=_rows(clinic, today, shown, clinical=clinical),
        earlier_url=f"?before={ORDER.write(keys[0])}" if earlier else "",
        later_url=f"?after={ORDER.write(keys[-1])}" if later else "",
    )


def row_of(patient: Patient, today: date, *, clinical: bool) -> Row:
    """Give what the list would say of one patient, on the list or not."""
    return _rows(patient.clinic, today, [(today, patient.pk)], clinical=clinical)[0]


def _rows(clinic: Clinic, today: date, places: list[tuple[date, int]], *, clinical: bool) -> list[Row]:
    keys = [patient for _since, patient in places]
    if not keys:
        return []
    patients = Patient.objects.in_bulk(keys)
    around = _around(clinic, today, keys)
    return [_row(patients[patient], since, around, today, clinical=clinical) for since, patient in places]


def _around(clinic: Clinic, today: date, keys: list[int]) -> _Around:
    around = _Around()
    wanted = defaultdict(set)
    for patient, _since, why, behind in sorted(reasons.reasons_of(clinic, today, keys), key=lambda r: r[1]):
        around.why[patient].append((why, behind))
        wanted[why].add(behind)
    letters = wanted["dose-letter"] | wanted["lab-letter"]
    around.behind = {
        "letter": Message.objects.only("state", "cause").in_bulk(letters),
        "not-given": NotGiven.objects.in_bulk(wanted["not-given"]),
        "asked": AskedCall.objects.select_related("asked_by").in_bulk(wanted["asked"]),
    }
    # The open course, else the last one that ended: a blood test may still be owed after it (D-16).
    courses = Course.objects.filter(patient__in=keys).order_by(F("ended_on").desc(nulls_last=True), "pk")
    around.courses = {course.patient_id: course for course in courses}
    calls = Call.objects.newest().filter(patient__in=keys).select_related("called_by")
    around.calls = {call.patient_id: call for call in calls}
    booked = Appointment.objects.filter(patient__in=keys, on__gte=today, state=Appointment.State.BOOKED)
    for booking in booked.order_by("-on", "-at"):
        around.booked[booking.patient_id] = f"{weekday_day(booking.on)} at {booking.at:%H:%M}"
    return around


def _row(patient: Patient, since: date, around: _Around, today: date, *, clinical: bool) -> Row:
    why, call = around.why[patient.pk], around.calls.get(patient.pk)
    act, act_url = _next_act(patient, why, call)
    return Row(
        patient_id=patient.pk,
        name=patient.name,
        born=born(patient.born_on, today),
        record_number=patient.record_number,
        url=patient.get_absolute_url(),
        phone=patient.phone,
        tel=tel(patient.phone),
        contact_note=patient.contact_note,
        why=tuple(dict.fromkeys(_words(name, behind, around, patient, clinical) for name, behind in why)),
        since=day(since),
        due=due_words(
            around.courses.get(patient.pk),
            {reasons.ABOUT[name] for name, _behind in why},
            today,
            clinical=clinical,
        ),
        booked=around.booked.get(patient.pk, ""),
        last_call=f"{day(call.called_on)}: {outcome_words(call)}" if call else "",
        last_call_url=links.to("call", patient.pk, call.pk) if call else "",
        act=act,
        act_url=act_url,
    )


def _words(name: str, behind: int, around: _Around, patient: Patient, clinical: bool) -> str:
    """Say in words why; what a visit came to is said to clinical roles only."""
    if name in ("dose-letter", "lab-letter"):
        letter = around.behind["letter"][behind]
        return LETTERS[""] if letter.state == State.SENT else LETTERS.get(letter.cause, FAILED)
    if name == "not-given":
        row = around.behind["not-given"][behind]
        if not clinical:
            return f"The visit of {day(row.on)} did not take place"
        return f"Not given {day(row.on)}: {row.get_reason_display().lower()}"
    if name == "asked":
        asked = around.behind["asked"][behind]
        who = "The patient asked for a call" if asked.by_patient else "Asked for"
        return f"{who}: {asked.reason}"
    call = around.calls[patient.pk]
    if call.outcome == Outcome.WRONG_NUMBER and patient.phone and patient.phone != call.phone:
        return "The number was mended: try again"
    return AFTER_A_CALL[Outcome(call.outcome)]


def _next_act(patient: Patient, why: list[tuple[str, int]], call: Call | None) -> tuple[str, str]:
    """Give the one act that comes next: mend the number, book the place that was wanted, or phone."""
    dead_number = call and call.outcome == Outcome.WRONG_NUMBER and call.phone == patient.phone
    if dead_number or not patient.phone:
        return "Mend the number" if patient.phone else "Add a number", links.to("edit_patient", patient.pk)
    if call and call.outcome == Outcome.BOOKED and any(name.endswith("-call") for name, _behind in why):
        return "Book the place", booking_address(call)
    return "Phone", links.to("record_call", patient.pk)


def booking_address(call: Call) -> str:
    """Give the page that books the place a call was about."""
    return f"{links.to('book_appointment', call.patient_id)}?subject={call.about or 'dose'}"


def due_words(course: Course | None, about: set[str], today: date, *, clinical: bool) -> str:
    """Say what is due and in which window; those who see dates only read of a visit."""
    if course is None:
        return "Nothing is planned"
    said = []
    if course.is_open and ("lab" not in about or "dose" in about):
        dose = "Check" if course.phase == Course.Phase.ORAL else "Injection"
        window = (course.window_opens_on, course.window_closes_on)
        said.append(_due(dose if clinical else "Visit", course.next_due_on, window, today))
    if "lab" in about:
        missed_on = course.missed_lab_due_on
        window = (None, None) if missed_on else (course.lab_opens_on, course.lab_closes_on)
        said.append(_due("Blood test", missed_on or course.lab_due_on, window, today))
    return "; ".join(said) or "Nothing is due"


def _due(what: str, due_on: date, window: tuple[date | None, date | None], today: date) -> str:
    within = "" if window[0] == window[1] else f", from {day(window[0])} to {day(window[1])}"
    return f"{what} {'was ' if due_on < today else ''}due {day(due_on)}{within}"


def outcome_words(call: Call) -> str:
    """Give what came of a call, with its day and its note."""
    said = str(call.get_outcome_display())
    if call.again_on:
        said = f"{said}; again on {day(call.again_on)}"
    return f"{said}. {call.note}" if call.note else said
