"""Addresses of oversight."""

from django.urls import path

from tongban.apps.oversight import views

app_name = "oversight"
urlpatterns = [
    path("oversight/", views.show_extract, name="extract"),
    path("oversight/<str:month>.csv", views.extract_csv, name="extract-csv"),
    path("oversight/<str:month>.json", views.extract_json, name="extract-json"),
    path("desk/oversight/", views.show_cards, name="cards"),
    path("desk/oversight/export/", views.export, name="export"),
    path("desk/oversight/rules/", views.show_rules, name="rules"),
    path("desk/oversight/late/", views.show_late, name="late"),
    path("desk/oversight/inspect/", views.inspect, name="inspect"),
    path("desk/oversight/cards/<str:number>/", views.open_card, name="card"),
    path("desk/oversight/cards/<str:number>/evidence/", views.add_evidence, name="evidence"),
]
