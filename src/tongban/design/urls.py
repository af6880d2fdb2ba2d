"""Addresses of the design system."""

from django.urls import path

from tongban.design import views

app_name = "design"
urlpatterns = [
    path("design/", views.gallery, name="gallery"),
    path("language/<slug:code>/", views.language, name="language"),
    path("display/<slug:edition>/", views.display, name="display"),
]
