"""Settings of an installation, read from the environment and from nothing else.

`madang up` and its sisters set the environment from the data directory before Django loads (see `madang.ops`); a server
in production may set it by other means. Every variable is listed in `environment.py`.
"""

import secrets
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.site.environment import database, flag, read
from madang.ui.tiles import tile_origin

PACKAGE = Path(__file__).resolve().parent.parent
MADANG_DATA = Path(read("MADANG_DATA")).absolute()

# Without configured keys (a test, a type check) each process makes its own, so nothing outlives it.
SECRET_KEY = read("MADANG_SECRET_KEY") or secrets.token_hex(32)
MADANG_SEAL_KEY = read("MADANG_SEAL_KEY") or secrets.token_hex(32)
MADANG_KEYRING = Path(read("MADANG_KEYRING") or MADANG_DATA / "keys" / "keyring.json")
MADANG_DEMO = flag("MADANG_DEMO")
MADANG_TILE_URL = read("MADANG_TILE_URL")

DEBUG = flag("MADANG_DEBUG")
ALLOWED_HOSTS = [host.strip() for host in read("MADANG_HOSTS").split(",") if host.strip()]

ROOMS = ("autonomy", "care", "health", "climate", "projects")
YARD = ("audit", "places", "people", "ledger", "evidence")
OWN_APPS = [
    "madang.ui",
    "madang.plaza",
    *(f"madang.rooms.{room}" for room in ROOMS),
    *(f"madang.yard.{part}" for part in YARD),
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *OWN_APPS,
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "madang.ui.pagecache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "madang.yard.people.middleware.ActorMiddleware",
    "madang.yard.people.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madang.ui.problems.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "madang.site.urls"
WSGI_APPLICATION = "madang.site.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [str(PACKAGE.joinpath(*app.split(".")[1:], "templates")) for app in OWN_APPS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "madang.ui.environment.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "madang.plaza.context.page",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

DATABASES = {"default": database(read("MADANG_DATABASE_URL"), str(MADANG_DATA / "madang.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "madang.yard.people.adapters.AccountBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

# Accounts are made by the district, not by sign-up; see docs/decisions.
ACCOUNT_ADAPTER = "madang.yard.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "madang.yard.people.adapters.SocialAccountAdapter"
MFA_ADAPTER = "madang.yard.people.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "madang.yard.people.forms.SecondFactorForm",
    "reauthenticate": "madang.yard.people.forms.SecondFactorAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# An office's staff share an address; guessing at one account is axes' business.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "60/m/ip,10/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Madang"
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ONLY = False
OIDC_SERVER = read("MADANG_OIDC_SERVER")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "district",
                    "name": "OpenID Connect",
                    "client_id": read("MADANG_OIDC_CLIENT"),
                    "secret": read("MADANG_OIDC_SECRET"),
                    # Only who it is: no name, no mail address.
                    "settings": {"server_url": OIDC_SERVER, "scope": ["openid"], "fetch_userinfo": False},
                }
            ],
        }
    }
    if OIDC_SERVER
    else {}
)

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "madang.yard.people.lockout.locked_out"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "madang.yard.people.lockout.login_digest"
AXES_CLIENT_IP_CALLABLE = "madang.yard.people.lockout.client_address"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address", "code", "credential", "csrfmiddlewaretoken", "next"]
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

MADANG_PAGE_EPOCH = "madang.plaza.selectors.epoch.page_epoch"

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "madang_language"
LOCALE_PATHS = [str(PACKAGE / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

STATIC_URL = "static/"
STATIC_ROOT = str(MADANG_DATA / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "madang.ui.statics.PageStatics"},
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = str(MADANG_DATA / "media")
MEDIA_URL = "media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *tile_origin(MADANG_TILE_URL)],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # Browsers hold a form to this for the redirect that answers it, too.
        "form-action": ["'self'", *tile_origin(OIDC_SERVER)],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "madang_session"
SESSION_COOKIE_AGE = 60 * 60 * 10
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "madang_csrf"
CSRF_FAILURE_VIEW = "madang.ui.problems.csrf_failure"
# Requests are counted by address: the proxy's word for it where there is a proxy, else the connection's own.
NINJA_NUM_PROXIES = 1 if flag("MADANG_HTTPS") else 0
if flag("MADANG_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365

SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

SITE_NAME = _("Madang")
