"""Addresses of the ledger."""

from django.urls import path

from madang.yard.ledger.views import files, officer, public

urlpatterns = [
    path("money/", public.overview, name="ledger"),
    path("money/recompute/", officer.recompute, name="ledger_recompute"),
    path("money/entries/", public.entries, name="ledger_entries"),
    path("money/entries.csv", files.entries, name="ledger_entries_csv"),
    path("money/lines.csv", files.lines, name="ledger_lines_csv"),
    path("money/balances.csv", files.balances, name="ledger_balances_csv"),
    path("money/entries/<int:entry_id>/reverse/", officer.reverse_entry, name="ledger_reverse"),
    path("money/lines/<int:line_id>/", public.line, name="ledger_line"),
    path("money/lines/<int:line_id>/commit/", officer.commit, name="ledger_commit"),
    path("money/lines/<int:line_id>/spend/", officer.spend, name="ledger_spend"),
    path("money/lines/<int:line_id>/release/", officer.release, name="ledger_release"),
    path("money/<slug:place>/", public.place, name="ledger_place"),
]
