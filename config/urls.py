"""The address of every page."""

from django.urls import include, path

from config.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
]

handler500 = "config.errors.server_error"
