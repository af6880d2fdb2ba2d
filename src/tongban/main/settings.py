"""Django settings, made from the environment. The list of modules is in the order of the architecture's tiers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlparse

from tongban.main import database, environment, fonts, logs, secrets

ENVIRONMENT = environment.read()
TONGBAN_ENV = ENVIRONMENT.env
TONGBAN_HOME = ENVIRONMENT.home
TONGBAN_LOCAL = ENVIRONMENT.local
TONGBAN_PUBLIC_URL = ENVIRONMENT.public_url
TONGBAN_DEMO_PAST = ENVIRONMENT.demo_past
TONGBAN_SMTP_URL = ENVIRONMENT.smtp_url
TONGBAN_FILES_URL = ENVIRONMENT.files_url
TONGBAN_FILES_KEY = ENVIRONMENT.files_key
TONGBAN_PAYMENT_PROVIDERS = ENVIRONMENT.payment_providers
TONGBAN_BACKUP_TO = ENVIRONMENT.backup_to
TONGBAN_BACKUP_AT = ENVIRONMENT.backup_at
TONGBAN_BACKUP_KEEP = ENVIRONMENT.backup_keep
TONGBAN_BACKUP_MAX_AGE_HOURS = ENVIRONMENT.backup_max_age_hours
TONGBAN_METRICS_TOKEN = ENVIRONMENT.metrics_token
TONGBAN_TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
TONGBAN_REQUESTS_PER_MINUTE = ENVIRONMENT.requests_per_minute
TONGBAN_LETTERS_PER_QUARTER = ENVIRONMENT.letters_per_quarter
TONGBAN_PAGE_SECONDS = ENVIRONMENT.page_seconds
TONGBAN_CLAMD = ENVIRONMENT.clamd
TONGBAN_CLAMD_WHEN_DOWN = ENVIRONMENT.clamd_when_down
TONGBAN_SECURITY_CONTACT = ENVIRONMENT.security_contact
BASE_DIR = environment.ROOT
PACKAGE_DIR = Path(__file__).resolve().parents[1]
TONGBAN_FONT_DIRS = fonts.directories(BASE_DIR)

SECRET_KEY = ENVIRONMENT.secret_key or secrets.obtain(TONGBAN_HOME, "secret-key")
TONGBAN_BLIND_KEY = ENVIRONMENT.blind_key or secrets.obtain(TONGBAN_HOME, "blind-key")
TONGBAN_CIPHER = ENVIRONMENT.cipher
TONGBAN_DATA_KEYS = secrets.data_keys(
    TONGBAN_HOME, given=ENVIRONMENT.data_keys, blind_key=ENVIRONMENT.blind_key
)
TONGBAN_DATA_KEYS_IN = None if ENVIRONMENT.data_keys or ENVIRONMENT.blind_key else TONGBAN_HOME / "secrets"
"""Where newer data keys appear while the program runs; None when keys come from the environment."""
TONGBAN_DIGEST = ENVIRONMENT.digest
TONGBAN_READS_KEPT_YEARS = ENVIRONMENT.reads_kept_years
DEBUG = ENVIRONMENT.debug
# The demo listens on the loopback only; its names are listed all the same, against rebinding of foreign names.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlparse(TONGBAN_PUBLIC_URL).hostname or "localhost"]

KERNEL = [
    "cases",
    "processes",
    "forms",
    "instruments",
    "registers",
    "messages",
    "search",
    "files",
    "decisions",
    "calendars",
    "identity",
    "ledger",
]
APPLICATIONS = [
    "portal",
    "services",
    "certificates",
    "fees",
    "voice",
    "desk",
    "myspace",
    "vault",
    "audit",
    "admin",
    "ops",
    "studio",
    "docking",
    "federation",
    "hall",
    "oversight",
    "figures",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "tree_queries",
    "procrastinate.contrib.django",
    "tongban.base",
    "tongban.design",
    *(f"tongban.kernel.{name}" for name in KERNEL),
    *(f"tongban.apps.{name}" for name in APPLICATIONS),
    "tongban.main",
]

MIDDLEWARE = [
    "tongban.main.addresses.AddressMiddleware",
    "tongban.main.headers.HeadersMiddleware",
    "tongban.main.observation.RequestMiddleware",
    "tongban.base.published.StampsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tongban.main.hostile.NulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongban.kernel.identity.middleware.ActorMiddleware",
    "tongban.main.problems.ProblemMiddleware",
    "tongban.main.limits.LimitMiddleware",
    "tongban.kernel.files.scanning.FoundMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tongban.main.replica.ReplicaMiddleware",
]

ROOT_URLCONF = "tongban.main.urls"
WSGI_APPLICATION = "tongban.main.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "tongban.design.context.design",
            ],
            "builtins": ["tongban.design.templatetags.design", "django.templatetags.i18n"],
        },
    }
]


DATABASES = {
    "default": {
        **database.settings_for(
            home=TONGBAN_HOME,
            external=ENVIRONMENT.database_url,
            external_app=ENVIRONMENT.database_app_url,
            role=ENVIRONMENT.database_role,
            is_pooled=bool(ENVIRONMENT.database_direct_url),
        ),
        "TEST": {"NAME": os.environ.get("TONGBAN_TEST_DATABASE") or None},
    }
}
if ENVIRONMENT.database_replica_url:
    DATABASES["replica"] = database.replica_settings(ENVIRONMENT.database_replica_url)
TONGBAN_DATABASE_DIRECT_URL = ENVIRONMENT.database_direct_url
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["tongban.kernel.identity.backends.AccountBackend"]
PASSWORD_HASHERS = ["tongban.kernel.identity.hashing.PatientArgon2Hasher"]
LOGIN_URL = "identity:sign-in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = TONGBAN_LOCAL / "static"
STATICFILES_DIRS: list[Path] = []
# Collected files carry a digest in their name and are kept by browsers for ever. Where nothing was collected (tests, development)
# they are served from the modules themselves.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
_COLLECTED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
_COLLECTING = "collectstatic" in sys.argv or os.environ.get("TONGBAN_COLLECTING") == "1"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN if WHITENOISE_USE_FINDERS and not _COLLECTING else _COLLECTED},
}
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TONGBAN_PUBLIC_URL.startswith("https://")
if SESSION_COOKIE_SECURE:  # a name that no neighbour below the same domain can plant
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_SECURE = "__Host-session", "__Host-csrf", True
SESSION_COOKIE_AGE = 24 * 3600  # the rules of signing in end sessions earlier
SECURE_CONTENT_TYPE_NOSNIFF = True
if SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # set by the proxy in front, which ends TLS
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SILENCED_SYSTEM_CHECKS: list[str] = []

WORKER_CONCURRENCY = ENVIRONMENT.worker_concurrency
WORKER_HEARTBEAT_SECONDS = 5
"""A worker that has not said so for three times as long counts as absent (``/healthz``)."""
WORKER_SILENCE_SECONDS = 6 * WORKER_HEARTBEAT_SECONDS
"""After so long its jobs are given to another."""

LOGGING = logs.configuration(debug=DEBUG, readable=sys.stderr.isatty())
LOGGING_CONFIG = "logging.config.dictConfig"
