"""Find a patient, and choose the clinic to work in. What was typed stays in the session, never in an address."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from patients import search
from patients.forms.find import FindForm
from patients.gate import SESSION_KEY, clinic_page
from patients.models import Clinic
from patients.templatetags.wording import day

TYPED = "typed_to_find"
# While somebody types: from how many letters on, and how many patients.
SHORTEST, FIRST = 2, 8


@clinic_page("patients.find_patient")
def find(request):
    """Take what was typed and show who it may be; exactly one patient opens at once."""
    today = request.clinic.day_of(timezone.now())
    if request.method == "POST" and request.htmx:
        return _while_typing(request, today)
    if request.method == "POST":
        form = FindForm(request.POST)
        request.session[TYPED] = form.cleaned_data["q"] if form.is_valid() else ""
        found = search.find(request.clinic, search.read(request.session[TYPED], today))[:2]
        if len(found) == 1:
            return redirect(found[0])
        return redirect("find")
    typed = search.read(request.session.get(TYPED, ""), today)
    after, before = (_key(request.GET.get(name, "")) for name in ("after", "before"))
    page = search.page(search.find(request.clinic, typed), after, before)
    context = {
        "typed": typed,
        "born": [day(on) for on in typed.born_on],
        "page": page,
        "earlier_url": page.earlier and f"?before={page.earlier}",
        "later_url": page.later and f"?after={page.later}",
        "may_register": request.user.has_perm("patients.register_patient", request.clinic),
    }
    return render(request, "patients/find.html", context)


@clinic_page("patients.find_patient")
@require_POST
def choose_clinic(request):
    """Work in another of one's clinics from now on."""
    chosen = _key(request.POST.get("clinic", ""))
    if Clinic.objects.visible_to(request.user).filter(pk=chosen).exists():
        request.session[SESSION_KEY] = chosen
        request.session.pop(TYPED, None)
    return redirect("home")


def _while_typing(request, today):
    """Give the first few of those who may be meant, for the list under the box; nothing is kept of what was typed."""
    form = FindForm(request.POST)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    enough = len(text) >= SHORTEST
    page = search.page(search.find(request.clinic, search.read(text, today)), rows=FIRST) if enough else None
    # Without the request: the frame of a page, and what it asks, are not needed here.
    return HttpResponse(render_to_string("patients/_found.html", {"page": page, "today": today}))


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
