"""Reporting a problem and tracking it, without an account and without JavaScript."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import DomainError
from madang.rooms.autonomy.bridge import place_on_map, point_on_map
from madang.rooms.autonomy.forms import ReportForm, TrackForm
from madang.rooms.autonomy.models import Channel
from madang.rooms.autonomy.selectors import issue_by_receipt, issue_timeline
from madang.rooms.autonomy.services import IssueDraft, KeptPhoto, issue_report, photo_bytes, photo_keep, photo_kept
from madang.ui.maps import Shape, labels_apart, picked
from madang.yard.people.selectors import request_actor
from madang.yard.places.models import District
from madang.yard.places.selectors import district_current, dong_at, dongs_of

PICKER_WIDTH = 300
_MARKER_RADIUS = 0.022


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report in."""
    district = district_current()
    dongs = dongs_of(district)
    if request.method != "POST":
        form = ReportForm(dongs=dongs, initial={"key": uuid4().hex, "dong": request.GET.get("dong", "")})
        return _form_page(request, district, form, None)
    form = ReportForm(request.POST, request.FILES, dongs=dongs)
    photo = _photo(request, form)
    if "map.x" in request.POST or "forget" in request.POST:
        return _form_page(request, district, _with_place(request, form, district, photo), photo)
    if form.is_valid():
        try:
            issue = issue_report(request_actor(request), _draft(form, photo))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("report_done", issue.receipt)
    if photo is not None:
        data = request.POST.copy()
        data["kept_photo"] = photo.token
        form.data = data
    return _form_page(request, district, form, photo)


def _photo(request: HttpRequest, form: ReportForm) -> KeptPhoto | None:
    """Return the photo that came along or came before; what is wrong with it stands at its field."""
    if "forget" in request.POST:
        return None
    file = request.FILES.get("photo")
    if file is not None and file.size:
        try:
            return photo_keep(file.read(), file.name or "")
        except DomainError as error:
            form.add_error("photo", str(error))
    return photo_kept(request.POST.get("kept_photo", ""))


def _with_place(request: HttpRequest, form: ReportForm, district: District, photo: KeptPhoto | None) -> ReportForm:
    """Return the form as it was filled in, unjudged, with the place that was pressed."""
    filled = {name: request.POST.get(name, "") for name in form.fields if name != "photo"}
    filled["kept_photo"] = photo.token if photo else ""
    view = (0.0, 0.0, float(district.map_width), float(district.map_height))
    point = picked(request.POST, "map", view, PICKER_WIDTH)
    if point is not None:
        lon, lat = point_on_map(district, *point)
        dong = dong_at(lon, lat)
        filled |= {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "dong": dong.code} if dong else {"lon": "", "lat": ""}
    return ReportForm(dongs=dongs_of(district), initial=filled)


def _draft(form: ReportForm, photo: KeptPhoto | None) -> IssueDraft:
    data = form.cleaned_data
    lon, lat = data["lon"], data["lat"]
    # The list has the last word: a point in another dong than the chosen one was pressed before the choice changed.
    if lon is not None and lat is not None:
        pressed = dong_at(lon, lat)
        if pressed is None or pressed.code != data["dong"]:
            lon = lat = None
    return IssueDraft(
        key=data["key"], text=data["text"], category=data["category"], dong=data["dong"], lon=lon, lat=lat,
        photo=photo, channel=Channel.PAGE.value,
    )  # fmt: skip


def _form_page(request: HttpRequest, district: District, form: ReportForm, photo: KeptPhoto | None) -> HttpResponse:
    lon, lat = form["lon"].value(), form["lat"].value()
    context = {
        "form": form,
        "photo": photo,
        "has_point": bool(lon and lat),
        "lon": lon or "",
        "lat": lat or "",
        "missed": "map.x" in request.POST and not (lon and lat),
        "picker_width": PICKER_WIDTH,
        "picker_height": round(PICKER_WIDTH * district.map_height / district.map_width),
    }
    response = render(request, "autonomy/report.html", context)
    return private(response)


@require_safe
def report_map(request: HttpRequest) -> HttpResponse:
    """Draw the map that is pressed to say where something is, with the point that was pressed before."""
    district = district_current()
    point = None
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        pass
    else:
        if -180 <= lon <= 180 and -90 <= lat <= 90:
            point = place_on_map(district, lon, lat)
    dongs = dongs_of(district)
    size = round(12 * district.map_width / PICKER_WIDTH)
    shapes = [Shape(name=dong.name, href="", outline="", x=dong.label_x, y=dong.label_y) for dong in dongs]
    apart = labels_apart(shapes, size)
    context = {
        "district": district,
        "dongs": dongs,
        "labelled": [dong for position, dong in enumerate(dongs) if position in apart],
        "size": size,
        "point": point,
        "radius": round(_MARKER_RADIUS * district.map_width),
    }
    response = render(request, "autonomy/report_map.svg", context, content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=300)
    return response


@require_safe
def report_done(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show the receipt number, large, and what happens next."""
    issue = issue_by_receipt(receipt)
    return private(render(request, "autonomy/report_done.html", {"issue": issue}))


@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt number."""
    form = TrackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issue = issue_by_receipt(form.cleaned_data["receipt"])
        except DomainError as error:
            form.add_error("receipt", str(error))
        else:
            return redirect("track_issue", issue.receipt)
    return private(render(request, "autonomy/track.html", {"form": form}))


@require_safe
def track_issue(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show what became of a report."""
    issue = issue_by_receipt(receipt)
    context = {"issue": issue, "steps": issue_timeline(issue)}
    return private(render(request, "autonomy/track_issue.html", context))


@require_safe
def track_photo(request: HttpRequest, receipt: str) -> HttpResponseBase:  # noqa: ARG001  # Django's signature
    """Return a report's photo to whoever holds its receipt."""
    issue = issue_by_receipt(receipt)
    return photo_response(issue.photo)


def photo_response(name: str) -> HttpResponse:
    """Return a kept photo, for this reader alone."""
    response = HttpResponse(photo_bytes(name), content_type=KeptPhoto(name=name, width=0, height=0).media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'"
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """Return a page that no cache keeps and no search engine lists."""
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    return response
