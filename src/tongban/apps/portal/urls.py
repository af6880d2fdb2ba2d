"""Addresses of portal."""

from django.urls import path

from tongban.apps.portal import views

app_name = "portal"
urlpatterns = [path("", views.home, name="home")]
