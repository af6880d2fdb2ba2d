"""Addresses of services."""

from django.urls import path

from tongban.apps.services import views

app_name = "services"
urlpatterns = [
    path("services/", views.search, name="search"),
    path("services/notices/", views.list_notices, name="notices"),
    path("services/catalogue/", views.catalogue, name="catalogue"),
    path("desk/catalogue/", views.list_tables, name="tables"),
    path("desk/catalogue/<uuid:import_id>/", views.show_table, name="table"),
    path("desk/catalogue/<uuid:import_id>/let-in/", views.let_in, name="table-let-in"),
    path("desk/catalogue/<uuid:import_id>/rejected.csv", views.rejected_rows, name="table-rejected"),
    path("services/departments/", views.departments, name="departments"),
    path("services/limits/", views.limits, name="limits"),
    path("services/limits.csv", views.limits_file, name="limits-file"),
    path("services/items/<slug:key>/", views.show_item, name="item"),
    path("services/items/<slug:key>/apply/", views.apply, name="apply"),
    path("services/find/<slug:key>/", views.guide_question, name="guidance"),
    path("services/applications/<uuid:case_id>/", views.resume, name="resume"),
    path("services/applications/<uuid:case_id>/materials/", views.materials, name="materials"),
    path("services/applications/<uuid:case_id>/check/", views.check, name="check"),
    path("services/applications/<uuid:case_id>/form.pdf", views.form_file, name="form"),
    path("services/applications/<uuid:case_id>/sign/", views.sign, name="sign"),
    path("services/applications/<uuid:case_id>/sign/code/", views.mail_code, name="mail-code"),
    path("services/applications/<uuid:case_id>/submitted/", views.submitted, name="submitted"),
    path("services/applications/<uuid:case_id>/wrong/<slug:field>/", views.wrong_value, name="wrong"),
    path("services/applications/<uuid:case_id>/page/<slug:page>/", views.form_page, name="page"),
    path("services/items/<slug:key>/apply-for/", views.apply_for, name="apply-for"),
    path("services/applications/<uuid:case_id>/people/", views.people_page, name="people"),
    path("services/consents/<uuid:consent_id>/", views.answer_consent, name="consent"),
    path("desk/helping/", views.helping, name="helping"),
    path("desk/counter/", views.begin_at_counter, name="counter"),
    path("desk/counter/find/", views.find_result, name="counter-find"),
    path("desk/counter/agency/", views.end_agency_at_counter, name="counter-agency"),
    path("desk/counter/<uuid:case_id>/", views.counter_receipt, name="counter-receipt"),
    path("desk/counter/<uuid:case_id>/correction/", views.enter_correction, name="counter-correction"),
    path("desk/counter/hand-over/<slug:number>/", views.hand_over, name="hand-over"),
    path("services/rate/<slug:number>/", views.rate, name="rate"),
]
