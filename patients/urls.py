"""The addresses of the pages of patients."""

from django.urls import path

urlpatterns: list[path] = []
