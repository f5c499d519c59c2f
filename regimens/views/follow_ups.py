"""After the needle: say how an observation, a look at the site, advice or a potassium went."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from patients import banner
from patients.acting import act, status_of
from patients.gate import patient_page
from regimens.forms.follow_ups import FollowUpForm
from regimens.models import FollowUp
from regimens.services.follow_ups import care_after, settle_follow_up


@patient_page("patients.record_clinical")
def follow_up(request, patient, follow_up_pk):
    """Record how one follow-up went; done ones are shown as they were done."""
    now = timezone.now()
    rows = FollowUp.objects.select_related("injection__patient__clinic", "patient__clinic", "done_by")
    row = get_object_or_404(rows, pk=follow_up_pk, patient=patient)
    form = FollowUpForm(request.POST if request.method == "POST" else None, follow_up=row)
    if request.method == "POST" and form.is_valid():
        settled = act(
            form,
            settle_follow_up,
            follow_up=row,
            outcome=form.cleaned_data["outcome"],
            note=form.cleaned_data["note"],
            now=now,
            done_by=request.user,
        )
        if settled:
            messages.success(request, f"{row.get_kind_display()}: recorded.")
            return redirect("today")
    context = {
        **banner.about(patient, patient.clinic.day_of(now), request.user),
        "form": form,
        "follow_up": row,
        "texts": [care.text for care in care_after(row.injection) if care.care == row.kind],
        "waiting": FollowUp.objects.waiting().filter(pk=row.pk).exists(),
    }
    return render(request, "regimens/follow_up.html", context, status=status_of(form))
