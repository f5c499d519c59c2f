"""Recording an injection: about to give, the rules refuse; already given, the record says what happened."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.course_values import CourseValues, values_of
from regimens.facts import facts_of
from regimens.givers import gives_here
from regimens.models import Authorisation, Course, Injection, Request
from regimens.protocol import checks, schedule
from regimens.protocol.codes import Finding, Passer, finding
from regimens.protocol.entries import Loading, Route
from regimens.protocol.requests import AskedRoute, Site
from regimens.services.appointments import reopen_after_void, settle_by_dose
from regimens.services.clinical import void
from regimens.services.decisions import standing_authorisations
from regimens.services.follow_ups import raise_follow_ups
from regimens.services.locking import PatientLock, lock_patient
from regimens.services.outlook import refresh_outlook
from regimens.services.plans import role_of
from regimens.services.reactions import note_reaction
from regimens.services.requests import raise_request
from regimens.vials import known_lot

# Nobody may pass these, not even for what was already given: a typing error, or a dose nobody is known to have had.
NEVER = {"B-FUTURE-DATE"}
FORM_ONLY = {"site_confirmed", "identity_confirmed"}
REPLAYED_DIFFERENTLY = (
    "This form was sent before with other content. Open the page again to see what was recorded."
)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a person says about one injection, as the form asks it."""

    given_on: date
    product: str
    micrograms: int
    route: str
    site: str = ""
    site_reason: str = ""
    authority: str = Injection.Authority.PLAN
    authority_note: str = ""
    room: str = ""
    site_confirmed: bool = False
    given_at: time | None = None
    needle_gauge: int | None = None
    needle_length_mm: int | None = None
    lot: str = ""
    expires_on: date | None = None
    brand: str = ""
    partial: bool = False
    reaction: str = Injection.Reaction.NONE
    haematoma: bool | None = None
    observed_minutes: int | None = None
    note: str = ""
    already_given: bool = False
    source: str = Injection.Source.CLINIC
    source_name: str = ""
    given_by_name: str = ""
    # Two identifiers were compared with the patient (H-01).
    identity_confirmed: bool = False
    # Bleeding, anticoagulants, allergy, pregnancy and symptoms were asked about (D-31).
    questions_asked: bool = False

    def digest(self, patient_pk: int) -> str:
        """Give the fingerprint by which a replay is told from another request with the same token."""
        content = json.dumps({**asdict(self), "patient": patient_pk}, default=str, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def proposed(self) -> checks.ProposedInjection:
        """Give the protocol's view of it."""
        known_site = self.site in Site.__members__
        return checks.ProposedInjection(
            given_on=self.given_on,
            product=self.product,
            micrograms=self.micrograms,
            route=AskedRoute(self.route),
            site=Site(self.site) if known_site else None,
            site_reason=self.site_reason,
            site_confirmed=self.site_confirmed,
            expires_on=self.expires_on,
            needle_gauge=self.needle_gauge,
            needle_mm=self.needle_length_mm,
            partial=self.partial,
        )


@dataclass(frozen=True)
class DoseScreen:
    """What the dose screen knows before the needle: the plan's next dose, what was given, the findings."""

    patient: Patient
    course: Course | None
    due: schedule.DueDose | None
    number: int | None
    findings: tuple[Finding, ...]
    authorisations: list[Authorisation] = field(default_factory=list)

    def passing(self) -> tuple[Authorisation | None, list[Finding]]:
        """Give the one authorisation that lets most of the findings pass, and those that stop the dose all the same."""
        stops = [found for found in self.findings if found.stops]
        leave = max(self.authorisations, key=lambda each: len(_passes(each, stops)), default=None)
        passed = _passes(leave, stops) if leave else []
        return (leave if passed else None), [found for found in stops if found not in passed]


def _passes(leave: Authorisation, stops: list[Finding]) -> list[Finding]:
    """Give the findings that a physician's leave covers and that a physician may let pass at this dose."""
    return [
        found
        for found in stops
        if found.code in leave.codes
        and found.passable_by is Passer.PHYSICIAN
        and found.code != "B-PLAN-UNSIGNED"
    ]


def look(*, patient: Patient, given: Given, actor, today: date) -> DoseScreen:
    """Check a dose against everything that is known now; nothing is written. A fixed number of queries."""
    course = _course_for(patient, given)
    values = values_of([course])[course.pk] if course else None
    before = values.history.up_to(given.given_on - timedelta(days=1)) if values else None
    due = schedule.next_dose(values.plan, before, values.clinic_days) if values else None
    proposed = _with_what_is_known_of_the_vial(given.proposed(), patient, given)
    findings = checks.check(
        proposed,
        facts_of(patient, today),
        _planned(due, values, given.given_on) if due else None,
        doses_so_far(patient, given.given_on),
        role_of(actor, patient),
        today,
    )
    if values and values.history.is_paused(given.given_on):
        findings = (*findings, _paused(values.history.paused_until))
    if course and course.oral_confirmed_on:
        findings = tuple(map(_on_tablets, findings))
    number = values.number_of(due) if due else None
    return DoseScreen(patient, course, due, number, findings, standing_authorisations(patient, today))


def _with_what_is_known_of_the_vial(
    proposed: checks.ProposedInjection, patient: Patient, given: Given
) -> checks.ProposedInjection:
    """Add what the clinic's stock knows of the lot: that it was recalled, or expires sooner than was typed (H-10)."""
    here = given.source == Injection.Source.CLINIC
    lot = known_lot(patient.clinic_id, given.lot, given.product) if given.lot and here else None
    if lot is None:
        return proposed
    expires_on = min(proposed.expires_on or lot.expires_on, lot.expires_on)
    return replace(proposed, recalled=lot.recalled_at is not None, expires_on=expires_on)


def _course_for(patient: Patient, given: Given) -> Course | None:
    """Give the open course; for what was already given, also the last one that ended."""
    courses = (
        Course.objects.filter(patient__in=patient.record_keys)
        .select_related("clinic", "patient")
        .order_by("-pk")
    )
    course = courses.open().first()
    return courses.first() if course is None and given.already_given else course


def _planned(due: schedule.DueDose, values: CourseValues, given_on: date) -> checks.PlannedDose:
    loading = due.phase is schedule.Phase.LOADING
    return checks.PlannedDose(
        due_on=schedule.due_as_of(due, values.clinic_days, given_on) if loading else due.due_on,
        signed=values.current.is_signed,
        loading=values.plan.loading.kind if loading else Loading.NONE,
        opens_on=None if loading else due.opens_on,
        route=Route(values.current.route),
    )


def _paused(until: date) -> Finding:
    """Give the refusal of a dose during a pause; a physician ends the pause first (D-20)."""
    message = f"Injections are paused until {until:%d %B %Y}: a physician resumes them first."
    return replace(finding("B-INACTIVE"), message=message)


def _on_tablets(found: Finding) -> Finding:
    """Say why no injection is planned for somebody whose tablets were confirmed (D-27)."""
    if found.code != "B-PLAN-UNSIGNED":
        return found
    return replace(found, message="This patient takes tablets now: a physician plans injections again first.")


def doses_so_far(patient: Patient, on: date) -> checks.DosesSoFar:
    """Sum up every standing row of the patient up to one day, merged records included."""
    rows = list(
        Injection.objects.standing()
        .filter(patient__in=patient.record_keys, given_on__lte=on)
        .order_by("given_on", "id")
        .values_list("given_on", "partial", "site")
    )
    full = [day for day, partial, _site in rows if not partial]
    last = rows[-1] if rows else None
    return checks.DosesSoFar(
        last_full_on=full[-1] if full else None,
        last_on=last[0] if last else None,
        last_site=Site(last[2]) if last and last[2] in Site.__members__ else None,
        full_that_day=full.count(on),
        partial_that_day=sum(1 for day, partial, _site in rows if partial and day == on),
    )


@transaction.atomic
def record_injection(
    *, patient: Patient, given: Given, token: UUID, now: datetime, recorded_by, given_by=None
) -> Injection:
    """Record one injection, once.

    The patient is locked, then the rules are asked, then the row is written. The same token with the same content
    gives the first answer again; with other content it is refused. About to give: any finding that stops and that
    no authorisation passes refuses. Already given: it is saved as it happened, as an incident where a rule was
    broken, and a physician is asked (design: “about to give, already given”).
    """
    require(recorded_by, "regimens.record_injection", patient)
    lock = lock_patient(patient)
    digest = given.digest(patient.pk)
    if before := Injection.objects.filter(request_token=token).first():
        if before.request_digest == digest and before.patient_id == patient.pk:
            return before
        raise NotAllowed(REPLAYED_DIFFERENTLY, code="B-SAME-DAY-DOSE")
    today = lock.patient.clinic.day_of(now)
    screen = look(patient=lock.patient, given=given, actor=recorded_by, today=today)
    leave, stopping = screen.passing()
    never = [found for found in stopping if found.code in NEVER]
    if never or (stopping and not given.already_given):
        refused = never or stopping
        raise NotAllowed(
            " ".join(found.message for found in refused), code=refused[0].code, findings=screen.findings
        )
    _is_complete(given)
    _is_theirs(lock.patient, given, given_by or recorded_by)
    injection = _insert(
        lock,
        given,
        screen,
        request_token=token,
        request_digest=digest,
        authorisation=leave,
        incident_codes=[found.code for found in stopping],
        recorded_at=now,
        recorded_by=recorded_by,
        given_by=given_by or recorded_by,
    )
    _after(lock, injection, stopping, now, recorded_by)
    return injection


@transaction.atomic
def void_injection(*, injection: Injection, now: datetime, voided_by, reason: str) -> None:
    """Mark a record as wrong: one's own of the same day, or any for a physician. It stays visible."""
    lock = lock_patient(injection.patient, merged=True)
    today = lock.patient.clinic.day_of(now)
    own_today = (
        injection.recorded_by_id == voided_by.pk
        and lock.patient.clinic.day_of(injection.recorded_at) == today
    )
    require(voided_by, "regimens.void_own_today" if own_today else "regimens.void_any", lock.patient)
    void(injection, voided_by=voided_by, reason=reason)
    refresh_outlook(lock)
    reopen_after_void(lock, injection, today, voided_by)
    audit.record(voided_by, "voided injection", patient=lock.patient, injection=injection.pk)


def _is_complete(given: Given) -> None:
    """Refuse a record that leaves out what must be known of a dose given here."""
    if given.site == "OTHER" and not given.site_reason.strip():
        raise NotAllowed("Say which site, and why.", field="site_reason")
    if given.source == Injection.Source.CLINIC and not given.site:
        raise NotAllowed("Choose the site.", field="site")
    if not given.already_given and not given.identity_confirmed:
        raise NotAllowed(
            "Compare two identifiers with the patient, then confirm.", field="identity_confirmed"
        )
    if not given.already_given and not given.questions_asked:
        raise NotAllowed(
            "Ask about bleeding, blood thinners, allergies, pregnancy and symptoms first.", field="asked"
        )
    if given.authority == Injection.Authority.DIRECTION and not given.authority_note.strip():
        raise NotAllowed("Say whose direction it is, and of which day.", field="authority_note")
    if given.source != Injection.Source.CLINIC and not given.source_name.strip():
        raise NotAllowed("Say where it was given.", field="source_name")


def _is_theirs(patient: Patient, given: Given, giver) -> None:
    """Refuse one who does not give injections here, and somebody's own prescription who may not prescribe (K08)."""
    if given.source != Injection.Source.CLINIC:
        return
    if not (given.already_given or gives_here(giver, patient.clinic_id)):
        raise NotAllowed("This person does not give injections here.", field="given_by")
    prescribes = giver.has_perm("regimens.sign_plan", patient)
    if given.authority == Injection.Authority.PRESCRIPTION and not (given.already_given or prescribes):
        raise NotAllowed(
            "Only a physician gives on their own prescription.", field="authority", code="B-ROLE"
        )


def _insert(lock: PatientLock, given: Given, screen: DoseScreen, *, given_by, **columns) -> Injection:
    here = given.source == Injection.Source.CLINIC
    details = {name: value for name, value in asdict(given).items() if name not in FORM_ONLY}
    due = screen.due if here else None
    try:
        with transaction.atomic():
            return Injection.objects.create(
                **details,
                **columns,
                patient=lock.patient,
                course=screen.course,
                plan=_plan_of(screen) if here and screen.course else None,
                given_by=given_by if here else None,
                counts=checks.counts(given.proposed(), screen.findings),
                finding_codes=[found.code for found in screen.findings],
                number=screen.number if due else None,
                due_on=due.due_on if due else None,
                window_opens_on=due.opens_on if due else None,
                window_closes_on=due.closes_on if due else None,
            )
    except IntegrityError as error:
        raise NotAllowed("A dose was already given on this day.", code="B-SAME-DAY-DOSE") from error


def _plan_of(screen: DoseScreen):
    plans = screen.course.plans.current().order_by("-signed_at", "-version")
    return plans.exclude(signed_at=None).first() or plans.first()


def _after(
    lock: PatientLock, injection: Injection, stopping: list[Finding], now: datetime, recorded_by
) -> None:
    """Ask a physician about an incident, note a reaction and what is still to do, close the booking, refresh, audit."""
    on = injection.given_on
    if stopping:
        raise_request(
            lock,
            kind=Request.Kind.INCIDENT,
            codes=[found.code for found in stopping],
            injection=injection,
            raised_on=on,
            raised_by=recorded_by,
        )
    today = lock.patient.clinic.day_of(now)
    note_reaction(lock, injection, injection.reaction, on=today, now=now, noted_by=recorded_by)
    raise_follow_ups(lock, injection, now)
    served_on = injection.course.next_due_on if injection.course else None
    refresh_outlook(lock)
    settle_by_dose(lock, injection, served_on)
    audit.record(recorded_by, "recorded injection", patient=lock.patient, injection=injection.pk)
