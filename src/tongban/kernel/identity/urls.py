"""Addresses of identity."""

from django.urls import path

from tongban.kernel.identity import account_views, factor_views, views

app_name = "identity"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/second/", factor_views.second, name="second"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("switch-post/", views.switch_post, name="switch-post"),
    path("act-for/", views.act_for, name="act-for"),
    path("invitation/<str:secret>/", account_views.accept, name="invitation"),
    path("account/", account_views.account, name="account"),
    path("account/password/", account_views.password, name="password"),
    path("account/factors/", factor_views.list_factors, name="factors"),
    path("account/step-up/", factor_views.step_up, name="step-up"),
    path("account/factors/app/", factor_views.add_app, name="add-app"),
    path("account/factors/key/", factor_views.add_key, name="add-key"),
    path("account/factors/codes/", factor_views.new_codes, name="new-codes"),
    path("account/factors/<int:factor_id>/remove/", factor_views.remove, name="remove-factor"),
    path("account/sessions/<int:presence_id>/end/", account_views.end_session, name="end-session"),
]
