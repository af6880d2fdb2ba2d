"""Addresses of the calendar."""

from django.urls import path

from tongban.kernel.calendars import views

app_name = "calendars"
urlpatterns = [
    path("desk/calendar/", views.show_year, name="year"),
    path("desk/calendar/import/", views.import_notice, name="import"),
    path("desk/calendar/days/<slug:day>/", views.edit_day, name="day"),
    path("desk/calendar/changes/<int:change_id>/", views.show_change, name="change"),
]
