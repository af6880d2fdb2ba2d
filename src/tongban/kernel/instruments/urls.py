"""Addresses of instruments."""

from django.urls import path

from tongban.kernel.instruments import views

app_name = "instruments"
urlpatterns = [
    path("papers/verify/", views.verify_form, name="verify-form"),
    path("papers/verify/<slug:code>/", views.verify, name="verify"),
    path("papers/<uuid:paper_id>/", views.paper, name="paper"),
]
