"""Addresses of the audit log, the runs and the jobs."""

from django.urls import path

from madang.yard.audit import views

urlpatterns = [
    path("audit/", views.overview, name="audit"),
    path("audit/head.json", views.head, name="audit_head"),
    path("audit/records/", views.records, name="audit_records"),
    path("audit/verify/", views.verify, name="audit_verify"),
    path("runs/", views.runs, name="runs"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("jobs/<str:job_id>/", views.job, name="job"),
    path("jobs/<str:job_id>/cancel/", views.cancel, name="job_cancel"),
]
