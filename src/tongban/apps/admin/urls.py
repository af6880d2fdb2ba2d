"""Addresses of the administration."""

from django.urls import path

from tongban.apps.admin.views import posts, units

app_name = "admin"
urlpatterns = [
    path("desk/admin/", units.list_units, name="units"),
    path("desk/admin/units/new/", units.found, name="found-unit"),
    path("desk/admin/units/<slug:code>/", units.show, name="unit"),
    path("desk/admin/units/<slug:code>/change/", units.change, name="change-unit"),
    path("desk/admin/units/<slug:code>/move/", units.move, name="move-unit"),
    path("desk/admin/units/<slug:code>/posts/new/", posts.found, name="found-post"),
    path("desk/admin/posts/<int:post_id>/", posts.show, name="post"),
    path("desk/admin/posts/<int:post_id>/change/", posts.change, name="change-post"),
    path("desk/admin/posts/<int:post_id>/abolish/", posts.abolish, name="abolish-post"),
    path("desk/admin/posts/<int:post_id>/appoint/", posts.appoint, name="appoint"),
    path("desk/admin/holdings/<int:holding_id>/end/", posts.end, name="end-holding"),
]
