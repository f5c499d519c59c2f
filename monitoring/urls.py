"""The addresses of the pages of monitoring."""

from django.urls import path

from monitoring.views import (
    blood_tests,
    calls,
    changes,
    dashboard,
    decisions,
    messages,
    paper,
    patient,
    protocol,
    today,
)

urlpatterns: list[path] = [
    path("", today.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/calls/", today.today_calls, name="today_calls"),
    path("today/<int:pk>/", today.today_row, name="today_row"),
    path("today/sheet/", paper.print_day, name="print_day"),
    path("patients/<int:pk>/", patient.patient, name="patient"),
    path("patients/<int:pk>/plan/sign/", changes.sign_plan, name="sign_plan"),
    path("patients/<int:pk>/interval/", changes.change_interval, name="change_interval"),
    path("patients/<int:pk>/card/", paper.appointment_card, name="appointment_card"),
    path("patients/<int:pk>/card/email/", paper.email_card, name="email_card"),
    path("patients/<int:pk>/summary/", paper.transfer_summary, name="transfer_summary"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<slug:word>/", dashboard.dashboard_list, name="dashboard_list"),
    path("dashboard/doses/<int:year>/<int:month>/", dashboard.dashboard_doses, name="dashboard_doses"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("blood-tests/", blood_tests.blood_tests_page, name="blood_tests"),
    path("decisions/counts/", decisions.decisions_counts, name="decisions_counts"),
    path("decisions/put-off/", decisions.decisions_put_off, name="decisions_put_off"),
    path("decisions/lately/", decisions.decisions_lately, name="decisions_lately"),
    path("messages/", messages.messages, name="messages"),
    path("calls/", calls.calls, name="calls"),
    path("patients/<int:pk>/calls/new/", calls.record_call, name="record_call"),
    path("patients/<int:pk>/calls/ask/", calls.ask_call, name="ask_call"),
    path("patients/<int:pk>/calls/<int:call_pk>/", calls.call, name="call"),
    path("patients/<int:pk>/calls/<int:call_pk>/void/", calls.void_call, name="void_call"),
    path("patients/<int:pk>/calls/asked/<int:asked_pk>/void/", calls.void_asked_call, name="void_asked_call"),
    path("protocol/", protocol.protocol, name="protocol"),
]
