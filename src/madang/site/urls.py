"""Every address of the site, one line a part."""

from django.urls import include, path

urlpatterns = [
    path("", include("madang.plaza.urls")),
    path("", include("madang.ui.urls")),
    path("", include("madang.yard.places.urls")),
]

handler404 = "madang.ui.problems.not_found"
handler500 = "madang.ui.problems.server_error"
