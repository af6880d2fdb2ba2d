"""Addresses of the ledger, all public."""

from django.urls import path

from tongban.kernel.ledger import views

app_name = "ledger"
urlpatterns = [
    path("ledger/", views.home, name="home"),
    path("ledger/roots", views.roots, name="roots"),
    path("ledger/proof/<int:act_id>/", views.proof, name="proof"),
    path("ledger/proof/<int:act_id>.json", views.proof_file, name="proof-file"),
]
