"""Addresses of ops."""

from django.urls import path

from tongban.apps.ops import views

app_name = "ops"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics, name="metrics"),
    path("desk/incidents/", views.list_incidents, name="incidents"),
    path("desk/incidents/<int:job_id>/", views.resolve, name="resolve"),
    path("desk/incidents/papers/<uuid:paper_id>/", views.remake_paper, name="remake-paper"),
    path("desk/incidents/messages/<int:delivery_id>/", views.resend, name="resend"),
]
