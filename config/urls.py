"""The address of every page."""

from allauth.account import views as account
from django.urls import include, path

from config.health import healthz, readyz

# Only these pages of the account library are open; everything else about accounts is the manager's.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include(accounts)),
    path("", include("monitoring.urls")),
    path("", include("patients.urls")),
    path("", include("regimens.urls")),
]

handler500 = "config.errors.server_error"
