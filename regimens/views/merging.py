"""The pages on which two records are found to be one person's: compare, propose, decide, take apart."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from patients import audit, search
from patients.gate import patient_page
from patients.models import Patient
from regimens import records_compared
from regimens.forms.merging import MERGE, DecideMergeForm, OtherRecordForm, ProposeMergeForm, UnmergeForm
from regimens.models import Decision, Request
from regimens.services import decisions, merging
from regimens.views.showing import acted, done, show, today_of, typed, way_back

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.propose_merge")
@READ_OR_ACT
def propose_merge(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Find the other record: those like this one are listed, any other is named by its number."""
    today = today_of(patient)
    form = OtherRecordForm(typed(request), back=way_back(request, patient))
    if form.is_bound and form.is_valid():
        found = search.numbered(patient.clinic, form.cleaned_data["number"]).exclude(pk=patient.pk)[:2]
        if len(found) == 1:
            return redirect("compare_records", patient.pk, found[0].pk)
        form.add_error("number", "No other patient of this clinic has this number.")
    context = {"like": search.perhaps_the_same_as(patient)}
    return show(request, patient, today, "regimens/merge_find.html", form=form, **context)


@patient_page("regimens.propose_merge")
@READ_OR_ACT
def compare_records(request: HttpRequest, patient: Patient, other_pk: int) -> HttpResponse:
    """Compare two records, and ask a physician to merge them."""
    other = _other(request, patient, other_pk)
    form = ProposeMergeForm(typed(request), records=(patient, other), back=way_back(request, patient))
    if form.is_bound and form.is_valid():
        stays, double = (patient, other) if form.cleaned_data["stays"] == patient.pk else (other, patient)
        who = {"stays": stays, "double": double, "on": today_of(patient), "raised_by": request.user}
        said = "A physician has been asked; it is on their list."
        if acted(request, form, merging.propose_merge, said, "reason", **who):
            return redirect(patient)
    context = {
        **_compared(request, patient, other),
        "asked": merging.waiting(patient, other).select_related("raised_by").first(),
    }
    return show(request, patient, today_of(patient), "regimens/merge_propose.html", form=form, **context)


@patient_page("regimens.confirm_merge")
@READ_OR_ACT
def decide_merge(request: HttpRequest, patient: Patient, request_pk: int) -> HttpResponse:
    """Confirm that two records are one person's, or that they are not; who comes second sees what was decided."""
    today = today_of(patient)
    asked = get_object_or_404(
        Request.objects.select_related("raised_by", "double", "patient"),
        pk=request_pk,
        patient=patient,
        kind=Request.Kind.MERGE,
    )
    other = asked.double
    audit.opened(request.user, other, page="decide_merge")
    shown = merging.fingerprint(patient, other)
    form = DecideMergeForm(typed(request), initial={"shown": shown}, back=way_back(request, patient))
    who = {"request": asked, "on": today, "decided_by": request.user}
    if form.is_bound and form.is_valid():
        if form.cleaned_data["outcome"] == MERGE:
            said = "The two records are read as one from now on."
            merged = acted(request, form, merging.confirm_merge, said, "shown", "reason", **who)
        else:
            said = "The records stay apart."
            merged = acted(request, form, decisions.settle_request, said, "outcome", "reason", **who)
        if merged:
            return done(request, patient)
    answer = Decision.objects.filter(request=asked).select_related("decided_by").last()
    context = {
        **_compared(request, patient, other),
        "asked": asked,
        "answer": answer,
        "obstacles": [] if answer else merging.obstacles(patient, other),
    }
    return show(request, patient, today, "regimens/merge_decide.html", form=form, **context)


@patient_page("regimens.confirm_merge")
@READ_OR_ACT
def unmerge(request: HttpRequest, patient: Patient, other_pk: int) -> HttpResponse:
    """Take a record that was merged into this one apart again."""
    today = today_of(patient)
    double = get_object_or_404(
        Patient.objects.select_related("merged_into"), pk=other_pk, clinic=patient.clinic
    )
    form = UnmergeForm(typed(request), back=way_back(request, patient))
    who = {"double": double, "on": today, "decided_by": request.user}
    if acted(request, form, merging.unmerge, "The records are two again. Look at both.", "reason", **who):
        return redirect(patient)
    context = {"other": double, "decided": merging.last_merge(double)}
    return show(request, patient, today, "regimens/merge_undo.html", form=form, **context)


def _other(request: HttpRequest, patient: Patient, other_pk: int) -> Patient:
    """Give the other record, of the same clinic; this look is audited too."""
    others = Patient.objects.present().filter(clinic=patient.clinic).exclude(pk=patient.pk)
    other = get_object_or_404(others.select_related("clinic"), pk=other_pk)
    if request.method == "GET":
        audit.opened(request.user, other, page="compare_records")
    return other


def _compared(request: HttpRequest, patient: Patient, other: Patient) -> dict:
    """Give the two records side by side; what is clinical only to those who may see it."""
    clinical = request.user.has_perm("patients.see_clinical", patient)
    return {
        "other": other,
        "rows": records_compared.identity(patient, other),
        "clinical_rows": records_compared.clinical(patient, other) if clinical else [],
    }
