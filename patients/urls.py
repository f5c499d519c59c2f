"""The addresses of the pages of patients."""

from django.urls import path

from patients.views import audit, contact, find

urlpatterns = [
    path("find/", find.find, name="find"),
    path("clinic/", find.choose_clinic, name="choose_clinic"),
    path("patients/<int:pk>/contact/", contact.edit_patient, name="edit_patient"),
    path("patients/<int:pk>/contact/consent/", contact.record_email_consent, name="record_email_consent"),
    path("patients/<int:pk>/contact/confirm/", contact.confirm_email, name="confirm_email"),
    path("audit/", audit.audit, name="audit"),
]
