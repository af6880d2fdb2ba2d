"""Addresses of the design system."""

from django.urls import path

from tongban.design import views

app_name = "design"
urlpatterns = [
    path("favicon.ico", views.favicon, name="favicon"),
    path("design/", views.gallery, name="gallery"),
    path("language/<slug:code>/", views.language, name="language"),
    path("display/<slug:edition>/", views.display, name="display"),
]
