"""Addresses of docking."""

from django.urls import path

from tongban.apps.docking import views

app_name = "docking"
urlpatterns = [
    path("desk/docking/", views.home, name="home"),
    path("desk/docking/new/", views.new, name="new"),
    path("desk/docking/records/<int:record_id>/", views.show_record, name="record"),
    path("desk/docking/records/<int:record_id>/repair/", views.repair, name="repair"),
    path("desk/docking/<slug:key>/", views.show_destination, name="destination"),
    path("desk/docking/<slug:key>/edit/", views.edit, name="edit"),
    path("desk/docking/<slug:key>/switch/", views.switch_destination, name="switch"),
    path("desk/docking/<slug:key>/resend/", views.resend_state, name="resend"),
    path("desk/docking/<slug:key>/items/", views.items, name="items"),
    path("desk/docking/<slug:key>/days/", views.show_days, name="days"),
    path("desk/docking/<slug:key>/days/<str:day>/", views.show_day, name="day"),
]
