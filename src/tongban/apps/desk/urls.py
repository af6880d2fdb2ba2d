"""Addresses of the workbench."""

from django.urls import path

from tongban.apps.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/", views.show_list, {"view": "todo"}, name="inbox"),
    path("desk/search/", views.find_case, name="search"),
    path("desk/export/<slug:view>/", views.export_list, name="export"),
    path("desk/list/<slug:view>/", views.show_list, name="list"),
]
