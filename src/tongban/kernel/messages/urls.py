"""Addresses of messages."""

from django.urls import path

from tongban.kernel.messages import views

app_name = "messages"
urlpatterns = [
    path("my/messages/", views.inbox, name="list"),
    path("my/messages/read/", views.read_all, name="read-all"),
    path("my/messages/<uuid:message_id>/", views.message, name="message"),
]
