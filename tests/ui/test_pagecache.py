"""The page cache: never stale, never someone else's, bounded."""

import gzip
import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madang.ui.pagecache import Kept, Key, PageCacheMiddleware, PageStore, public_page
from madang.ui.pagecache import _key as key_of  # the same key as the middleware makes
from madang.ui.preferences import SCHEME_COOKIE, TYPE_COOKIE
from madang.yard.audit.authority import Action, Actor
from madang.yard.audit.selectors import epoch as epoch_of_the_log
from madang.yard.audit.services import record

EPOCH = {"now": 0}


def epoch() -> int:
    return EPOCH["now"]


class Site:
    """A view that counts how often it is asked."""

    def __init__(self, *, public: bool = True, change: Callable[[HttpResponse], object] | None = None) -> None:
        self.asked = 0
        self.change = change
        self.view = public_page(self._page) if public else self._page

    def _page(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        language = translation.get_language_from_request(request)
        response = HttpResponse(f"{request.path} {language} epoch {EPOCH['now']} visit {self.asked}")
        if self.change:
            self.change(response)
        return response


@pytest.fixture
def ask() -> Callable[..., HttpResponse]:
    factory = RequestFactory()

    def send(cache: PageCacheMiddleware, path: str = "/", **options: object) -> HttpResponse:
        cookies = options.pop("cookies", {})
        method = str(options.pop("method", "get"))
        request = getattr(factory, method)(path, headers=options)
        request.COOKIES.update(cookies)  # type: ignore[arg-type]  # a mapping of strings
        return cache(request)

    return send


@pytest.fixture(autouse=True)
def clock() -> None:
    EPOCH["now"] = 0


def cache_of(site: Site) -> PageCacheMiddleware:
    cache = PageCacheMiddleware(site.view)
    cache._epoch = epoch
    return cache


def test_a_second_visitor_is_answered_from_the_store(ask: Callable[..., HttpResponse]) -> None:
    site = Site()
    cache = cache_of(site)
    first, second = ask(cache), ask(cache)
    assert first.content == second.content
    assert site.asked == 1
    assert second["Cache-Control"] == "no-cache"
    assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= set(second["Vary"].split(", "))


def test_a_write_is_seen_at_once(ask: Callable[..., HttpResponse]) -> None:
    cache = cache_of(Site())
    ask(cache)
    EPOCH["now"] = 1
    assert b"epoch 1" in ask(cache).content


def test_a_write_during_rendering_is_not_kept_under_the_new_epoch(ask: Callable[..., HttpResponse]) -> None:
    site = Site(change=lambda _response: EPOCH.update(now=1) if EPOCH["now"] == 0 else None)
    cache = cache_of(site)
    assert b"epoch 0" in ask(cache).content
    assert b"epoch 1" in ask(cache).content, "the page that was being made when the write came is not shown again"


@given(st.lists(st.tuples(st.sampled_from(["/a", "/b", "/c"]), st.booleans()), max_size=40))
def test_no_order_of_reads_and_writes_shows_an_old_page(steps: list[tuple[str, bool]]) -> None:
    cache = cache_of(Site())
    factory = RequestFactory()
    for path, write in steps:
        EPOCH["now"] += write
        assert f"{path} ".encode() in cache(factory.get(path)).content
        assert f"epoch {EPOCH['now']} ".encode() in cache(factory.get(path)).content


@pytest.mark.parametrize(
    "options",
    [
        {"cookies": {settings.SESSION_COOKIE_NAME: "x"}},
        {"cookies": {"messages": "x"}},
        {"authorization": "Bearer x"},
        {"hx-request": "true"},
        {"method": "post"},
        {"method": "head"},
        {"path": "/?q=" + "x" * 200},
    ],
)
def test_what_is_not_a_plain_visit_is_neither_kept_nor_answered(
    ask: Callable[..., HttpResponse], options: dict[str, object]
) -> None:
    site = Site()
    cache = cache_of(site)
    ask(cache)
    ask(cache, **dict(options))
    ask(cache, **dict(options))
    assert site.asked == 3
    assert len(cache.plain) + len(cache.queried) == 1


def _cookie(response: HttpResponse) -> None:
    response.set_cookie("madang_csrf", "x")


def _status(response: HttpResponse) -> None:
    response.status_code = 404


def _nonce(response: HttpResponse) -> None:
    response["Content-Security-Policy"] = "script-src 'nonce-abc'"


@pytest.mark.parametrize("change", [_cookie, _status, _nonce])
def test_an_answer_for_one_reader_is_not_kept(
    ask: Callable[..., HttpResponse], change: Callable[[HttpResponse], None]
) -> None:
    site = Site(change=change)
    cache = cache_of(site)
    ask(cache)
    ask(cache)
    assert site.asked == 2


def test_only_declared_pages_are_kept(ask: Callable[..., HttpResponse]) -> None:
    site = Site(public=False)
    cache = cache_of(site)
    ask(cache)
    ask(cache)
    assert site.asked == 2


def test_languages_and_preferences_are_kept_apart(ask: Callable[..., HttpResponse]) -> None:
    site = Site()
    cache = cache_of(site)
    korean = ask(cache, **{"accept-language": "ko"})
    english = ask(cache, **{"accept-language": "en"})
    assert b" ko " in korean.content
    assert b" en " in english.content
    chosen = ask(cache, cookies={settings.LANGUAGE_COOKIE_NAME: "en"}, **{"accept-language": "ko"})
    assert chosen.content == english.content
    for cookie, value in ((TYPE_COOKIE, "large"), (SCHEME_COOKIE, "dark")):
        ask(cache, cookies={cookie: value}, **{"accept-language": "en"})
    assert site.asked == 4
    ask(cache, cookies={TYPE_COOKIE: "nonsense"}, **{"accept-language": "en"})
    assert site.asked == 4


def test_the_compressed_page_is_the_page(ask: Callable[..., HttpResponse]) -> None:
    cache = cache_of(Site())
    packed = ask(cache, **{"accept-encoding": "br, gzip"})
    plain = ask(cache, **{"accept-encoding": "gzip;q=0"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "Content-Encoding" not in plain
    assert packed["ETag"] != plain["ETag"]
    assert int(packed["Content-Length"]) == len(packed.content)


def test_a_reader_who_has_the_page_gets_no_body(ask: Callable[..., HttpResponse]) -> None:
    cache = cache_of(Site())
    tag = ask(cache)["ETag"]
    again = ask(cache, **{"if-none-match": f"W/{tag}"})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == tag
    EPOCH["now"] = 1
    assert ask(cache, **{"if-none-match": tag}).status_code == 200


def test_invented_queries_do_not_push_out_pages(ask: Callable[..., HttpResponse]) -> None:
    site = Site()
    cache = cache_of(site)
    cache.queried = PageStore(2_000)
    ask(cache, "/")
    for number in range(200):
        ask(cache, f"/?q={number}")
    assert len(cache.queried) < 40
    asked = site.asked
    ask(cache, "/")
    assert site.asked == asked


def _key(number: int) -> Key:
    request = RequestFactory().get(f"/{number}")
    return key_of(request, 0)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 400)), max_size=60))
def test_the_store_stays_in_bounds(puts: list[tuple[int, int]]) -> None:
    store = PageStore(1_000)
    for number, size in puts:
        store.put(_key(number), Kept(plain=b"x" * size, packed=b"", headers=(), etag=""))
        assert store.size <= 1_000
        assert store.size == sum(page.size for page in store._pages.values())


def test_threads_share_the_store() -> None:
    store = PageStore(5_000)
    faults: list[Exception] = []

    def work(seed: int) -> None:
        try:
            for number in range(300):
                store.put(_key((seed * number) % 17), Kept(plain=b"x" * 400, packed=b"", headers=(), etag=""))
                store.get(_key(number % 17))
        except Exception as fault:  # noqa: BLE001  # any fault in a thread must reach the test
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert store.size <= 5_000
    assert store.size == sum(page.size for page in store._pages.values())


@pytest.mark.django_db
def test_the_site_keeps_pages_until_the_log_grows(administrator: Actor) -> None:
    """The whole stack: the gallery is kept, and a record of the audit log makes it anew."""
    client = Client(headers={"accept-language": "ko"})
    first = client.get("/gallery/")
    assert first["Cache-Control"] == "no-cache"
    assert client.get("/gallery/", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert "Content-Security-Policy" in client.get("/gallery/")
    before = epoch_of_the_log()
    record(administrator, Action.PLEDGES_LOAD, target="pledges", detail={})
    assert epoch_of_the_log() != before
    with CaptureQueriesContext(connection) as kept:
        client.get("/gallery/")
    with CaptureQueriesContext(connection) as again:
        client.get("/gallery/")
    assert len(again) == 1, "the head of the log, and nothing else"
    assert len(kept) > len(again), "the write made the page anew"
