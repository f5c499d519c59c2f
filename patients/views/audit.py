"""The audit trail of a clinic: who did what, to whom, and when."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from patients import paging
from patients.forms.audit import AuditFilter
from patients.gate import clinic_page
from patients.models import AuditEntry, Patient
from patients.templatetags.wording import family_first, time_tag

NEWEST_FIRST = paging.Order(("at", "pk"), (paging.moment, paging.row_number), newest_first=True)
COLUMNS = (
    "pk",
    "at",
    "act",
    "detail",
    "actor__first_name",
    "actor__last_name",
    "actor__username",
    "patient_id",
    "patient__family_name",
    "patient__given_names",
    "patient__record_number",
)


@clinic_page("patients.see_audit")
def audit(request):
    """List the trail newest first, by patient, by person and by day; nothing of it can be changed."""
    form = AuditFilter(request.GET, clinic=request.clinic)
    wanted = form.wanted()
    about = None
    if wanted["patient"]:
        about = get_object_or_404(Patient.objects.filter(clinic=request.clinic), pk=wanted["patient"])
    entries = AuditEntry.objects.filter(clinic=request.clinic)
    if about:
        entries = entries.filter(patient__in=about.record_keys)
    if wanted["actor"]:
        entries = entries.filter(actor=wanted["actor"])
    if wanted["day"]:
        begins_at, ends_at = request.clinic.moments_of(wanted["day"])
        entries = entries.filter(at__gte=begins_at, at__lt=ends_at)
    kept = {
        "patient": wanted["patient"],
        "actor": wanted["actor"] and wanted["actor"].pk,
        "day": wanted["day"] and wanted["day"].isoformat(),
    }
    page = paging.page_of(entries.values(*COLUMNS), NEWEST_FIRST, request.GET, kept)
    context = {
        "form": form,
        "wanted": wanted,
        "about": about,
        "rows": [_shown(row) for row in page.rows],
        "page": page,
        "narrowed": any(wanted.values()),
        "now": timezone.now(),
    }
    return render(request, "patients/audit.html", context)


def _shown(row: dict) -> dict[str, object]:
    full_name = f"{row['actor__first_name'] or ''} {row['actor__last_name'] or ''}".strip()
    patient = row["patient_id"] and family_first(row["patient__family_name"], row["patient__given_names"])
    return {
        "at": time_tag(row["at"]),
        "who": full_name or row["actor__username"] or "The program",
        "act": row["act"].capitalize(),
        "patient_id": row["patient_id"],
        "patient": patient,
        "record_number": row["patient__record_number"],
        "detail": ", ".join(f"{name}: {_words(value)}" for name, value in row["detail"].items()),
    }


def _words(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
