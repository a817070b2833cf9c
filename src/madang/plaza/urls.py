"""Addresses of the plaza."""

from django.urls import path

from madang.plaza import api
from madang.plaza.views import delivery, dongs, home, matters, pledges, results, search, texts

urlpatterns = [
    path("", home.home, name="home"),
    path("dongs/", dongs.dongs, name="dongs"),
    path("dongs.csv", dongs.dongs_csv, name="dongs_csv"),
    path("dongs/<slug:code>/", dongs.dong, name="dong"),
    path("agenda/<int:item_id>/", matters.agenda_item, name="agenda_item"),
    path("desk/items/<int:item_id>/fund/", delivery.fund, name="item_fund"),
    path("desk/projects/<int:project_id>/", delivery.deliver, name="project_deliver"),
    path("pledges/", pledges.pledges, name="pledges"),
    path("pledges.csv", pledges.pledges_csv, name="pledges_csv"),
    path("pledges/<slug:code>/", pledges.pledge, name="pledge"),
    path("polls/<slug:code>/result/", results.result, name="poll_result"),
    path("polls/<slug:code>/fund/", results.fund, name="poll_fund"),
    path("search/", search.search, name="search"),
    path("about/", texts.about, name="about"),
    path("privacy/", texts.privacy, name="privacy"),
    path("accessibility/", texts.accessibility, name="accessibility"),
    path("api/", api.reference, name="api"),
    path("api/v1/", api.api.urls),
]
