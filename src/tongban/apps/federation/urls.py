"""Addresses of federation."""

from django.urls import path

from tongban.apps.federation.views import provider, systems

app_name = "federation"
urlpatterns = [
    path(".well-known/openid-configuration", provider.discovery, name="discovery"),
    path("oidc/keys", provider.jwks, name="jwks"),
    path("oidc/authorize", provider.authorize, name="authorize"),
    path("oidc/token", provider.token, name="token"),
    path("oidc/userinfo", provider.userinfo, name="userinfo"),
    path("oidc/revoke", provider.revoke, name="revoke"),
    path("oidc/sign-out", provider.sign_out, name="sign-out"),
    path("account/systems/", provider.mine, name="mine"),
    path("account/systems/<int:system_id>/end/", provider.end_mine, name="end-mine"),
    path("desk/admin/systems/", systems.list_systems, name="systems"),
    path("desk/admin/systems/new/", systems.register, name="register"),
    path("desk/admin/systems/<slug:client_id>/", systems.show, name="system"),
    path("desk/admin/systems/<slug:client_id>/change/", systems.change, name="change"),
    path("desk/admin/systems/<slug:client_id>/secret/", systems.renew_secret, name="secret"),
    path("desk/admin/systems/<slug:client_id>/switch/", systems.switch, name="switch"),
]
