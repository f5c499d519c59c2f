"""The addresses of the pages of regimens."""

from django.urls import path

urlpatterns: list[path] = []
