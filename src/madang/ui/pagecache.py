"""A cache of public pages that is never stale.

A page that a view has declared public is kept for visitors who have no session, under a key that holds the epoch: a
value that changes with every write (in Madang the head of the audit log, to which every write appends in its own
transaction). A write therefore changes the key of every page at once; what was kept before is never asked for again.
"""

import gzip
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string
from django.utils.translation import get_language_from_request

from madang.ui.preferences import Preferences, preferences_of

MAX_BYTES: Final = 24 * 1024 * 1024
# Anyone can invent queries; they may push out one another, never the pages without one.
MAX_QUERY_BYTES: Final = 6 * 1024 * 1024
MAX_PAGE_BYTES: Final = 512 * 1024
MAX_QUERY: Final = 160
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Key:
    """What decides how a page looks to a visitor; the date, because pages count days."""

    epoch: object
    day: date
    address: str
    host: str
    language: str
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was answered, plain and compressed."""

    plain: bytes
    packed: bytes
    headers: tuple[tuple[str, str], ...]
    etag: str

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.plain) + len(self.packed)


class PageStore:
    """Pages in order of last use, bounded in bytes; safe to share between threads.

    Parameters
    ----------
    max_bytes : int
        The oldest used pages leave first when there is more.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> Kept | None:
        """Return a page and count it as used."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: Kept) -> None:
        """Keep a page; forget the least recently used ones that no longer fit."""
        with self._lock:
            before = self._pages.pop(key, None)
            self.size += page.size - (before.size if before else 0)
            self._pages[key] = page
            while self.size > self._max_bytes and len(self._pages) > 1:
                self.size -= self._pages.popitem(last=False)[1].size


def public_page(view: View) -> View:
    """Declare that a view answers every visitor without a session alike, and from the records alone.

    Such a view may read the database, the date, the language and the reader's preferences, and nothing else of the
    request but its address.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.madang_public = True  # type: ignore[attr-defined]  # read by the middleware below
        return response

    return wrapped


class PageCacheMiddleware:
    """Answers a visitor's GET from the store where it can; stands outermost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.plain = PageStore()
        self.queried = PageStore(MAX_QUERY_BYTES)
        # A visitor with one of these is shown something of their own.
        self._personal = (settings.SESSION_COOKIE_NAME, "messages")
        path = getattr(settings, "MADANG_PAGE_EPOCH", "")
        self._epoch: Callable[[], Any] | None = import_string(path) if path else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from the store, or pass on and keep a public answer."""
        if self._epoch is None or not _may_be_kept(request) or any(name in request.COOKIES for name in self._personal):
            return self.get_response(request)
        # The epoch is read before the page is made: a write in between can only make the kept page newer than its key.
        key = _key(request, self._epoch())
        store = self.queried if request.META.get("QUERY_STRING") else self.plain
        page = store.get(key)
        if page is None:
            response = self.get_response(request)
            page = _kept(response)
            if page is None:
                return response
            store.put(key, page)
        return _answer(request, page)


def _may_be_kept(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and len(request.META.get("QUERY_STRING", "")) <= MAX_QUERY
        and "HTTP_AUTHORIZATION" not in request.META
        and "HTTP_HX_REQUEST" not in request.META
    )


def _key(request: HttpRequest, epoch: object) -> Key:
    return Key(
        epoch=epoch,
        day=timezone.localdate(),
        address=request.get_full_path(),
        host=f"{request.scheme}://{request.META.get('HTTP_HOST', '')}",
        language=get_language_from_request(request),
        preferences=preferences_of(request),
    )


def _kept(response: HttpResponse) -> Kept | None:
    """Return what to keep of an answer; None where it is not everyone's."""
    if (
        response.status_code != 200
        or response.streaming
        or response.cookies
        or not getattr(response, "madang_public", False)
        or response.has_header("Content-Encoding")
        or "'nonce-" in response.headers.get("Content-Security-Policy", "")
        or len(response.content) > MAX_PAGE_BYTES
    ):
        return None
    patch_vary_headers(response, ("Accept-Language", "Cookie", "Accept-Encoding"))
    body = response.content
    etag = hashlib.blake2b(body, digest_size=16).hexdigest()
    response["Cache-Control"] = "no-cache"
    skipped = {"content-length", "etag"}
    headers = tuple((name, value) for name, value in response.items() if name.lower() not in skipped)
    # No date inside, so that equal pages are equal bytes.
    return Kept(plain=body, packed=gzip.compress(body, 6, mtime=0), headers=headers, etag=etag)


def _answer(request: HttpRequest, page: Kept) -> HttpResponse:
    packed = bool(_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
    # The two encodings are two representations, so each has a tag of its own.
    etag = f'"{page.etag}{"-gz" if packed else ""}"'
    response: HttpResponse
    if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponseNotModified()
        for name, value in page.headers:
            if name in {"Cache-Control", "Vary", "Content-Language"}:
                response[name] = value
    else:
        response = HttpResponse(page.packed if packed else page.plain)
        for name, value in page.headers:
            response[name] = value
        if packed:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(page.packed if packed else page.plain))
    response["ETag"] = etag
    return response
