"""Django settings, made from the environment. The list of modules is in the order of the architecture's tiers."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from tongban.main import environment

ENVIRONMENT = environment.read()
TONGBAN_ENV = ENVIRONMENT.env
TONGBAN_HOME = ENVIRONMENT.home
TONGBAN_PUBLIC_URL = ENVIRONMENT.public_url
BASE_DIR = Path(__file__).resolve().parents[3]
PACKAGE_DIR = Path(__file__).resolve().parents[1]

SECRET_KEY = os.environ.get("TONGBAN_SECRET_KEY", "demo-only-key-that-production-refuses")
TONGBAN_BLIND_KEY = os.environ.get("TONGBAN_BLIND_KEY", "")
TONGBAN_DIGEST = os.environ.get("TONGBAN_DIGEST", "sha256")
DEBUG = os.environ.get("TONGBAN_DEBUG", "") == "1"
ALLOWED_HOSTS = ["*"] if TONGBAN_ENV == "demo" else [urlparse(TONGBAN_PUBLIC_URL).hostname or "localhost"]

KERNEL = [
    "cases", "processes", "forms", "instruments", "registers", "messages", "search", "files",
    "decisions", "calendars", "identity", "ledger",
]
APPLICATIONS = ["portal", "services", "certificates", "voice", "desk", "myspace", "ops"]

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
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongban.kernel.identity.middleware.ActorMiddleware",
    "tongban.main.problems.ProblemMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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


def _database(url: str) -> dict:
    parts = urlparse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "tongban",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {},
        "TEST": {"NAME": os.environ.get("TONGBAN_TEST_DATABASE") or None},
    }


DATABASES = {"default": _database(ENVIRONMENT.database_url or "postgresql://tongban@127.0.0.1:5432/tongban")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["tongban.kernel.identity.backends.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "identity:sign-in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = TONGBAN_HOME / "static"
STATICFILES_DIRS: list[Path] = []
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TONGBAN_PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 8 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SILENCED_SYSTEM_CHECKS: list[str] = []
