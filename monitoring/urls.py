"""The addresses of the pages of monitoring."""

from django.urls import path

urlpatterns: list[path] = []
