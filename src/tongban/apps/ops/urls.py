"""Addresses of ops."""

from django.urls import path

from tongban.apps.ops import views

app_name = "ops"
urlpatterns = [path("healthz", views.healthz, name="healthz")]
