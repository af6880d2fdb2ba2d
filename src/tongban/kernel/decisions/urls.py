"""Addresses of decisions."""

from django.urls import path

from tongban.kernel.decisions import views

app_name = "decisions"
urlpatterns = [
    path("desk/rules/", views.list_rules, name="list"),
    path("desk/rules/expression/", views.try_expression, name="expression"),
    path("desk/rules/<slug:key>/", views.try_table, name="table"),
]
