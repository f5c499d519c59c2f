"""The dose screen: about to give, already given, what was recorded, and voiding a record."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from patients import audit, banner, links
from patients.acting import act, status_of
from patients.date_boxes import PARTS
from patients.gate import patient_page
from patients.models import Patient
from regimens import dose_screen, slots, vials, words
from regimens.course_values import current_plan
from regimens.forms.injections import CHANGED, RECORDED, AlreadyGivenForm, InjectionForm
from regimens.forms.visit_changes import ChangesForm
from regimens.forms.voiding import VoidForm
from regimens.models import Appointment, Injection, Request
from regimens.services import appointments, injections, requests
from regimens.services.authorised_dose import record_authorised_injection
from regimens.services.follow_ups import care_after
from regimens.services.visit import record_changes

BOOK = dict.fromkeys(("book_appointment", "appointment_card", "email_card"), "regimens.book_appointment")
SIGN = {"sign_plan": "regimens.sign_plan"}
TODAY = {"today": "monitoring.see_worklist"}
FORMS = {"record_injection": InjectionForm, "record_given": AlreadyGivenForm}


@patient_page("regimens.record_injection")
def record_injection(request, patient):
    """Log an injection that is about to be given: the rules refuse what they do not allow."""
    return _dose_screen(request, patient, "record_injection")


@patient_page("regimens.record_injection")
def record_given(request, patient):
    """Record an injection that was given already, here or elsewhere: it is saved as it happened."""
    return _dose_screen(request, patient, "record_given")


def _dose_screen(request, patient, page):
    now = timezone.now()
    today = patient.clinic.day_of(now)
    todays = dose_screen.vial_of_today(request.session, patient.clinic_id, today)
    typed = _typed(request, patient, today, todays)
    changes = ChangesForm(typed, prefix="changed") if page == "record_injection" else None
    learnt = bool(changes) and _learn(request, patient, changes, typed, now)
    if learnt:
        typed["asked"], changes = RECORDED, ChangesForm(prefix="changed")
    form, filled = _form(request, patient, page, typed, today, todays)
    if "save" in request.POST and not learnt and _is_whole(form, changes):
        if injection := _record(request, patient, form, now):
            _remember(request, patient, form, injection, today)
            return redirect("injection", patient.pk, injection.pk)
    elif form.is_bound and ("save" not in request.POST or learnt):
        form.full_clean()
        form.errors.clear()  # nobody has asked to save yet
    screen = injections.look(patient=patient, given=form.given(), actor=request.user, today=today)
    _leave, stopping = screen.passing()
    if "ask" in request.POST:
        _ask(request, patient, form, stopping, today)
    form.lay_out(screen.findings, may_authorise=request.user.has_perm("regimens.decide", patient))
    context = {
        **banner.about(patient, today, request.user),
        "form": form,
        "changes": changes,
        "screen": screen,
        "plan": filled.plan,
        "stopping": stopping,
        "passed": [found for found in screen.findings if found.stops and found not in stopping],
        "warnings": [found for found in screen.findings if not found.stops],
        "namesakes": _namesakes(patient),
        "already": page == "record_given",
        "sign_url": _sign_url(request.user, patient, filled.plan),
    }
    return render(request, "regimens/injection_form.html", context, status=status_of(form))


def _form(request, patient, page, typed, today, todays):
    """Give the form of this page and what it was filled with."""
    filled = dose_screen.prefill(patient, todays)
    product = (typed or {}).get("product") or filled.form[0]
    offered = vials.on_offer(patient.clinic, product, today, todays) if page == "record_injection" else ()
    form = FORMS[page](
        typed,
        patient=patient,
        prefill=filled,
        today=today,
        vials=offered,
        kit_seen=dose_screen.kit_seen_today(request.session, patient.clinic_id, today),
        told=bool(typed)
        and typed.get("asked") == RECORDED
        and dose_screen.told_today(request.session, patient, today),
    )
    return form, filled


def _learn(request, patient, changes, typed, now) -> bool:
    """Record what has changed since the last visit; the dose is looked at again before it is recorded.

    Nothing is learnt from a form of another patient: the form itself says so.
    """
    if not changes.is_bound or not changes.is_valid() or not changes.changes():
        return False
    today = patient.clinic.day_of(now)
    token = dose_screen.read_token(typed.get("token"), patient, today)
    if token is None:
        return False
    learnt = act(
        changes,
        record_changes,
        patient=patient,
        changes=changes.changes(),
        token=token,
        now=now,
        recorded_by=request.user,
    )
    if learnt:
        dose_screen.remember_told(request.session, patient, today)
        messages.success(request, "What has changed is recorded. Read what the rules say now, then record.")
    return bool(learnt)


def _is_whole(form, changes) -> bool:
    """Tell whether the form may be saved; “something has changed” must say what."""
    if form.is_valid() and form.cleaned_data.get("asked") == CHANGED:
        form.add_error("asked", "Say below what has changed.")
    return form.is_valid() and (changes is None or changes.is_valid())


def _remember(request, patient, form, injection, today):
    """Keep the vial, the room and the look at the kit for the next patient of this person and day."""
    if injection.already_given:
        return
    dose_screen.remember_vial(request.session, patient.clinic_id, today, form.vial_used())
    if "kit" in form.fields:
        dose_screen.remember_kit(request.session, patient.clinic_id, today)
        audit.record(request.user, "looked at the anaphylaxis kit", clinic=patient.clinic)


def _typed(request, patient, today, todays):
    """Give what was sent; on the way from one form to the other the day is today until somebody says otherwise.

    A vial that was chosen goes along as lot, expiry and brand: what was given already is typed.
    """
    if request.method != "POST":
        return None
    typed = request.POST.copy()
    if "switch" in typed:
        for part in PARTS:
            typed.setdefault(f"given_on_{part}", str(getattr(today, part)))
        typed.setdefault("source", Injection.Source.CLINIC)
        offered = vials.on_offer(patient.clinic, typed.get("product", ""), today, todays)
        chosen = next((each.vial for each in offered if each.key == typed.get("vial")), None)
        if chosen and not typed.get("lot"):
            typed["lot"], typed["brand"] = chosen.lot, chosen.brand
            for part in PARTS:
                typed[f"expires_on_{part}"] = str(getattr(chosen.expires_on, part))
    return typed


def _record(request, patient, form, now):
    return act(
        form,
        record_authorised_injection,
        patient=patient,
        given=form.given(),
        token=form.cleaned_data["token"],
        codes=tuple(form.cleaned_data.get("authorise") or ()),
        reason=form.cleaned_data.get("authorise_reason") or "",
        now=now,
        recorded_by=request.user,
        given_by=form.cleaned_data.get("given_by"),
    )


def _ask(request, patient, form, stopping, today):
    """Hold the dose and ask a physician about everything that stops it."""
    asked = act(
        form,
        requests.ask_physician,
        patient=patient,
        kind=Request.Kind.HOLD,
        raised_on=today,
        raised_by=request.user,
        text=request.POST.get("question", "").replace("\x00", "")[:500],
        codes=tuple(sorted(found.code for found in stopping)),
        same_day=any(found.same_day for found in stopping),
    )
    if asked is not None:
        messages.success(request, "A physician has been asked. The dose waits for the answer.")


def _sign_url(viewer, patient, plan):
    """Give the way to a signature that is missing, for those who may sign."""
    missing = plan is not None and not plan.is_signed
    return links.allowed(viewer, patient, SIGN, patient.pk).get("sign_plan", "") if missing else ""


def _namesakes(patient):
    """Give a few patients of this clinic whose names begin alike, so that nobody is taken for another (H-01)."""
    beginnings = [part[:3] for part in patient.given_names.split()[:1]]
    alike = Patient.objects.present().named([patient.clinic_id], *patient.family_name.split(), *beginnings)
    return list(alike.filter(clinic=patient.clinic_id).exclude(pk=patient.pk).order_by("pk")[:3])


@patient_page("patients.see_clinical")
def injection(request, patient, injection_pk):
    """Show what was recorded, the next date, and what to do now."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    rows = patient.injections.select_related("given_by", "recorded_by", "voided_by", "course__clinic")
    row = get_object_or_404(rows, pk=injection_pk)
    course = row.course if row.course and row.course.is_open else None
    ways = links.allowed(request.user, patient, BOOK, patient.pk)
    context = {
        **banner.about(patient, today, request.user),
        **_places(request.user, patient, course, now),
        "injection": row,
        "course": course,
        "why": words.why_next(course, current_plan(list(course.plans.all()))) if course else "",
        "after": care_after(row),
        "waiting": row.follow_ups.waiting(),
        "book_url": ways.get("book_appointment"),
        "card_url": ways.get("appointment_card"),
        "email_card_url": ways.get("email_card"),
        "today_url": links.allowed(request.user, patient, TODAY).get("today"),
        "void_url": _void_url(request.user, patient, row, today),
    }
    return render(request, "regimens/injection.html", context)


def _places(viewer, patient, course, now):
    """Give what is booked for the next dose, or the free places in its window, for those who may book."""
    if (
        course is None
        or course.phase == course.Phase.ORAL
        or not viewer.has_perm(BOOK["book_appointment"], patient)
    ):
        return {}
    booked = appointments.booked_for_next(course, Appointment.Subject.DOSE)
    return {"booked": booked, "offers": [] if booked else slots.offered(course, now), "subject": "dose"}


def _void_url(viewer, patient, row, today):
    """Give the way to undo a record: one's own of today, or any for a physician; nothing once it is voided."""
    own_today = row.recorded_by_id == viewer.pk and patient.clinic.day_of(row.recorded_at) == today
    permission = "regimens.void_own_today" if own_today else "regimens.void_any"
    if row.voided_at or not viewer.has_perm(permission, patient):
        return ""
    return links.to("void_injection", patient.pk, row.pk)


@patient_page("regimens.void_own_today")
def void_injection(request, patient, injection_pk):
    """Void a record: one's own of today, or any for a physician."""
    now = timezone.now()
    row = get_object_or_404(patient.injections.select_related("given_by"), pk=injection_pk)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        voided = act(
            form,
            injections.void_injection,
            injection=row,
            now=now,
            voided_by=request.user,
            reason=form.cleaned_data["reason"],
        )
        if voided is not None:
            messages.success(request, "The record was voided. The next date was computed afresh.")
            return redirect("patient", patient.pk)
    today = patient.clinic.day_of(now)
    context = {**banner.about(patient, today, request.user), "form": form, "injection": row}
    return render(request, "regimens/injection_void.html", context, status=status_of(form))
