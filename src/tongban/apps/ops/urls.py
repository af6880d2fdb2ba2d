"""Addresses of ops."""

from django.urls import path

from tongban.apps.ops import process_views, views

app_name = "ops"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics, name="metrics"),
    path("desk/incidents/", views.list_incidents, name="incidents"),
    path("desk/incidents/history/", views.show_history, name="history"),
    path("desk/incidents/retry/", views.retry_group, name="retry-group"),
    path("desk/incidents/<int:job_id>/", views.resolve, name="resolve"),
    path("desk/incidents/jobs/<int:job_id>/", views.repair_job, name="repair-job"),
    path("desk/incidents/of/<int:incident_id>/", views.show_incident, name="incident"),
    path("desk/incidents/papers/<uuid:paper_id>/", views.remake_paper, name="remake-paper"),
    path("desk/incidents/messages/<int:delivery_id>/", views.resend, name="resend"),
    path("desk/processes/", process_views.list_processes, name="processes"),
    path("desk/processes/<slug:key>/", process_views.show_process, name="process"),
    path("desk/processes/<slug:key>/file/", process_views.download_process, name="process-file"),
    path(
        "desk/processes/<slug:key>/<int:from_version>/<int:to_version>/",
        process_views.migrate_process,
        name="migrate",
    ),
]
