"""Addresses of voice."""

from django.urls import path

from tongban.apps.voice import views

app_name = "voice"
urlpatterns = [
    path("letters/", views.letters, name="letters"),
    path("letters/write/", views.write, name="write"),
    path("letters/sent/", views.sent, name="sent"),
    path("letters/<slug:number>/", views.letter, name="letter"),
]
