"""Addresses of the vault."""

from django.urls import path

from tongban.apps.vault import views

app_name = "vault"
urlpatterns = [
    path("my/materials/", views.mine, name="mine"),
    path("my/materials/add/", views.add, name="add"),
    path("my/materials/<uuid:material_id>/", views.one, name="one"),
    path("my/materials/<uuid:material_id>/copy/", views.copy, name="copy"),
    path("my/materials/<uuid:material_id>/remove/", views.remove, name="remove"),
]
