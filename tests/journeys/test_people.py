"""Accounts and persons in a real browser: sound pages, passkeys under the strict policy, all else without scripts."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from playwright.sync_api import Page
from tests.journeys.conftest import assert_accessible, assert_fits, assert_keyboard, visit
from tests.yard.people.conftest import (
    DISTRICT,
    DONG,
    PASSWORD,
    account,
    code_now,
    district_make,
    dong_make,
    draft,
    second_factor,
    signed_in,
)

from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.people.models import Person
from madang.yard.people.services import person_link, persons_load

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = ("/account/login/", "/account/sign-up/", "/account/identities/cancelled/")
OF_STAFF = (
    "/account/",
    "/account/sessions/",
    "/account/tokens/",
    "/account/password/",
    "/account/second-factor/",
    "/account/second-factor/keys/",
    "/account/identities/",
    "/account/record/",
    "/people/",
    "/people/add/",
    "/people/roles/",
    "/people/roles/add/",
)


@pytest.fixture
def town(transactional_db: None) -> SimpleNamespace:
    """Return a district with some persons, for a server in another thread."""
    dong = dong_make(district_make(DISTRICT), DONG)
    persons_load(SYSTEM, [draft(name=f"예시{number}") for number in range(30)])
    person = Person.objects.order_by("pk").first()
    assert person is not None
    return SimpleNamespace(dong=dong, person=person)


def keep(page: Page, user: object) -> None:
    """Give a browser a session, as if its owner had signed in before."""
    client = signed_in(user)  # type: ignore[arg-type]  # an account
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": page.live_url}]  # type: ignore[attr-defined]  # set by page_at
    )


def sign_in(page: Page, username: str) -> None:
    visit(page, "/account/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form.form button").click()
    page.wait_for_load_state()


def path_of(page: Page) -> str:
    return page.url.removeprefix(page.live_url)  # type: ignore[attr-defined,no-any-return]  # set by page_at


# Every two of width, scheme and language meet.
@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(360, "light", "ko"), (1280, "dark", "ko"), (360, "dark", "en"), (1280, "light", "en")],
)
def test_every_page_is_sound(
    page_at: Callable[..., Page], town: SimpleNamespace, width: int, scheme: str, language: str
) -> None:
    page = page_at(width, scheme, language)

    def sound() -> None:
        assert_accessible(page)
        assert_fits(page)
        if width == 360 and language == "ko":
            assert_keyboard(page)

    for path in PUBLIC:
        assert visit(page, path) == 200, path
        sound()
    keeper = account(Role.ADMINISTRATOR, DISTRICT)
    second_factor(keeper)
    person_link(SYSTEM, town.person.pk, keeper.pk)
    other = account(Role.RESIDENT, DONG)
    keep(page, keeper)
    for path in (*OF_STAFF, f"/people/roles/{other.pk}/", f"/people/{town.person.pk}/"):
        assert visit(page, path) == 200, path
        sound()
    page.check("input[name=kind][value=care]")
    page.fill("input[name=text]", "application of 3 March")
    page.locator("main form.form button").click()
    page.wait_for_load_state("networkidle")
    assert town.person.name in page.content()
    sound()
    assert visit(page, f"/people/{town.person.pk}/edit/") == 200
    sound()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_officer_sets_up_a_second_factor_and_signs_in_with_it(
    page_at: Callable[..., Page], town: SimpleNamespace, javascript: bool
) -> None:
    user = account(Role.DONG_OFFICER, DONG)
    page = page_at(360, language="en", javascript=javascript, bypass_csp=False)
    sign_in(page, user.username)
    visit(page, "/people/")
    assert path_of(page) == "/account/second-factor/app/"
    secret = re.sub(r"\s", "", page.locator("main code").inner_text())
    page.fill("input[name=code]", code_now(secret))
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    assert path_of(page) == "/account/second-factor/codes/"
    codes = page.locator("main li code").all_inner_texts()
    assert len(codes) == 10
    visit(page, "/account/logout/")
    page.locator("main form button").click()
    page.wait_for_load_state()

    sign_in(page, user.username)
    assert path_of(page) == "/account/second-factor/code/"
    page.fill("input[name=code]", codes[0])
    page.locator("main form.form button").first.click()
    page.wait_for_load_state()
    assert visit(page, "/people/") == 200
    assert page.locator("main tbody tr").count() == 25


def test_a_passkey_is_added_and_used_under_the_strict_policy(
    page_at: Callable[..., Page], town: SimpleNamespace
) -> None:
    user = account(Role.CARE_MANAGER, DISTRICT)
    page = page_at(1280, language="en", bypass_csp=False)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, user.username)
    visit(page, "/account/second-factor/keys/add/")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/second-factor/codes/")
    visit(page, "/account/logout/")
    page.locator("main form button").click()
    page.wait_for_load_state()

    sign_in(page, user.username)
    assert path_of(page) == "/account/second-factor/code/"
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(page.live_url + "/")  # type: ignore[attr-defined]  # set by page_at
    assert visit(page, "/people/") == 200
