"""Addresses of the agenda."""

from django.urls import path

from madang.rooms.autonomy.views import agenda, desk, open311, report

urlpatterns = [
    path("report/", report.report, name="report"),
    path("report/map.svg", report.report_map, name="report_map"),
    path("report/done/<str:receipt>/", report.report_done, name="report_done"),
    path("track/", report.track, name="track"),
    path("track/<str:receipt>/", report.track_issue, name="track_issue"),
    path("track/<str:receipt>/photo/", report.track_photo, name="track_photo"),
    path("agenda/", agenda.agenda, name="agenda"),
    path("agenda.csv", agenda.agenda_csv, name="agenda_csv"),
    path("desk/", desk.desk, name="desk"),
    path("desk/reports/<int:issue_id>/", desk.desk_issue, name="desk_issue"),
    path("desk/reports/<int:issue_id>/photo/", desk.desk_photo, name="desk_photo"),
    path("desk/signals/<int:signal_id>/", desk.desk_signal, name="desk_signal"),
    path("desk/items/<int:item_id>/", desk.desk_item, name="desk_item"),
    path("open311/discovery.<str:form>", open311.discovery, name="open311_discovery"),
    path("open311/v2/services.<str:form>", open311.services, name="open311_services"),
    path("open311/v2/services/<slug:code>.<str:form>", open311.service, name="open311_service"),
    path("open311/v2/requests.<str:form>", open311.requests, name="open311_requests"),
    path("open311/v2/requests/<str:request_id>.<str:form>", open311.request_one, name="open311_request"),
    path("open311/v2/tokens/<str:token>.<str:form>", open311.token, name="open311_token"),
]
