"""Addresses of cases."""

from django.urls import path

from tongban.kernel.cases import views

app_name = "cases"
urlpatterns = [
    path("desk/cases/<slug:number>/", views.show_case, name="case"),
    path("desk/cases/<slug:number>/diagram.json", views.show_diagram, name="diagram"),
    path("desk/cases/<slug:number>/unmask/", views.unmask_case, name="unmask"),
    path("desk/cases/<slug:number>/actions/<slug:key>/", views.do_action, name="action"),
    path("desk/cases/<slug:number>/moves/<slug:key>/", views.move_page, name="move"),
    path("desk/delegations/", views.delegations, name="delegations"),
    path("desk/delegations/<int:delegation_id>/end/", views.end_delegation, name="end-delegation"),
    path("desk/hand-over/", views.hand_over, name="hand-over"),
    path("desk/tasks/<int:task_id>/claim/", views.claim, name="claim"),
    path("desk/tasks/<int:task_id>/release/", views.release, name="release"),
    path("desk/tasks/<int:task_id>/complete/", views.complete, name="complete"),
    path("desk/tasks/<int:task_id>/<slug:outcome>/", views.outcome_page, name="outcome"),
    path("progress/", views.progress_search, name="progress"),
    path("progress/<slug:number>/", views.track, name="track"),
    path("progress/<slug:number>/tasks/<int:task_id>/", views.party_task, name="party-task"),
    path("progress/<slug:number>/actions/<slug:key>/", views.party_action, name="party-action"),
]
