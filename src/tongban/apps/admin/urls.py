"""Addresses of the administration."""

from django.urls import path

from tongban.apps.admin.views import access, mandates, people, posts, units

app_name = "admin"
urlpatterns = [
    path("desk/admin/", units.list_units, name="units"),
    path("desk/admin/units/new/", units.found, name="found-unit"),
    path("desk/admin/units/<slug:code>/", units.show, name="unit"),
    path("desk/admin/units/<slug:code>/change/", units.change, name="change-unit"),
    path("desk/admin/units/<slug:code>/move/", units.move, name="move-unit"),
    path("desk/admin/units/<slug:code>/merge/", units.merge, name="merge-unit"),
    path("desk/admin/units/<slug:code>/posts/new/", posts.found, name="found-post"),
    path("desk/admin/posts/<int:post_id>/", posts.show, name="post"),
    path("desk/admin/posts/<int:post_id>/change/", posts.change, name="change-post"),
    path("desk/admin/posts/<int:post_id>/abolish/", posts.abolish, name="abolish-post"),
    path("desk/admin/posts/<int:post_id>/appoint/", posts.appoint, name="appoint"),
    path("desk/admin/holdings/<int:holding_id>/end/", posts.end, name="end-holding"),
    path("desk/admin/people/", people.list_people, name="people"),
    path("desk/admin/people/new/", people.open_account, name="open-account"),
    path("desk/admin/people/<uuid:person_id>/", people.show, name="person"),
    path("desk/admin/people/<uuid:person_id>/change/", people.change, name="change-person"),
    path("desk/admin/people/<uuid:person_id>/invite/", people.invite, name="invite"),
    path("desk/admin/people/<uuid:person_id>/close/", people.close, name="close-account"),
    path("desk/admin/people/<uuid:person_id>/reopen/", people.reopen, name="reopen-account"),
    path("desk/admin/people/<uuid:person_id>/reset/", people.reset, name="reset-factors"),
    path("desk/admin/mandates/", mandates.find, name="entities"),
    path("desk/admin/mandates/of/<uuid:entity_id>/", mandates.show, name="entity"),
    path("desk/admin/mandates/of/<uuid:entity_id>/give/", mandates.give, name="give-mandate"),
    path("desk/admin/mandates/<int:mandate_id>/end/", mandates.end, name="end-mandate"),
    path("desk/admin/administrators/", access.administrators, name="administrators"),
    path("desk/admin/delegations/", access.delegations, name="delegations"),
    path("desk/admin/delegations/<int:delegation_id>/end/", access.end_delegation, name="end-delegation"),
    path("desk/admin/sessions/", access.sessions, name="sessions"),
    path("desk/admin/sessions/<int:presence_id>/end/", access.end_session, name="end-session"),
    path("desk/admin/sign-in/", access.rules, name="rules"),
    path("desk/admin/sign-in/unlock/", access.unlock, name="unlock"),
    path("desk/admin/sign-in/factor/", access.put_factor_rule, name="put-factor-rule"),
    path("desk/admin/sign-in/factor/<int:rule_id>/end/", access.end_factor_rule, name="end-factor-rule"),
]
