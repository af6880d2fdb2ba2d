"""Addresses of fees."""

from django.urls import path

from tongban.apps.fees import views

app_name = "fees"
urlpatterns = [
    path("my/fees/", views.list_mine, name="mine"),
    path("fees/<uuid:charge_id>/", views.show_charge, name="charge"),
    path("fees/<uuid:charge_id>/pay/", views.pay, name="pay"),
    path("fees/payments/<slug:number>/", views.show_payment, name="payment"),
    path("fees/payments/<slug:number>/check/", views.check_payment, name="check"),
    path("demo-bank/<slug:number>/", views.bank, name="bank"),
    path("desk/fees/", views.desk_list, name="desk"),
    path("desk/fees/charges/<uuid:charge_id>/", views.desk_charge, name="desk-charge"),
    path("desk/fees/payments/<slug:number>/refund/", views.propose, name="propose"),
    path("desk/fees/refunds/", views.refunds, name="refunds"),
    path("desk/fees/refunds/<uuid:refund_id>/", views.refund, name="refund"),
    path("desk/fees/days/", views.days, name="days"),
    path("desk/fees/days/<slug:provider>/<slug:day>/", views.show_day, name="day"),
    path("desk/fees/days/<slug:provider>/<slug:day>/differences.csv", views.day_csv, name="day-csv"),
    path("desk/fees/differences/<int:difference_id>/", views.settle, name="settle"),
]
