"""The addresses of the product and one more: a page of the clinic at hand with nothing in it, to measure others by."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from config.urls import handler500, urlpatterns
from patients.gate import clinic_page

__all__ = ["handler500", "urlpatterns"]

EMPTY = engines["django"].from_string(
    '{% extends "base.html" %}{% block title %}Nothing · B12 Clinic{% endblock %}{% block content %}{% endblock %}'
)


@clinic_page("monitoring.see_worklist")
def nothing(request):
    """The frame of every page around an empty body: the same session, clinic, navigation and health."""
    return HttpResponse(EMPTY.render({}, request))


urlpatterns = [*urlpatterns, path("nothing/", nothing, name="nothing")]
