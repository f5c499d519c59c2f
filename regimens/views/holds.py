"""What holds a dose today, and the page on which a physician lets one dose pass."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Patient
from regimens.forms.decisions import LeaveForm
from regimens.models import Decision, Plan, Request
from regimens.protocol.codes import CODES, Code, Finding
from regimens.protocol.entries import Route
from regimens.services import decisions
from regimens.services.injections import Given, look
from regimens.views.showing import decided, done, looking, show, today_of, typed, way_back

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.decide")
@READ_OR_ACT
def authorise_dose(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Let one dose pass named codes, with a reason, for two weeks and while the facts stand."""
    today = today_of(patient)
    asked = _request_of(request, patient)
    findings = stands_today(patient, today, request.user)
    offered = may_pass(findings, asked)
    seeing = looking(
        patient,
        today,
        what=f"One dose may pass: {asked.text if asked and asked.text else 'what stands against it today'}",
        since=asked.raised_at if asked else None,
        codes=tuple(code.code for code in offered),
        rules=tuple(dict.fromkeys(rule for code in offered for rule in code.rules)),
        answers=lambda: tuple(_answers(asked).values_list("pk", flat=True)),
    )
    beside = seeing()
    form = LeaveForm(
        typed(request),
        codes=[(code.code, f"{code.message} ({code.code})") for code in offered],
        initial={
            "codes": [code.code for code in offered if asked and code.code in asked.codes],
            "shown": beside.digest,
        },
        back=way_back(request, patient),
    )
    who = {"patient": patient, "request": asked, "on": today, "decided_by": request.user}
    said = "One dose may pass. The nurse finds it at the dose screen."
    fields = ("codes", "reason")
    if decided(request, form, decisions.authorise_dose, said, *fields, about=patient, look=seeing, **who):
        return done(request, patient)
    context = {
        "asked": asked,
        "answer": _answers(asked).select_related("decided_by").first(),
        "offered": offered,
        "closed": [found for found in findings if found.stops and CODES[found.code] not in offered],
        "expires_on": today + timedelta(days=decisions.AUTHORISATION_DAYS),
        "standing": decisions.standing_authorisations(patient, today),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/authorise.html", form=form, **context)


def _answers(asked: Request | None):
    """Give what was decided about the request so far."""
    return Decision.objects.filter(request=asked) if asked else Decision.objects.none()


def _request_of(request: HttpRequest, patient: Patient) -> Request | None:
    """Give the request the leave answers, named in the address; somebody else's is not there."""
    number = request.GET.get("request", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return get_object_or_404(
        Request.objects.select_related("raised_by"), pk=int(number), patient__in=patient.record_keys
    )


def stands_today(patient: Patient, today: date, actor) -> tuple[Finding, ...]:
    """Ask the dose screen about the plan's own dose, given today."""
    plan = Plan.objects.signed().filter(course__patient=patient, course__ended_on=None).first()
    if plan is None or plan.route == Route.ORAL:
        return ()
    given = Given(given_on=today, product=plan.product, micrograms=plan.micrograms, route=plan.route)
    return look(patient=patient, given=given, actor=actor, today=today).findings


def may_pass(findings: tuple[Finding, ...], asked: Request | None) -> list[Code]:
    """Give the codes that stop a dose today, or that the request names, and that a physician may let pass."""
    names = [found.code for found in findings if found.stops and found.may_be_passed]
    names += [code for code in (asked.codes if asked else ()) if code in CODES]
    return [CODES[code] for code in dict.fromkeys(names) if decisions.may_be_authorised(code)]
