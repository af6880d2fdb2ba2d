"""Addresses of certificates."""

from django.urls import path

from tongban.apps.certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/keys.json", views.keys, name="keys"),
    path("certificates/verify/", views.verify_form, name="verify-form"),
    path("certificates/verify/offline/", views.verify_offline, name="verify-offline"),
    path("certificates/verify/<slug:code>/", views.show_verified, name="verify"),
    path("certificates/<uuid:certificate_id>/pdf/", views.download, name="download"),
    path("my/certificates/", views.list_mine, name="mine"),
    path("my/certificates/<uuid:certificate_id>/", views.show_mine, name="mine-one"),
    path("my/certificates/<uuid:certificate_id>/copy/", views.copy, name="copy"),
    path("my/certificates/copies/<uuid:copy_id>/pdf/", views.download_copy, name="copy-pdf"),
    path("my/certificates/copies/<uuid:copy_id>/end/", views.end_copy, name="copy-end"),
    path("desk/certificates/", views.desk_list, name="desk"),
    path("desk/certificates/<uuid:certificate_id>/", views.desk_one, name="desk-one"),
    path("desk/certificates/<uuid:certificate_id>/<slug:act>/", views.desk_act, name="desk-act"),
]
