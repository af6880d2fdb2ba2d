"""Addresses of myspace."""

from django.urls import URLPattern

app_name = "myspace"
urlpatterns: list[URLPattern] = []
