"""What is learnt of a patient: clinical facts, results, symptom reports. Those who may only look see no form."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from patients import banner, paging
from patients.acting import act, status_of
from patients.clinical_facts import BY_TOPIC, in_words
from patients.gate import patient_page
from patients.models import Result, SymptomReport
from regimens import readings
from regimens.forms.clinical_facts import FactsForm
from regimens.forms.results import ResultsForm
from regimens.forms.symptoms import LABELS, SymptomsForm
from regimens.forms.voiding import VoidForm
from regimens.lab_checks import next_check
from regimens.protocol.units import ANALYTES, Analyte
from regimens.services import clinical
from regimens.services.blood_samples import watched_course

NEWEST_FIRST = paging.Order(
    ("collected_on", "pk"), (date.fromisoformat, paging.row_number), newest_first=True
)


@patient_page("patients.see_clinical")
def patient_facts(request, patient):
    """Show every clinical question with its answers; write those that changed."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    form = FactsForm(_sent(request, patient), patient=patient, today=today)
    if form.is_bound and form.is_valid():
        changes = form.changes()
        written = act(
            form,
            clinical.record_facts,
            patient=patient,
            answers=changes,
            observed_on=form.cleaned_data["observed_on"],
            now=now,
            recorded_by=request.user,
        )
        if written is not None:
            _say_what_was_written(request, patient, written)
            return redirect("patient_facts", patient.pk)
    context = {
        **_about(request, patient, today),
        "form": form,
        "history": [
            (BY_TOPIC[fact.topic].topic.label, in_words(BY_TOPIC[fact.topic], fact.answer), fact)
            for fact in form.history
        ],
    }
    return render(request, "regimens/facts.html", context, status=status_of(form))


@patient_page("patients.see_clinical")
def record_results(request, patient):
    """Enter a panel; show every result with what the protocol reads in it."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    form = ResultsForm(_sent(request, patient), initial={"collected_on": _taken_on(request)})
    if form.is_bound and form.is_valid():
        written = act(
            form,
            clinical.record_results,
            patient=patient,
            collected_on=form.cleaned_data["collected_on"],
            lab=form.cleaned_data["lab"],
            values=form.values(),
            now=now,
            recorded_by=request.user,
        )
        if written is not None:
            messages.success(
                request,
                f"{len(written)} result{'s' if len(written) > 1 else ''} recorded. Compare them below with the report.",
            )
            return redirect("record_results", patient.pk)
    rows = Result.objects.filter(patient__in=patient.record_keys)
    page = paging.page_of(rows.values(*readings.COLUMNS), NEWEST_FIRST, request.GET, {})
    context = {
        **_about(request, patient, today),
        "form": form,
        "results": readings.shown(page.rows),
        "next": next_check(values, today) if (values := watched_course(patient)) else None,
        "earlier_url": page.earlier_url,
        "later_url": page.later_url,
    }
    return render(request, "regimens/results.html", context, status=status_of(form))


@patient_page("patients.record_clinical")
@require_POST
def echo_result(request, patient, analyte):
    """Give one value of the panel as the protocol reads it, while somebody types; nothing is kept."""
    if analyte not in ANALYTES:
        raise Http404
    row = ResultsForm(request.POST).row(Analyte(analyte), live=True)
    return HttpResponse(render_to_string("regimens/_result_echo.html", {"row": row}))


@patient_page("patients.record_clinical")
def void_result(request, patient, result_pk):
    """Mark a result as wrong, with a reason; it stays visible."""
    result = get_object_or_404(patient.results.select_related("patient"), pk=result_pk)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        voided = act(
            form,
            clinical.void_result,
            result=result,
            voided_by=request.user,
            reason=form.cleaned_data["reason"],
        )
        if voided is not None:
            messages.success(request, "The result was voided.")
            return redirect("record_results", patient.pk)
    today = patient.clinic.day_of(timezone.now())
    context = {
        **_about(request, patient, today),
        "form": form,
        "result": result,
        "reported": readings.reported(model_to_dict(result)),
    }
    return render(request, "regimens/result_void.html", context, status=status_of(form))


@patient_page("patients.see_clinical")
def record_symptoms(request, patient):
    """Record what the patient reports; show what they reported before."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    form = SymptomsForm(_sent(request, patient), patient=patient, today=today)
    if form.is_bound and form.is_valid():
        report = act(
            form,
            clinical.record_symptoms,
            patient=patient,
            reported_on=form.cleaned_data["reported_on"],
            now=now,
            recorded_by=request.user,
            note=form.cleaned_data["note"],
            token=form.cleaned_data["token"],
            **form.report(),
        )
        if report is not None:
            messages.success(request, "The report is recorded.")
            if report.neurological_return:
                messages.warning(
                    request, "Nerve symptoms are new or worse: a physician has been asked to look today."
                )
            return redirect("record_symptoms", patient.pk)
    reports = SymptomReport.objects.filter(patient__in=patient.record_keys).select_related("recorded_by")
    context = {
        **_about(request, patient, today),
        "form": form,
        "reports": [(report, _answers(report)) for report in reports[: paging.ROWS]],
    }
    return render(request, "regimens/symptoms.html", context, status=status_of(form))


@patient_page("patients.record_clinical")
def void_symptoms(request, patient, report_pk):
    """Mark a symptom report as wrong, with a reason; it stays visible."""
    report = get_object_or_404(patient.symptom_reports.select_related("patient", "recorded_by"), pk=report_pk)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        voided = act(form, clinical.void_symptoms, report=report, voided_by=request.user, reason=reason)
        if voided is not None:
            messages.success(request, "The report was voided.")
            return redirect("record_symptoms", patient.pk)
    today = patient.clinic.day_of(timezone.now())
    context = {
        **_about(request, patient, today),
        "form": form,
        "report": report,
        "answers": _answers(report),
        "waits": report.requests.filter(answered_at=None).exists(),
    }
    return render(request, "regimens/symptoms_void.html", context, status=status_of(form))


def _sent(request, patient):
    """Give what was posted, by somebody who may record; others may only look."""
    if request.method != "POST":
        return None
    if not request.user.has_perm("patients.record_clinical", patient):
        raise PermissionDenied
    return request.POST


def _taken_on(request) -> date | None:
    """Give the day of the sample whose results are to be entered, as the address names it."""
    try:
        return date.fromisoformat(request.GET.get("taken", ""))
    except ValueError:
        return None


def _about(request, patient, today: date) -> dict:
    return {
        **banner.about(patient, today, request.user),
        "may_record": request.user.has_perm("patients.record_clinical", patient),
    }


def _say_what_was_written(request, patient, written) -> None:
    if not written:
        messages.info(request, "Nothing was changed, so nothing was written.")
        return
    messages.success(request, f"{len(written)} answer{'s' if len(written) > 1 else ''} recorded.")
    held = clinical.latest_answers(patient)
    if any(held[fact.topic] != fact.answer for fact in written):
        messages.warning(request, "An answer of a later day is on record for one of them, and still holds.")


def _answers(report: SymptomReport) -> list[tuple[str, str, str]]:
    """Give (symptom, answer, tone) of what was asked."""
    return [
        (LABELS[name], getattr(report, f"get_{name}_display")(), getattr(report, name))
        for name in clinical.SYMPTOMS
        if getattr(report, name)
    ]
