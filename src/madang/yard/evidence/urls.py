"""Addresses of the evidence and of the open data."""

from django.urls import include, path, re_path

from madang.yard.evidence.views import documents, indicators, open_data, signals

_pages = [
    path("evidence/", indicators.indicators, name="indicators"),
    path("evidence/signals/", signals.signals, name="signals"),
    path("evidence/signals.csv", signals.signals_csv, name="signals_csv"),
    path("evidence/signals/<int:key>/", signals.signal, name="signal"),
    path("evidence/signals/<int:key>/move/", signals.move, name="signal_move"),
    path("evidence/documents/", documents.documents, name="documents"),
    path("evidence/documents/new/", documents.document_new, name="document_new"),
    path("evidence/documents/<slug:sha256>/", documents.document, name="document"),
    path("evidence/documents/<slug:sha256>/file/", documents.document_download, name="document_download"),
    path("evidence/<str:code>.csv", indicators.indicator_csv, name="indicator_csv"),
    path("evidence/<str:code>/", indicators.indicator, name="indicator"),
    path("open/", open_data.overview, name="open"),
    path("open/publish/", open_data.publish, name="publish"),
    re_path(r"^open/(?P<dataset>[a-z-]+)\.(?P<media>csv|json|parquet|html)$", open_data.download, name="download"),
]

urlpatterns = [
    path("evidence/", indicators.indicators, name="evidence"),
    path("", include((_pages, "evidence"))),
]
