"""Addresses of studio."""

from django.urls import path

from tongban.apps.studio.views import changes, editing, home

app_name = "studio"
PART = "desk/studio/changes/<str:number>/<slug:kind>/<str:key>/"
urlpatterns = [
    path("desk/studio/", home.show_home, name="home"),
    path("desk/studio/condition/", editing.try_condition, name="condition"),
    path("desk/studio/changes/<str:number>/", changes.show_change, name="change"),
    path("desk/studio/changes/<str:number>/do/", changes.act_on_change, name="act"),
    path("desk/studio/changes/<str:number>/add/", changes.add_to_change, name="add"),
    path(PART, editing.edit_draft, name="editor"),
    path(f"{PART}content/", editing.content_of_draft, name="content"),
    path(f"{PART}check/", editing.check_draft, name="check"),
    path(f"{PART}page/<slug:page>/", editing.editor_page, name="editor-page"),
    path("desk/studio/<slug:kind>/", home.list_kind, name="kind"),
    path("desk/studio/<slug:kind>/new/", home.new_thing, name="new"),
    path("desk/studio/<slug:kind>/of/<str:key>/", home.show_thing, name="thing"),
    path("desk/studio/<slug:kind>/of/<str:key>/compare/", home.compare_versions, name="compare"),
    path("desk/studio/<slug:kind>/of/<str:key>/change/", home.start_change, name="start"),
    path("desk/studio/<slug:kind>/of/<str:key>/copy/", home.copy_thing, name="copy"),
]
