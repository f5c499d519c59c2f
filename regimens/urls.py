"""The addresses of the pages of regimens."""

from django.urls import path

from regimens.views import (
    appointments,
    book,
    clinic,
    clinical,
    courses,
    decisions,
    follow_ups,
    injections,
    not_given,
    plans,
    requests,
)

urlpatterns = [
    path("appointments/", book.week, name="appointments"),
    path("appointments/month/", book.month, name="appointments_month"),
    path("appointments/day/", book.day, name="appointments_day"),
    path("appointments/not-booked/", book.not_booked, name="appointments_not_booked"),
    path("patients/<int:pk>/injections/new/", injections.record_injection, name="record_injection"),
    path("patients/<int:pk>/injections/given/", injections.record_given, name="record_given"),
    path("patients/<int:pk>/injections/<int:injection_pk>/", injections.injection, name="injection"),
    path(
        "patients/<int:pk>/injections/<int:injection_pk>/void/",
        injections.void_injection,
        name="void_injection",
    ),
    path("patients/<int:pk>/after/<int:follow_up_pk>/", follow_ups.follow_up, name="follow_up"),
    path("patients/<int:pk>/not-given/new/", not_given.record_not_given, name="record_not_given"),
    path("patients/<int:pk>/not-given/<int:row_pk>/", not_given.dose_not_given, name="not_given"),
    path("patients/<int:pk>/not-given/<int:row_pk>/void/", not_given.void_not_given, name="void_not_given"),
    path("patients/<int:pk>/appointments/new/", appointments.book_appointment, name="book_appointment"),
    path(
        "patients/<int:pk>/appointments/<int:appointment_pk>/move/",
        appointments.move_appointment,
        name="move_appointment",
    ),
    path(
        "patients/<int:pk>/appointments/<int:appointment_pk>/missed/",
        appointments.record_no_show,
        name="record_no_show",
    ),
    path(
        "patients/<int:pk>/appointments/<int:appointment_pk>/cancel/",
        appointments.cancel_appointment,
        name="cancel_appointment",
    ),
    path("patients/<int:pk>/ask/", requests.ask_physician, name="ask_physician"),
    # The physician's acts
    path("patients/<int:pk>/plan/new/", plans.propose_plan, name="propose_plan"),
    path("patients/<int:pk>/plan/sign/", plans.sign_plan, name="sign_plan"),
    path("patients/<int:pk>/plan/withdraw/", plans.withdraw_proposal, name="withdraw_proposal"),
    path("patients/<int:pk>/interval/", plans.change_interval, name="change_interval"),
    path("patients/<int:pk>/pause/", courses.pause_course, name="pause_course"),
    path("patients/<int:pk>/resume/", courses.resume_course, name="resume_course"),
    path("patients/<int:pk>/stop/", courses.stop_course, name="stop_course"),
    path("patients/<int:pk>/oral/", courses.confirm_oral, name="confirm_oral"),
    path("patients/<int:pk>/transfer/", courses.transfer_out, name="transfer_out"),
    path("patients/<int:pk>/transfer/confirm/", courses.confirm_handover, name="confirm_handover"),
    path("patients/<int:pk>/death/", courses.record_death, name="record_death"),
    path("patients/<int:pk>/death/reverse/", courses.reverse_death, name="reverse_death"),
    path("patients/<int:pk>/review/", decisions.record_review, name="record_review"),
    path("patients/<int:pk>/labs/waive/", decisions.waive_lab_check, name="waive_lab_check"),
    path("patients/<int:pk>/authorise/", decisions.authorise_dose, name="authorise_dose"),
    path("patients/<int:pk>/requests/<int:request_pk>/", decisions.settle_request, name="settle_request"),
    path(
        "patients/<int:pk>/incidents/<int:injection_pk>/", decisions.decide_incident, name="decide_incident"
    ),
    path("patients/<int:pk>/passed/<slug:code>/", decisions.decide_passed_date, name="decide_passed_date"),
    path("patients/<int:pk>/results/<int:result_pk>/review/", decisions.review_result, name="review_result"),
    path("clinic/settings/", clinic.clinic_settings, name="clinic_settings"),
    path("clinic/closures/<int:pk>/remove/", clinic.remove_closure, name="remove_closure"),
    path("clinic/holidays/<int:year>/", clinic.add_holidays, name="add_holidays"),
    path("patients/<int:pk>/facts/", clinical.patient_facts, name="patient_facts"),
    path("patients/<int:pk>/results/", clinical.record_results, name="record_results"),
    path("patients/<int:pk>/results/<int:result_pk>/void/", clinical.void_result, name="void_result"),
    path("patients/<int:pk>/symptoms/", clinical.record_symptoms, name="record_symptoms"),
]
