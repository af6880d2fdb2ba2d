"""Addresses of the audit."""

from django.urls import path

from tongban.apps.audit import views

app_name = "audit"
urlpatterns = [
    path("desk/audit/", views.show_acts, name="search"),
    path("desk/audit/find/", views.find, name="find"),
    path("desk/audit/export/", views.export, name="export"),
]
