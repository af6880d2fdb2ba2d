"""Addresses of my space."""

from django.urls import path

from tongban.apps.myspace import views

app_name = "myspace"
urlpatterns = [
    path("my/", views.home, name="home"),
    path("my/cases/<slug:number>/", views.open_case, name="case"),
    path("my/reads/", views.reads, name="reads"),
]
