"""What the pages of a physician's acts share: today, the banner, the way back, and the day of an act."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from patients import banner
from patients.acting import REFUSED, act, status_of
from patients.models import Patient
from regimens.models import Course, Plan

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


def way_back(request: HttpRequest, patient: Patient) -> str:
    """Give where the person came from: the list of decisions or of blood tests, else the patient's page."""
    came_from = request.GET.get("from")
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


def done(request: HttpRequest, patient: Patient) -> HttpResponseRedirect:
    """Lead back after an act."""
    return redirect(way_back(request, patient))


def show(
    request: HttpRequest, patient: Patient, today: date, template: str, *, form=None, status=0, **context
) -> HttpResponse:
    """Answer with a page about a patient; 422 where its form was refused."""
    status = status or (status_of(form) if form is not None else 200)
    if form is not None and form.is_bound:
        form.renew()
    about = banner.about(patient, today, request.user)
    back = way_back(request, patient)
    return render(request, template, {**about, "form": form, "back": back, **context}, status=status)


def no_course(request: HttpRequest, patient: Patient, today: date) -> HttpResponse:
    """Say that there is no treatment to decide about, and how the last one ended."""
    ended = Course.objects.filter(patient__in=patient.record_keys).select_related("ended_by")
    last = ended.order_by("-ended_on").first()
    status = REFUSED if request.method == "POST" else 200
    return show(request, patient, today, "regimens/plan_no_course.html", status=status, last=last)
