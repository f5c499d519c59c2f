"""The page of one patient: the plan, the dates to come, the story."""

from django.shortcuts import render
from django.utils import timezone

from monitoring import patient_page as pages
from monitoring import timeline
from monitoring.axis import page as along
from patients import banner, links
from patients.gate import patient_page
from regimens.facts import facts_of
from regimens.known_facts import known_facts


@patient_page("patients.find_patient")
def patient(request, patient):
    """Show one patient; those who may not see clinical matters see names, contact and dates."""
    today = patient.clinic.day_of(timezone.now())
    clinical = request.user.has_perm("patients.see_clinical", patient)
    page = pages.read(patient, today, clinical=clinical)
    axis = along.read(page, patient.clinic, today, request.GET, clinical=clinical)
    before = timeline.read_key(request.GET.get("before", ""))
    entries, more = timeline.page_of(page.keys, patient.clinic, clinical=clinical, before=before)
    context = {
        **banner.about(patient, today, request.user),
        "page": page,
        "clinical": clinical,
        "facts": known_facts(patient, facts_of(patient, today), today) if clinical else (),
        "axis": axis,
        "entries": entries,
        "before": before,
        "newest_url": f"{axis.asked.address()}#story",
        "later_url": f"{axis.asked.address(before=timeline.write_key(more))}#story" if more else "",
        "first_acts": pages.acts(page, request.user, pages.FIRST_ACTS),
        "more_acts": pages.acts(page, request.user, pages.MORE_ACTS),
        "may_book": request.user.has_perm("regimens.book_appointment", patient),
        "may_unmerge": request.user.has_perm("regimens.confirm_merge", patient),
        "sign_url": links.allowed(request.user, patient, {"sign_plan": "regimens.sign_plan"}, patient.pk).get(
            "sign_plan"
        ),
    }
    return render(request, "monitoring/patient.html", context)
