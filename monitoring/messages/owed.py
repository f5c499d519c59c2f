"""What patients are owed on a day: the one definition that the queue writes from and the deliverer asks again."""

from datetime import date, timedelta

from django.db.models import (
    DateField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TimeField,
    Value,
)
from django.db.models.functions import Coalesce

from monitoring.message_rules import CountedFrom, MessageRule, Subject
from monitoring.messages.sql import DaysAfter, IsoDay, Text
from monitoring.models import Channel
from regimens.models import Appointment, Course, Plan
from regimens.protocol import labs

# A letter whose window closed while nobody queued is still written down, as too late, for so many days.
LOOK_BACK = 14

STANDING = (Appointment.State.BOOKED, Appointment.State.NO_SHOW)
OLDEST_CHECK = Coalesce("missed_lab_due_on", "lab_due_on")
# No window of a check is wider: a panel drawn before this cannot be for it (D-26).
DRAWN_FROM = -labs.LONGEST_WINDOW.days


def owed(rule: MessageRule, day: date, clinics: list[int] | None = None, *, look_back: int = 0) -> QuerySet:
    """Give the courses to which the rule owes a letter on a clinic-local day, with what the letter is about.

    Annotations: owed_key, counted_from_on, clinical_on, booking_round, booking_at, owed_closes_on. With `look_back`,
    also letters whose window closed so many days ago. Whether the patient may be written to is asked elsewhere.
    """
    courses = _under_treatment(rule).filter(Exists(_signed_plan()))
    courses = _booked(rule, courses) if rule.counted_from.is_booked else _unbooked(rule, courses)
    courses = courses.filter(_reached(rule, day - timedelta(days=rule.opens)), ~_drawn(rule))
    if clinics is not None:
        courses = courses.filter(clinic__in=clinics)
        courses = courses.filter(booking_clinic__in=clinics) if rule.counted_from.is_booked else courses
    if rule.closes is None:
        courses = courses.annotate(owed_closes_on=Value(None, DateField()))
    else:
        last = day - timedelta(days=rule.closes)
        courses = courses.annotate(owed_closes_on=DaysAfter(F("counted_from_on"), rule.closes)).filter(
            # What was not owed while the window was open is not late: it never was.
            Q(counted_from_on__gte=last) | _was_owed(rule) if look_back else Q(),
            counted_from_on__gte=last - timedelta(days=look_back),
        )
    return courses.annotate(owed_key=_key(rule))


def _under_treatment(rule: MessageRule) -> QuerySet:
    if rule.subject == Subject.DOSE:
        return Course.objects.open().filter(phase__in=rule.phases)
    # After a resolved cause one check is still to come though treatment has ended (D-16): it has a lab date, others not.
    return Course.objects.filter(phase__in=rule.phases)


def _signed_plan() -> QuerySet:
    """Letters go out under a signed plan only."""
    return Plan.objects.signed().filter(course=OuterRef("pk"))


def _unbooked(rule: MessageRule, courses: QuerySet) -> QuerySet:
    """Keep the courses for which nothing is booked, with the date the window is counted from and the clinical date."""
    counted, clinical = {
        (Subject.DOSE, CountedFrom.DUE_DATE): (F("next_due_on"), F("next_due_on")),
        (Subject.DOSE, CountedFrom.WINDOW_END): (F("window_closes_on"), F("next_due_on")),
        (Subject.LAB, CountedFrom.DUE_DATE): (F("lab_due_on"), F("lab_due_on")),
        (Subject.LAB, CountedFrom.MISSED_CHECK): (OLDEST_CHECK, OLDEST_CHECK),
    }[rule.subject, rule.counted_from]
    return courses.filter(~Exists(_standing(rule.subject))).annotate(
        counted_from_on=counted,
        clinical_on=clinical,
        booking_round=Value(0, IntegerField()),
        booking_at=Value(None, TimeField()),
    )


def _booked(rule: MessageRule, courses: QuerySet) -> QuerySet:
    """Join each course to its bookings that serve what is still to come; a missed one only where it is the latest."""
    missed = rule.counted_from is CountedFrom.MISSED_BOOKING
    states = STANDING if missed else (Appointment.State.BOOKED,)
    bookings = Q(appointments__subject=rule.subject, appointments__state__in=states)
    # Named once and filtered by these names, or each filter would join the bookings anew.
    joined = courses.alias(booking=FilteredRelation("appointments", condition=bookings)).annotate(
        counted_from_on=F("booking__on"),
        clinical_on=F("booking__due_on"),
        booking_round=F("booking__round"),
        booking_at=F("booking__at"),
        booking_made_at=F("booking__booked_at"),
        booking_clinic=F("booking__clinic_id"),
    )
    joined = joined.filter(_serves(rule.subject, due_on="clinical_on", on="counted_from_on"))
    if not missed:
        return joined
    earlier = Q(due_on__lt=OuterRef("clinical_on"))
    next_round = Q(due_on=OuterRef("clinical_on"), round__gt=OuterRef("booking_round"))
    return joined.filter(~Exists(_standing(rule.subject).filter(earlier | next_round)))


def _standing(subject: Subject) -> QuerySet:
    """The bookings, not kept, that serve the outer course's next dose or check."""
    bookings = Appointment.objects.filter(course=OuterRef("pk"), subject=subject, state__in=STANDING)
    return bookings.filter(_serves(subject, course=OuterRef))


def _serves(subject: Subject, *, due_on: str = "due_on", on: str = "on", course=F) -> Q:
    """A booking serves what is due: made for that date or a later one, or for a day in its window or after it."""
    if subject == Subject.DOSE:
        return Q(**{f"{due_on}__gte": course("next_due_on")}) | Q(**{f"{on}__gte": course("window_opens_on")})
    return (
        Q(**{due_on: course("missed_lab_due_on")})
        | Q(**{f"{due_on}__gte": course("lab_due_on")})
        | Q(**{f"{on}__gte": course("lab_opens_on")})
    )


def _reached(rule: MessageRule, limit: date) -> Q:
    """The window has opened, in words that an index understands."""
    if rule.counted_from is CountedFrom.MISSED_CHECK:
        return Q(missed_lab_due_on__lte=limit) | Q(missed_lab_due_on=None, lab_due_on__lte=limit)
    return Q(counted_from_on__lte=limit)


def _drawn(rule: MessageRule) -> Q:
    """Blood was taken for this check, and the result is awaited: the patient has come, the laboratory has not."""
    match rule.counted_from:
        case CountedFrom.DUE_DATE if rule.subject == Subject.LAB:
            return Q(blood_taken_on__gte=F("lab_opens_on"))
        case CountedFrom.MISSED_CHECK | CountedFrom.MISSED_BOOKING if rule.subject == Subject.LAB:
            return Q(blood_taken_on__gte=DaysAfter(OLDEST_CHECK, DRAWN_FROM))
    return Q(pk__in=[])


def _was_owed(rule: MessageRule) -> Q:
    """The reason for the letter existed before its window closed."""
    if rule.counted_from.is_booked:
        return Q(booking_made_at__date__lte=F("owed_closes_on"))
    return Q(Exists(_signed_plan().filter(signed_on__lte=OuterRef("owed_closes_on"))))


def _key(rule: MessageRule) -> Text:
    """Course, subject, clinical date, purpose, channel, round: the same thing is never owed twice."""
    return Text(
        F("pk"),
        Value(f":{rule.subject}:"),
        IsoDay(F("clinical_on")),
        Value(f":{rule.purpose}:{Channel.EMAIL}:"),
        F("booking_round"),
    )
