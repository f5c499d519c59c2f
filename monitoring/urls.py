"""The addresses of the pages of monitoring."""

from django.urls import path

from monitoring.views import dashboard, decisions, messages, paper, patient, protocol, today

urlpatterns: list[path] = [
    path("", today.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/sheet/", paper.print_day, name="print_day"),
    path("patients/<int:pk>/", patient.patient, name="patient"),
    path("patients/<int:pk>/card/", paper.appointment_card, name="appointment_card"),
    path("patients/<int:pk>/summary/", paper.transfer_summary, name="transfer_summary"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<slug:word>/", dashboard.dashboard_list, name="dashboard_list"),
    path("dashboard/doses/<int:year>/<int:month>/", dashboard.dashboard_doses, name="dashboard_doses"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:pk>/call/", messages.message_call, name="message_call"),
    path("protocol/", protocol.protocol, name="protocol"),
]
