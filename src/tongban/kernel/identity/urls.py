"""Addresses of identity."""

from django.urls import path

from tongban.kernel.identity import views

app_name = "identity"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("switch-post/", views.switch_post, name="switch-post"),
    path("act-for/", views.act_for, name="act-for"),
]
