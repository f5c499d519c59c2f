"""The addresses of the pages of monitoring."""

from django.urls import path

from monitoring.views import patient, today

urlpatterns: list[path] = [
    path("", today.home, name="home"),
    path("today/", today.today, name="today"),
    path("patients/<int:pk>/", patient.patient, name="patient"),
]
