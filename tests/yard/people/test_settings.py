"""What the environment turns on: secure cookies behind TLS, and the organisation's sign-in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import json, django
django.setup()
from django.conf import settings
from django.core.checks import run_checks
from django.urls import reverse
print(json.dumps({
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0],
    "providers": settings.SOCIALACCOUNT_PROVIDERS,
    "forms": settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
    "login": reverse("openid_connect_login", kwargs={"provider_id": "district"}),
    "faults": [message.id for message in run_checks() if message.level >= 30],
}))
"""


@pytest.fixture
def settings_under(tmp_path: Path) -> Any:  # a function
    def read(**environment: str) -> dict[str, Any]:
        values = {
            **os.environ, "MADANG_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "madang.site.settings", **environment,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=values, capture_output=True, text=True, check=True, timeout=60
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return read


def test_plain(settings_under: Any) -> None:  # a function
    found = settings_under()
    assert found["secure"] == [False, False, False]
    assert found["providers"] == {}
    assert found["forms"] == ["'self'"]
    assert found["faults"] == []


def test_behind_tls_and_with_an_identity_provider(settings_under: Any) -> None:  # a function
    found = settings_under(
        MADANG_HTTPS="1",
        MADANG_OIDC_SERVER="https://id.example:8443/realms/seo-gu",
        MADANG_OIDC_CLIENT="madang",
        MADANG_OIDC_SECRET="secret",
    )
    assert found["secure"] == [True, True, True]
    app = found["providers"]["openid_connect"]["APPS"][0]
    assert (app["client_id"], app["settings"]["scope"]) == ("madang", ["openid"])
    assert found["forms"] == ["'self'", "https://id.example:8443"]
    assert found["login"] == "/account/oidc/district/login/"
    assert found["faults"] == []
