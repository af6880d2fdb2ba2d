"""Addresses of federation."""

from django.urls import path

from tongban.apps.federation.views import checking, provider, province, provisioners, scim, systems

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
    path("account/links/<int:link_id>/end/", province.unlink, name="unlink"),
    path("sign-in/with/<slug:key>/", province.go, name="go"),
    path("sign-in/with/<slug:key>/back/", province.back, name="back"),
    path("sign-in/with/<slug:key>/first/", province.first_time, name="first-time"),
    path("scim/v2/ServiceProviderConfig", scim.config, name="scim-config"),
    path("scim/v2/ResourceTypes", scim.resource_types, name="scim-types"),
    path("scim/v2/ResourceTypes/<str:key>", scim.resource_type, name="scim-type"),
    path("scim/v2/Schemas", scim.schema_list, name="scim-schemas"),
    path("scim/v2/Schemas/<str:key>", scim.schema, name="scim-schema"),
    path("scim/v2/Users", scim.users, name="scim-users"),
    path("scim/v2/Users/<str:key>", scim.user, name="scim-user"),
    path("scim/v2/Groups", scim.groups, name="scim-groups"),
    path("scim/v2/Groups/<str:key>", scim.group, name="scim-group"),
    path("desk/identity-check/", checking.check, name="check"),
    path("desk/admin/systems/", systems.list_systems, name="systems"),
    path("desk/admin/systems/new/", systems.register, name="register"),
    path("desk/admin/systems/programs/", provisioners.list_programs, name="programs"),
    path("desk/admin/systems/programs/new/", provisioners.register_program, name="register-program"),
    path(
        "desk/admin/systems/programs/<slug:key>/switch/", provisioners.switch_program, name="switch-program"
    ),
    path("desk/admin/systems/in/", province.list_provinces, name="provinces"),
    path("desk/admin/systems/in/new/", province.edit, name="new-province"),
    path("desk/admin/systems/in/<slug:key>/", province.edit, name="province"),
    path("desk/admin/systems/<slug:client_id>/", systems.show, name="system"),
    path("desk/admin/systems/<slug:client_id>/change/", systems.change, name="change"),
    path("desk/admin/systems/<slug:client_id>/secret/", systems.renew_secret, name="secret"),
    path("desk/admin/systems/<slug:client_id>/switch/", systems.switch, name="switch"),
]
