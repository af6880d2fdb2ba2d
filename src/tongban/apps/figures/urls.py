"""Addresses of figures."""

from django.urls import path

from tongban.apps.figures import public, views

app_name = "figures"
urlpatterns = [
    path("figures/", public.show, name="public"),
    path("figures/<str:period>/<str:table>.<str:form>", public.download, name="download"),
    path("desk/overview/", views.show_overview, name="overview"),
    path("desk/overview/list/<str:measure>/", views.show_list, name="list"),
]
