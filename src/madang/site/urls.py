"""Every address of the site, one line a part."""

from django.urls import include, path

urlpatterns = [
    path("", include("madang.plaza.urls")),
    path("", include("madang.rooms.autonomy.urls")),
    path("", include("madang.rooms.care.urls")),
    path("", include("madang.rooms.health.urls")),
    path("", include("madang.rooms.climate.urls")),
    path("", include("madang.ui.urls")),
    path("", include("madang.yard.audit.urls")),
    path("", include("madang.yard.places.urls")),
    path("", include("madang.yard.ledger.urls")),
    path("", include("madang.yard.evidence.urls")),
    path("", include("madang.yard.people.urls")),
]

handler404 = "madang.ui.problems.not_found"
handler429 = "madang.yard.people.lockout.too_many"
handler500 = "madang.ui.problems.server_error"
