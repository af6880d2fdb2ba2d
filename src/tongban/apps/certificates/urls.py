"""Addresses of certificates."""

from django.urls import path

from tongban.apps.certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/verify/", views.verify_form, name="verify-form"),
    path("certificates/verify/<slug:code>/", views.show_verified, name="verify"),
    path("certificates/<uuid:certificate_id>/pdf/", views.download, name="download"),
    path("my/certificates/", views.list_mine, name="mine"),
]
