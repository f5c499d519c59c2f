"""What the pages of a physician's acts share: today, the banner, the way back, the day of an act, and the row they open in.

Each is a page of its own. Asked for by htmx from a row of the queue it answers with the same form without the frame, and
once the act is done with what became of the row.
"""

import re
from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from patients import banner
from patients.acting import REFUSED, act, status_of
from patients.models import Patient
from regimens.models import Course, Plan
from regimens.services.as_shown import decide_as_shown
from regimens.shown import shown as shown_beside

PLACE = re.compile(r"in-([a-z0-9][a-z0-9-]{0,60})")
# An act that was opened from a request leads back to it: the answer is still to be given.
ASKED = re.compile(r"request-([1-9][0-9]{0,17})")
# What may be kept of the address of the queue.
OF_THE_QUEUE = ("kind", "mine", "today", "after", "before", "list")
# Lists from which a row is settled, by the word in the address, with the name of their page.
LISTS = {"decisions": "decisions", "blood-tests": "blood_tests"}


def today_of(patient: Patient) -> date:
    """Read the clock: the clinic's day of this request."""
    return patient.clinic.day_of(timezone.now())


def open_course(patient: Patient) -> Course | None:
    """Give the open course with the patient it belongs to; one query."""
    course = Course.objects.open().filter(patient=patient).first()
    if course:
        course.patient, course.clinic = patient, patient.clinic
    return course


def waiting_proposal(course: Course | None) -> Plan | None:
    """Give the plan of a course that waits for a signature, with the course it belongs to."""
    if course is None:
        return None
    plan = Plan.objects.proposed().filter(course=course).select_related("proposed_by").first()
    if plan:
        plan.course = course
    return plan


def signed_plan(course: Course | None) -> Plan | None:
    """Give the plan of a course that is in force, with who signed it."""
    if course is None:
        return None
    plan = Plan.objects.signed().filter(course=course).select_related("signed_by").first()
    if plan:
        plan.course = course
    return plan


def person_of(patient: Patient) -> Patient:
    """Give the record that stays: what was asked of one that was merged is answered for the whole person."""
    return patient.merged_into if patient.merged_into_id else patient


def row_of(request: HttpRequest) -> str:
    """Give the row of the queue in which this page was opened; nothing where it stands by itself."""
    found = PLACE.fullmatch(request.htmx.target or "") if request.htmx else None
    return found[1] if found else ""


def way_back(request: HttpRequest, patient: Patient) -> str:
    """Give where the person came from: the row, the list as it was, that of blood tests, else the patient's page."""
    if row := row_of(request):
        return f"#row-{row}"
    if asked := ASKED.fullmatch(request.GET.get("from", "")):
        return f"{reverse('settle_request', args=[patient.pk, int(asked[1])])}?from=decisions"
    came_from = request.GET.get("from")
    if came_from == "decisions":
        asked = QueryDict(request.GET.get("queue", ""))
        kept = QueryDict(mutable=True)
        kept.update({name: asked[name] for name in OF_THE_QUEUE if name in asked})
        page = "decisions_put_off" if asked.get("list") == "put-off" else "decisions"
        return f"{reverse(page)}?{kept.urlencode()}" if kept else reverse(page)
    return reverse(LISTS[came_from]) if came_from in LISTS else patient.get_absolute_url()


def typed(request: HttpRequest) -> QueryDict | None:
    """Give what was sent, also when it is empty; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def acted(
    request: HttpRequest, form: BaseForm, service: Callable, said: str, /, *fields: str, **arguments
) -> bool:
    """Act where the form was sent and is good, with the named fields as they were typed; say what was done."""
    if not (form.is_bound and form.is_valid()):
        return False
    arguments |= {name: form.cleaned_data[name] for name in fields if name in form.cleaned_data}
    if act(form, service, **arguments) is None:
        return False
    messages.success(request, said)
    return True


def decided(
    request: HttpRequest,
    form: BaseForm,
    service: Callable,
    said: str,
    /,
    *fields: str,
    about: Patient,
    look: Callable,
    **arguments,
) -> bool:
    """Decide on what the page showed: refused where it has changed since, else kept with the decision."""
    who = {"about": about, "look": look, "doing": service, **arguments}
    return acted(request, form, decide_as_shown, said, "shown", *fields, **who)


def looking(patient: Patient, today: date, *, answers: Callable = tuple, **named) -> Callable:
    """Give what reads how treatment stands, for the page and again under the lock.

    named: what, since, codes, rules. answers: reads the keys of what was decided about it so far.
    """
    return lambda: shown_beside(patient, open_course(patient), today, answers=answers(), **named)


def done(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Lead back after an act; in a row, say what became of it."""
    if not (row := row_of(request)):
        return redirect(way_back(request, patient))
    course = Course.objects.filter(patient=patient).order_by("-pk").first()
    context = {
        "row": row,
        "patient": patient,
        "said": [str(message) for message in messages.get_messages(request)],
        "now": timezone.now(),
        "course": course,
    }
    answer = render(request, "regimens/_settled.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Trigger"] = f"#row-{row}", "outerHTML", "settled"
    return answer


def show(
    request: HttpRequest, patient: Patient, today: date, template: str, *, form=None, status=0, **context
) -> HttpResponse:
    """Answer with a page about a patient, or with its part for a row; 422 where its form was refused."""
    status = status or (status_of(form) if form is not None else 200)
    if form is not None and form.is_bound:
        form.renew()
    about = banner.about(patient, today, request.user)
    back = way_back(request, patient)
    if row := row_of(request):
        context |= {"frame": "regimens/_in_place.html", "row": row, "level": 3}
        _send_from_the_row(request, form, row)
    return render(request, template, {**about, "form": form, "back": back, **context}, status=status)


def _send_from_the_row(request: HttpRequest, form, row: str) -> None:
    """Let the form be sent by htmx, and its controls have names that no other open row uses."""
    if form is None:
        return
    form.auto_id = f"{row}-%s"
    address = request.get_full_path()
    form.helper.form_action = address
    form.helper.attrs = {**form.helper.attrs, "data-hx-post": address, "data-hx-target": f"#in-{row}"}


def no_course(request: HttpRequest, patient: Patient, today: date, form=None) -> HttpResponse:
    """Say that there is no treatment to decide about, and how the last one ended; what was typed is shown."""
    ended = Course.objects.filter(patient__in=patient.record_keys).select_related("ended_by")
    last = ended.order_by("-ended_on").first()
    status = REFUSED if request.method == "POST" else 200
    return show(request, patient, today, "regimens/plan_no_course.html", form=form, status=status, last=last)
