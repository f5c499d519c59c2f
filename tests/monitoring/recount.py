"""Counts a clinic's figures again, from the rows of what happened and the rules on paper.

It knows nothing of the program's own arithmetic: no protocol, no outlook, no dashboard, and months of its own. It reads
patients without merged records, whose laboratories gave every range, as the demo writes them.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from types import SimpleNamespace as Row

from monitoring.models import Message
from patients.models import Clinic, ClinicalFact, Closure, Patient, Result, SymptomReport
from regimens.models import Authorisation, BloodSample, Course, Decision, Injection, Plan

DAY = timedelta(days=1)
DOSES = {"standard": 6, "daily": 10, "neuro": None}
APART = {"standard": 2, "daily": 1, "neuro": 2}
GAP = {"standard": 7, "daily": 3, "neuro": 4}
PANEL = {"B12", "HB", "MCV", "PLT", "HCY"}


def later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for back in range(4):
        try:
            return date(year, month, day.day - back)
        except ValueError:
            continue
    raise AssertionError(day)


def after(day: date, interval: str, times: int = 1) -> date:
    """So many intervals later, written P3M or P42D."""
    number = int(interval[1:-1]) * times
    return later(day, number) if interval.endswith("M") else day + number * DAY


def either_way(interval: str) -> int:
    """How many days early or late is still in time."""
    length = int(interval[1:-1]) * (30.4375 if interval.endswith("M") else 1)
    return 3 if length < 28 else 7 if length <= 45 else 14


def rows(model, *order, **which):
    """Raw rows, without any method of their models."""
    return [Row(**values) for values in model._base_manager.filter(**which).order_by(*order).values()]


class Person:
    """One course with everything that happened to its patient."""

    def __init__(self, course, today, told):
        self.course, self.today = course, today
        self.plans = told["plans"][course.id]
        self.doses = [
            dose for dose in told["doses"][course.patient_id] if dose.given_on >= course.history_from_on
        ]
        self.results, self.reports = told["results"][course.patient_id], told["reports"][course.patient_id]
        self.decisions, self.samples = told["decisions"][course.id], told["samples"][course.id]
        self.closed, self.weekdays = told["closed"][course.clinic_id], told["weekdays"][course.clinic_id]
        self.facts = told["facts"][course.patient_id]
        self.given = sorted({dose.given_on for dose in self.doses if dose.counts and not dose.partial})

    # -- plans

    @property
    def current(self):
        standing = [plan for plan in self.plans if plan.superseded_at is None]
        signed = [plan for plan in standing if plan.signed_at]
        return (signed or standing or self.plans)[-1]

    @property
    def terms(self):
        if self.current.route == "ORAL" and not self.course.oral_confirmed_on:
            injected = [plan for plan in self.plans if plan.route != "ORAL" and plan.signed_at]
            return injected[-1] if injected else self.current
        return self.current

    @staticmethod
    def kind(plan):
        kind = plan.regimen_key.split("-")[1]
        return kind if kind in DOSES else None

    def told(self, plan):
        """The counted doses that the plan's own spacing speaks of."""
        if self.kind(plan):
            return [day for day in self.given if day >= plan.counts_from_on]
        before = [day for day in self.given if day < plan.starts_on]
        return [day for day in self.given if day >= max(before, default=plan.counts_from_on)]

    def ended_loading_on(self, plan):
        """Open-ended loading ends with the first review that found no further improvement."""
        first = min(self.told(plan), default=None)
        found = [
            decision.decided_on
            for decision in self.decisions
            if decision.code == "NEURO-REVIEW"
            and decision.outcome == "no_further_improvement"
            and decision.decided_on >= plan.counts_from_on
        ]
        return min((on for on in found if first and on >= first), default=None)

    def is_loading(self, plan):
        kind = self.kind(plan)
        if kind is None:
            return False
        if kind == "neuro":
            return self.ended_loading_on(plan) is None
        return len(self.told(plan)) < DOSES[kind]

    # -- the next dose

    def is_open(self, day):
        return str(day.weekday()) in self.weekdays and day not in self.closed

    def next_open(self, day):
        while not self.is_open(day):
            day += DAY
        return day

    def slot(self, plan):
        given, paused = self.told(plan), self.course.paused_until or date.min
        needles = [dose.given_on for dose in self.doses if dose.given_on >= plan.counts_from_on]
        earliest = max(paused, date.min if given else plan.starts_on)
        if not needles:
            return self.next_open(earliest)
        kind, last = self.kind(plan), max(needles)
        wanted = max(last + APART[kind] * DAY, earliest)
        if kind == "neuro":
            before = wanted
            while not self.is_open(before):
                before -= DAY
            if before > last and before >= earliest:
                return before
        day = self.next_open(wanted)
        while kind == "standard" and sum(day - 6 * DAY <= dose for dose in given) > 2:
            day = self.next_open(day + DAY)
        return day

    def maintained(self, plan):
        """The due date, and the dose it counts from."""
        last = max(self.told(plan), default=None)
        at_once = self.course.injections_resumed_on or (
            plan.starts_on if self.course.last_dose_unknown else None
        )
        if last and at_once and last < at_once:
            last = None
        signed = [
            each
            for each in self.plans
            if each.signed_at and each.interval_iso and each.version <= plan.version
        ]
        changed = [
            new.interval_decided_on
            for old, new in zip(signed, signed[1:], strict=False)
            if new.interval_decided_on and old.interval_iso != new.interval_iso
        ]
        due = (
            max(after(last, plan.interval_iso), *changed[-1:], date.min)
            if last
            else at_once or plan.starts_on
        )
        return max(due, self.course.paused_until or date.min), last

    def standing(self):
        """(phase, lateness, late since)."""
        course, today, plan = self.course, self.today, self.terms
        if course.oral_confirmed_on:
            return ("On tablets", *self.standing_on_tablets())
        phase = "Loading" if self.is_loading(plan) else "Maintenance"
        if course.paused_until and course.paused_until > today:
            return "Paused", "", None
        if phase == "Loading":
            due = self.slot(plan)
            opens = closes = due
            lapses = None
        else:
            due, last = self.maintained(plan)
            window = either_way(plan.interval_iso) * DAY
            opens, closes = due - window, due + window
            lapses = after(due, plan.interval_iso)
            lapses = max(lapses, after(last, plan.interval_iso, 2)) if last else lapses
        if today < opens:
            return phase, "Not due", None
        if today <= closes:
            return phase, "Due", None
        return phase, "Lapsed" if lapses and today >= lapses else "Overdue", due

    def standing_on_tablets(self):
        owed = [check for check in self.checks() if check["fate"] in ("missed", "taken", "open", "coming")]
        missed = [check for check in owed if check["closes"] < self.today]
        if missed:
            return "Overdue", min(check["due"] for check in missed)
        coming = min(owed, key=lambda check: check["due"])
        return ("Not due" if self.today < coming["opens"] else "Due"), None

    # -- blood

    @property
    def panels(self):
        wanted = PANEL if self.current.tests_b12 else PANEL - {"B12"}
        by_day = defaultdict(dict)
        for result in self.results:
            by_day[result.collected_on][result.analyte] = result
        return {day: found for day, found in sorted(by_day.items()) if wanted <= set(found)}

    @property
    def first_on(self):
        known = [*self.given, *([self.course.treated_since_on] if self.course.treated_since_on else [])]
        return min(known, default=self.terms.starts_on)

    def is_unsteady(self):
        """The last two panels are known not to be steady (D-28)."""
        last = list(self.panels.items())[-2:]
        if len(last) < 2:
            return False
        if any(report.reported_on >= last[0][0] for report in self.reports):
            return True
        for _day, panel in last:
            for analyte in ("HB", "MCV", "PLT"):
                result = panel[analyte]
                if not result.range_low <= result.value <= result.range_high:
                    return True
            if "B12" in panel and panel["B12"].value < panel["B12"].range_low:
                return True
        return last[1][1]["HCY"].value > last[0][1]["HCY"].value

    def owed(self):
        """Every check there could be until a few years from now: (kind, name, due, days either way)."""
        course, first = self.course, self.first_on
        wanted = [("3m", 3, 14), ("6m", 6, 14), ("12m", 12, 28)]
        step = 3 if self.is_unsteady() else 12
        wanted += [
            ("yearly" if months % 12 == 0 else "repeated", months, 28 if months % 12 == 0 else 14)
            for months in range(12 + step, 12 * 45, step)
        ]
        found = [(kind, f"{months}m", later(first, months), days) for kind, months, days in wanted]
        for day in (course.oral_confirmed_on, course.injections_resumed_on):
            if day:
                found.append(("extra", "extra", later(day, 3), 14))
        # Treated for more than a year before coming here: only what was still open then is owed (D-26).
        if first < course.opened_on and course.opened_on > later(first, 12):
            found = [each for each in found if each[2] + each[3] * DAY >= course.opened_on]
        return sorted(found, key=lambda each: each[2])

    def checks(self):
        """Every check owed so far and the next, with what became of it."""
        course, today, ended = self.course, self.today, self.course.ended_on
        waived = {
            decision.outcome: decision.decided_on
            for decision in self.decisions
            if decision.code == "LAB-WAIVED"
        }
        found, has_next = [], False
        for kind, name, due, days in self.owed():
            check = self.check(
                kind, name, due, days, waived, [d for d in self.panels if not ended or d <= ended]
            )
            in_first_year = kind in ("3m", "6m", "12m")
            if ended:
                if check["drawn"] or (check["closes"] < ended and check["opens"] <= ended):
                    found.append(check)
                continue
            open_to_come = not (check["drawn"] or check["waived"]) and check["closes"] >= today
            if check["opens"] > max(today, later(self.first_on, 12)) and has_next:
                break
            if (
                in_first_year
                or check["closes"] < today
                or check["drawn"]
                or open_to_come
                or check["opens"] <= today
            ):
                found.append(check)
            has_next = has_next or open_to_come
        if ended and course.end_reason == "reversible_cause_resolved":
            found.append(self.check("extra", "extra", later(ended, 3), 14, waived, self.panels))
        return found

    def check(self, kind, name, due, days, waived, panels):
        opens, closes = due - days * DAY, due + days * DAY
        drawn = min((day for day in panels if day >= opens), default=None)
        let_go = waived.get(name)
        awaited = self.blood_awaited()
        if drawn and not (let_go and let_go < drawn):
            fate = "in-window" if drawn <= closes else "late"
        elif let_go:
            fate = "waived"
        elif awaited and awaited >= opens:
            fate = "taken"
        else:
            fate = "missed" if closes < self.today else "open" if opens <= self.today else "coming"
        return {
            "kind": kind, "due": due, "opens": opens, "closes": closes,
            "drawn": drawn, "waived": let_go, "fate": fate,
        }  # fmt: skip

    def blood_awaited(self):
        if self.course.end_reason == "died":
            return None
        back = defaultdict(set)
        for result in self.results:
            back[result.collected_on].add(result.analyte)
        waiting = [each.taken_on for each in self.samples if not set(each.tests) <= back[each.taken_on]]
        return min(waiting, default=None)

    def homocysteine(self):
        if not (self.given or self.course.treated_since_on or self.course.last_dose_unknown):
            return "unknown"
        taken = [each for each in self.results if each.analyte == "HCY" and each.collected_on > self.first_on]
        if not taken:
            return "unknown"
        newest = max(taken, key=lambda each: (each.collected_on, each.id))
        if newest.comparator == ">":
            return "above" if newest.value >= 10 else "open"
        if newest.comparator == "<":
            return "at-target" if newest.value <= 10 else "open"
        return "at-target" if newest.value < 10 else "above"

    # -- loading

    def loading(self):
        """(began on, what became of it), of the latest plan that has one; None where none has begun."""
        signed = [plan for plan in self.plans if plan.signed_at] or self.plans
        loaded = [plan for plan in signed if self.kind(plan)]
        if not loaded:
            return None
        plan = loaded[-1]
        cut = next((new.signed_on for new in signed if new.version > plan.version), date.max)
        kind, ended = self.kind(plan), self.ended_loading_on(plan)
        doses = [day for day in self.told(plan) if day <= cut][: DOSES[kind]]
        doses = [day for day in doses if kind != "neuro" or ended is None or day <= ended]
        if not doses:
            return None
        complete = ended if kind == "neuro" else doses[-1] if len(doses) >= DOSES[kind] else None
        until = complete or self.today
        gaps = [(new - old).days > GAP[kind] for old, new in zip(doses, doses[1:], strict=False)]
        gap = any(gaps) or (until - doses[-1]).days > GAP[kind]
        if complete:
            return doses[0], "complete-gap" if gap else "complete"
        if self.course.ended_on or self.course.oral_confirmed_on or not self.is_loading(self.terms):
            return doses[0], "cut-short"
        return doses[0], "running-gap" if gap else "running"

    def review_due(self):
        """Reviews are 21 days after the first dose, then 14 days after the later of due and done."""
        plan = self.terms
        if self.course.oral_confirmed_on or self.kind(plan) != "neuro" or not self.is_loading(plan):
            return None
        doses = self.told(plan)
        if not doses:
            return None
        due = doses[0] + 21 * DAY
        done = {
            decision.decided_on
            for decision in self.decisions
            if decision.code == "NEURO-REVIEW" and decision.decided_on >= max(plan.counts_from_on, doses[0])
        }
        for on in sorted(done):
            due = max(due, on) + 14 * DAY
        return due


def people(clinic: Clinic, today: date) -> list[Person]:
    """Everybody who is or was treated in a clinic, with the rows of what happened."""
    patients = list(Patient._base_manager.filter(clinic=clinic).values_list("pk", flat=True))
    told = {
        name: defaultdict(list) for name in ("plans", "doses", "results", "reports", "decisions", "samples")
    }
    for name, model, key, order, which in (
        ("plans", Plan, "course_id", ("version",), {"course__clinic": clinic}),
        ("doses", Injection, "patient_id", ("given_on", "id"), {"patient__in": patients, "voided_at": None}),
        ("results", Result, "patient_id", ("id",), {"patient__in": patients, "voided_at": None}),
        (
            "reports", SymptomReport, "patient_id", ("id",),
            {"patient__in": patients, "voided_at": None, "neurological_return": True},
        ),
        ("decisions", Decision, "course_id", ("id",), {"course__clinic": clinic}),
        ("samples", BloodSample, "course_id", ("id",), {"course__clinic": clinic, "voided_at": None, "lost_at": None}),
    ):  # fmt: skip
        for row in rows(model, *order, **which):
            told[name][getattr(row, key)].append(row)
    told["facts"] = defaultdict(dict)
    for fact in rows(ClinicalFact, "observed_on", "id", patient__in=patients):
        told["facts"][fact.patient_id][fact.topic] = fact.answer
    told["closed"] = {clinic.pk: {each.day for each in rows(Closure, clinic=clinic)}}
    told["weekdays"] = {clinic.pk: clinic.open_weekdays}
    return [Person(course, today, told) for course in rows(Course, "id", clinic=clinic)]


def figures(
    clinic: Clinic, now, begins_on: date, ends_on: date | None, cause: str = ""
) -> dict[str, Counter]:
    """Every figure of the dashboard, by its name."""
    today = now.astimezone(clinic.zone).date()
    end = ends_on or date.max
    everybody = [
        each for each in people(clinic, today) if not cause or (each.facts.get("cause") or "") == cause
    ]
    treated = [each for each in everybody if each.course.ended_on is None]
    courses = {each.course.id for each in everybody}
    standing = {each.course.id: each.standing() for each in treated}
    found = {
        "standing": Counter(stands[:2] for stands in standing.values()),
        "ended": Counter(each.course.end_reason for each in everybody if each.course.ended_on),
        "late": Counter(band((today - stands[2]).days) for stands in standing.values() if stands[2]),
        "intervals": Counter(
            each.current.interval_iso for each in treated if standing[each.course.id][0] == "Maintenance"
        ),
        "homocysteine": Counter(each.homocysteine() for each in treated),
        "loading": Counter(
            run[1] for run in (each.loading() for each in everybody) if run and begins_on <= run[0] < end
        ),
        "checks": Counter(
            (check["kind"], check["fate"])
            for each in everybody
            for check in each.checks()
            if begins_on <= check["due"] < end
        ),
        "to review": Counter(
            "overdue" if due < today else "coming" for each in treated if (due := each.review_due())
        ),
    }
    found["reviews"] = Counter(
        "on-time" if decision.decided_on <= decision.passed_on else "late"
        for decision in rows(Decision, code="NEURO-REVIEW")
        if decision.course_id in courses and begins_on <= decision.decided_on < end
    )
    found["doses"] = Counter()
    for dose in rows(Injection, voided_at=None, counts=True, source="clinic"):
        if dose.course_id in courses and begins_on <= dose.given_on < end:
            found["doses"][dose.given_on.replace(day=1), timing(dose)] += 1
    for name, model, column, when in (
        ("passed", Authorisation, "codes", lambda row: row.authorised_at.astimezone(clinic.zone).date()),
        ("signed", Plan, "acknowledged", lambda row: row.signed_on),
        ("incident", Injection, "incident_codes", lambda row: row.given_on),
    ):
        found[name] = Counter(
            code
            for row in rows(model)
            if row_is_here(row, name, courses, everybody) and when(row) and begins_on <= when(row) < end
            for code in set(getattr(row, column) or [])
        )
    found["letters"] = Counter(
        letter.state if letter.state != "suppressed" else letter.cause
        for letter in rows(Message, ended_at__isnull=False)
        if letter.course_id in courses and begins_on <= letter.ended_at.astimezone(clinic.zone).date() < end
    )
    return found


def row_is_here(row, name, courses, everybody) -> bool:
    if name == "passed":
        return row.patient_id in {each.course.patient_id for each in everybody}
    return row.course_id in courses and (name != "incident" or row.voided_at is None)


def timing(dose) -> str:
    if dose.window_opens_on is None:
        return "unplanned"
    if dose.given_on < dose.window_opens_on:
        return "early"
    return "late" if dose.given_on > dose.window_closes_on else "inside"


def band(days: int) -> str:
    return next(f"{low}-days" for low in (366, 92, 29, 15, 1) if days >= low)
