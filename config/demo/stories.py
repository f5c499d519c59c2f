"""The stories of the demo: what happens to one patient in a hundred, or to thirty. Each is there at least once.

A story is a function over a life. The table at the end says how often each is told; the first patients of a
population go through it once, so that a small demo has every kind too.
"""

from collections.abc import Callable
from datetime import timedelta

from config.demo.courses import is_in_loading, is_treated, nerves_in_loading
from config.demo.life import AS_RECOMMENDED, ORDINARY, Life
from patients.models import Analyte, Patient
from regimens.facts import digest
from regimens.models import Authorisation, Decision, Injection, NotGiven, Request
from regimens.models.course import EndReason
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import days, months
from regimens.protocol.requests import AskedRoute, Form
from regimens.protocol.requests import Request as Asked
from regimens.services.in_bulk import Row

Story = Callable[[Life], None]
NEURO, DAILY, NO_LOADING = Loading.NEURO_ALT_DAYS, Loading.DAILY_X10, Loading.NONE


def due(low: int, high: int, **treatment: object) -> Story:
    """Maintenance; the next dose is due between so many days from today, past ones negative."""
    return lambda life: is_treated(life, life.within(low, high), **treatment)


def loading(low: int, high: int, *, late: tuple[int, int] = (0, 0), **treatment: object) -> Story:
    """Loading goes on after so many doses, in time or late."""
    return lambda life: is_in_loading(
        life, doses=life.within(low, high), late=life.within(*late), **treatment
    )


def nerves(low: int, high: int, *, reviewed: bool, **answers: object) -> Story:
    """Nerve involvement, so many days into loading."""
    return lambda life: nerves_in_loading(life, days=life.within(low, high), reviewed=reviewed, **answers)


def proposed(asked: Asked = AS_RECOMMENDED, **answers: object) -> Story:
    """A referral of the last days: the proposal waits for a physician, or there is nothing to propose."""

    def story(life: Life) -> None:
        on = life.ago(life.within(0, 9))
        life.arrives(on, **answers)
        life.is_proposed(on, asked, signed=False)

    return story


def last_day_of_the_month(life: Life) -> None:
    """The last dose was given on the last day of a month, so that later dates are clipped to shorter ones."""
    every = months(life.rng.choice((1, 2, 3)))
    last = life.ago(life.within(1, 80))
    while (last + timedelta(days=1)).day != 1:
        last -= timedelta(days=1)
    special = {"crohns_ileal": True} if every == months(1) else {}
    is_treated(life, (every.after(last) - life.today).days, every=every, **special)


def pregnant(life: Life) -> None:
    """Treated in pregnancy, for a deficiency that was shown."""
    life.patient.sex = Patient.Sex.FEMALE
    life.patient.born_on = life.patient.born_on.replace(year=life.today.year - life.within(22, 40), day=1)
    is_treated(life, life.within(0, 40), years=0.3, pregnant=True)


def child(life: Life) -> None:
    """Fifteen years old: registered and asked, and the protocol proposes nothing."""
    on = life.ago(3)
    life.patient.born_on = on.replace(year=on.year - 15, day=1)
    life.registers(on)
    life.answers_questions(on, **ORDINARY)


def poor_kidneys(life: Life) -> None:
    """Renal dysfunction: hydroxocobalamin it is."""
    life.levels.egfr = life.rng.uniform(24, 55)
    is_treated(life, life.within(-10, 60), renal=True, dialysis=life.levels.egfr < 30)


# -- needles that want care -----------------------------------------------------------------------------------


def low_platelets(count: int, *, days_old: int) -> Story:
    """A platelet count that matters before the needle, fresh or too old."""

    def story(life: Life) -> None:
        is_treated(life, life.within(-3, 6), anticoagulant=count > 30, years=1.3)
        life.levels.plt = count
        life.bleeds(life.ago(days_old), {Analyte.PLT: count})

    return story


def held(life: Life) -> None:
    """A nurse held the dose for a platelet count of 17; a physician was asked."""
    low_platelets(17, days_old=2)(life)
    life.is_not_injected(life.ago(1), NotGiven.Reason.HELD, "Platelets 17")
    life.asks_physician(Request.Kind.HOLD, life.ago(1), codes=["H-PLT-10-24"], text="Platelets 17")


def severe_anaemia(life: Life) -> None:
    """Haemoglobin under 80 g/L: potassium was measured before the first dose and is watched."""
    life.levels.hb, life.levels.b12 = life.rng.uniform(62, 78), life.rng.uniform(55, 70)
    is_in_loading(life, doses=1, severe=True)
    life.bleeds(life.ago(1), {Analyte.K: 3.9})


# -- what people say and wish -----------------------------------------------------------------------------------


def symptoms_return(life: Life) -> None:
    """Paraesthesia came back: a physician is asked the same day."""
    is_treated(life, life.within(10, 50), years=1.8)
    report = life.reports(life.ago(1), comes_back=True)
    asked = {"codes": ["A-SYMPTOM-RETURN"], "same_day": True, "symptom_report": report}
    life.asks_physician(Request.Kind.SYMPTOMS, life.ago(1), **asked)


def wants_to_stop(life: Life) -> None:
    """The patient wishes to stop; the plan goes on until a physician has spoken with them."""
    is_treated(life, life.within(-10, 30))
    asked = {"codes": ["H-STOP-REFUSAL"], "text": "Feels well and does not like needles"}
    life.asks_physician(Request.Kind.STOP, life.ago(life.within(1, 6)), **asked)


def wants_it_more_often(life: Life) -> None:
    """Tired again a fortnight before each dose: a nurse passes the wish on."""
    is_treated(life, life.within(5, 25), every=months(3))
    text = "Tired two weeks before each dose"
    life.asks_physician(Request.Kind.INTERVAL, life.ago(3), codes=["A-SYMPTOM-RETURN"], text=text)


def has_it_more_often(life: Life) -> None:
    """A physician shortened the interval from three months to two, and doses follow it."""
    is_treated(life, 60, every=months(3), years=2.5)
    life.changes_interval(life.ago(20), months(2), "Symptoms return before each dose")


def every_six_weeks(life: Life) -> None:
    """Two months became 42 days."""
    is_treated(life, 30, every=months(2), years=1.3)
    life.changes_interval(life.ago(10), days(42), "Symptoms return before each dose")


# -- what goes wrong ---------------------------------------------------------------------------------------------


def did_not_attend(life: Life) -> None:
    """The last booking was missed."""
    is_treated(life, -6)
    life.is_not_injected(life.ago(4), NotGiven.Reason.DID_NOT_ATTEND)


def declined_and_unwell(life: Life) -> None:
    """Twice there, twice not injected."""
    is_treated(life, -9)
    life.is_not_injected(life.ago(7), NotGiven.Reason.UNWELL, "Fever")
    life.is_not_injected(life.ago(2), NotGiven.Reason.DECLINED)


def voided(life: Life) -> None:
    """A dose was recorded for the wrong patient and voided the same day; it stays visible, and this one is still due."""
    is_treated(life, -3, years=1.3)
    on, before = life.ago(1), life.history
    void = {"voided_at": life.moment(on), "voided_by": life.staff.nurse, "void_reason": "Wrong patient"}
    life.is_injected(on, **void)
    life.history = before


def partial(life: Life) -> None:
    """The syringe slipped: a partial dose does not count, and the next date stands."""
    is_treated(life, 2, years=0.9)
    life.is_injected(life.ago(1), partial=True, counts=False, note="Leaked at the hub, about a third given")


def _incident(life: Life, on, codes: list[str], **details: object) -> Injection:
    """A dose was given outside the rules and recorded as it happened; a physician is asked."""
    life.is_injected(on, already_given=True, incident_codes=codes, finding_codes=codes, **details)
    row = life.rows.pop()
    injection = Injection(**row.values)
    life.rows.append(injection)
    life.asks_physician(Request.Kind.INCIDENT, on, codes=codes, injection=injection)
    return injection


def second_dose_of_the_day(life: Life) -> None:
    """Two nurses, one patient, one day: the second dose is an incident and does not count."""
    is_treated(life, life.within(50, 58), every=months(2), years=0.9)
    _incident(life, life.history.last_given_on, ["B-SAME-DAY-DOSE"], counts=False)


def expired_vial(life: Life) -> None:
    """A vial turned out to have expired; a physician decided that the dose does not count."""
    is_treated(life, 1, years=0.9)
    on = life.ago(5)
    vial = {"expires_on": on - timedelta(days=20), "lot": "H-OLD"}
    injection = _incident(life, on, ["B-VIAL-EXPIRED"], counts=False, **vial)
    request = life.rows[-1]
    request.answered_at = life.moment(life.ago(4))
    by = {"decided_on": life.ago(4), "decided_at": request.answered_at, "decided_by": life.staff.physician}
    said = {"outcome": "does not count", "reason": "Expired three weeks before; give the dose again", **by}
    decision = Decision(patient=life.patient, injection=injection, code="INCIDENT", **said)
    life.rows += [decision, Row(Decision, patient=life.patient, request=request, code=request.kind, **said)]
    life.settled.append((injection, decision))


def early_with_leave(life: Life) -> None:
    """A journey: a physician let one dose pass before its window."""
    every = months(3)
    is_treated(life, 30, every=every, years=1.8)
    on = life.ago(life.within(3, 12))
    leave = Authorisation(
        patient=life.patient,
        codes=["B-EARLY-DOSE"],
        reason="Abroad for ten weeks from tomorrow",
        facts_digest=digest(life.facts()),
        authorised_at=life.moment(on),
        authorised_by=life.staff.physician,
        expires_on=on + timedelta(days=14),
    )
    life.rows.append(leave)
    life.is_injected(on, authorisation=leave, finding_codes=["B-EARLY-DOSE"])


def reaction(life: Life) -> None:
    """A rash and dizziness after the last dose: a physician is asked the same day."""
    is_treated(life, 57, every=months(2), years=0.3)
    row = next(row for row in reversed(life.rows) if isinstance(row, Row) and row.model is Injection)
    life.rows.remove(row)
    injection = Injection(
        **row.values | {"reaction": Injection.Reaction.GENERAL, "note": "Rash and dizziness"}
    )
    life.rows.append(injection)
    life.asks_physician(Request.Kind.ADVERSE, injection.given_on, same_day=True, injection=injection)


def folic_acid_first(life: Life) -> None:
    """Somebody ordered folic acid before the first B12."""
    proposed(folic_acid="requested")(life)
    life.asks_physician(Request.Kind.FOLATE, life.today, codes=["B-FOLATE-BEFORE-B12"], same_day=True)


# -- courses that turn ---------------------------------------------------------------------------------------------


def paused(life: Life) -> None:
    """Abroad for some months."""
    is_treated(life, life.within(-20, 20))
    life.course.paused_on, life.course.paused_until = (
        life.ago(25),
        life.today + timedelta(days=life.within(5, 90)),
    )
    life.course.pause_reason = "Abroad"


def _tablets_are_signed(life: Life, on) -> None:
    """A physician signs tablets in the place of injections."""
    injected = life.plan
    life.is_proposed(on, Asked(form=Form(route=AskedRoute.ORAL)))
    injected.superseded_at = life.plan.signed_at
    life.course.oral_decided_on = on


def on_tablets(life: Life) -> None:
    """Tablets instead of injections, and the check three months later."""
    is_treated(life, -life.within(40, 300), every=months(2), years=0.9)
    on = life.next_due().due_on
    _tablets_are_signed(life, on - timedelta(days=7))
    life.course.oral_confirmed_on = on


def tablets_not_begun(life: Life) -> None:
    """Tablets are signed; until the first is taken, the injection stays on the list."""
    is_treated(life, life.within(1, 12), every=months(3), years=0.9)
    _tablets_are_signed(life, life.ago(2))


def injections_again(life: Life) -> None:
    """Back from tablets to injections: one dose at once."""
    is_treated(life, -250, every=months(2), years=0.9)
    begun = life.next_due().due_on
    _tablets_are_signed(life, begun - timedelta(days=7))
    tablets, on = life.plan, life.ago(6)
    life.is_proposed(on, Asked(loaded_elsewhere=True, interval=months(2)))
    tablets.superseded_at = life.plan.signed_at
    life.course.oral_decided_on = life.course.oral_confirmed_on = None
    life.course.injections_resumed_on = on


def ended(reason: str, *, died: bool = False, moved: bool = False) -> Story:
    """Treatment ended some weeks or months ago for one of the reasons there are."""

    def story(life: Life) -> None:
        ago = life.within(20, 200)
        life.watched_until = life.ago(ago)
        is_treated(life, -ago + life.within(1, 40))
        on = max(life.ago(ago), life.history.last_given_on)
        life.course.ended_on, life.course.end_reason, life.course.ended_by = on, reason, life.staff.physician
        if died or moved:
            life.patient.status = Patient.Status.DECEASED if died else Patient.Status.TRANSFERRED
            life.patient.status_on = on
            life.patient.handover_confirmed_on = on if moved else None

    return story


def moving(life: Life) -> None:
    """Moves away; until the other clinic confirms, the dates here stand."""
    is_treated(life, life.within(-5, 30))
    life.patient.status, life.patient.status_on = Patient.Status.TRANSFERRED, life.ago(6)


def refused(life: Life) -> None:
    """An informed refusal: the conversation is on record."""
    ended(EndReason.INFORMED_REFUSAL)(life)
    on = life.course.ended_on
    said = {"passed_on": on, "code": "STOP", "outcome": life.course.end_reason, "decided_on": on}
    reason = "Understands that nerves may be damaged for good, and does not want more injections."
    by = {"decided_at": life.moment(on), "decided_by": life.staff.physician}
    life.rows.append(Row(Decision, patient=life.patient, course=life.course, reason=reason, **said, **by))


# -- who comes from elsewhere ----------------------------------------------------------------------------------------


def arrived_on_treatment(*, signed: bool, last_known: bool) -> Story:
    """Treated elsewhere for years; nobody is loaded again, and an unknown last dose is given at once."""

    def story(life: Life) -> None:
        on, every = life.ago(life.within(3, 20)), months(3)
        given = (
            [day for n in range(1, 7) if (day := every.after(life.ago(400), n)) < on] if last_known else []
        )
        since = life.ago(life.within(900, 4000))
        life.registers(on)
        life.answers_questions(on, **(ORDINARY | {"prior_treatment": since.isoformat()}))
        first = {"history_from_on": given[0]} if given else {}
        life.is_proposed(
            on,
            Asked(loaded_elsewhere=True, interval=every),
            signed=signed,
            treated_since_on=since,
            last_dose_unknown=not last_known,
            **first,
        )
        for day in given:
            dose = {
                "source": Injection.Source.IMPORTED,
                "source_name": "Northern Road Practice",
                "given_on": day,
            }
            form = {"product": life.plan.product, "micrograms": 1000, "route": life.plan.route}
            when = {"recorded_at": life.moment(on), "recorded_by": life.staff.nurse}
            life.rows.append(Row(Injection, patient=life.patient, course=life.course, **dose, **form, **when))

    return story


def watched_badly(life: Life) -> None:
    """Comes for every dose and never for a blood test."""
    life.drawn = False
    is_treated(life, life.within(10, 60), years=1.8)


def not_steady(life: Life) -> None:
    """Homocysteine keeps rising: checks every three months."""
    life.levels.hcy_falls = False
    is_treated(life, life.within(10, 60), years=2.5)


BARIATRIC = {"bariatric": "bypass", "cause": "surgery"}
# fmt: off
STORIES: tuple[tuple[int, Story], ...] = (
    # of a thousand, what
    (210, due(15, 84)),
    (110, due(0, 13)),
    (30, due(0, 0)),
    (20, due(14, 14)),                              # the first letter is due
    (20, due(2, 2)),                                # the second
    (45, due(-13, -1)),
    (35, due(-27, -15)),
    (25, due(-60, -29)),
    (20, due(-330, -70)),
    (15, due(-900, -370)),
    (5, due(-2900, -1500)),
    (50, due(-10, 55, every=months(2), loading=NEURO)),
    (10, due(-40, -16, every=months(2), loading=NEURO)),
    (10, due(0, 60, loading=DAILY)),
    (10, due(0, 80, every=days(84))),
    (25, due(-8, 25, every=months(1), ileal_resection=35.0, cause="surgery")),
    (15, due(-8, 25, every=months(1), crohns_ileal=True, cause="bowel")),
    (25, due(-12, 80, every=months(3), **BARIATRIC)),
    (8, due(0, 80, every=months(3), loading=NO_LOADING, deficiency="none", **BARIATRIC)),
    (5, due(0, 55, every=months(2), loading=NEURO, **BARIATRIC)),
    (25, due(-10, 60, anticoagulant=True)),
    (20, poor_kidneys),
    (5, due(0, 60, allergies=["cobalt"])),
    (5, due(0, 60, allergies=["benzyl alcohol", "parabens"])),
    (4, pregnant),
    (6, last_day_of_the_month),
    (4, low_platelets(38, days_old=3)),
    (3, low_platelets(42, days_old=40)),
    (4, low_platelets(110, days_old=20)),
    (2, low_platelets(8, days_old=1)),
    (3, held),
    (2, severe_anaemia),
    (12, loading(1, 5)),
    (5, loading(2, 4, late=(1, 5))),
    (3, loading(2, 3, late=(9, 13))),
    (3, loading(2, 4, late=(16, 40))),
    (4, loading(3, 8, loading=DAILY)),
    (5, nerves(3, 17, reviewed=True)),
    (6, nerves(24, 90, reviewed=True)),
    (4, nerves(36, 70, reviewed=False)),
    (2, nerves(5, 15, reviewed=True, neuro="severe")),
    (10, proposed()),
    (3, proposed(neuro="present", neuro_at_presentation=True)),
    (2, proposed(leber=True)),
    (2, proposed(ileal_resection="unknown")),
    (2, proposed(Asked(loading=DAILY))),
    (2, proposed(deficiency="indeterminate")),      # no plan: to be confirmed
    (2, proposed(neuro=None)),                      # no plan: nobody has asked
    (2, proposed(allergies=["hydroxocobalamin"])),  # no plan: allergy
    (1, child),
    (3, symptoms_return),
    (3, wants_to_stop),
    (3, wants_it_more_often),
    (6, has_it_more_often),
    (3, every_six_weeks),
    (6, did_not_attend),
    (4, declined_and_unwell),
    (4, voided),
    (3, partial),
    (2, second_dose_of_the_day),
    (2, expired_vial),
    (3, early_with_leave),
    (2, reaction),
    (1, folic_acid_first),
    (6, paused),
    (8, on_tablets),
    (2, tablets_not_begun),
    (2, injections_again),
    (8, ended(EndReason.DIED, died=True)),
    (6, ended(EndReason.MOVED_AWAY, moved=True)),
    (3, moving),
    (3, refused),
    (3, ended(EndReason.REVERSIBLE_CAUSE_RESOLVED)),
    (6, arrived_on_treatment(signed=True, last_known=True)),
    (3, arrived_on_treatment(signed=True, last_known=False)),
    (5, arrived_on_treatment(signed=False, last_known=True)),
    (6, watched_badly),
    (5, not_steady),
)
# fmt: on
