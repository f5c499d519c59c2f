"""Every setting of B12 Clinic, read from the environment; .env.example explains each."""

import logging
import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from config import broker, logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# Demo mode: invented patients and published passwords. `make run` turns it on; a clinic never does.
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)

# Everything that runs writes here and nowhere else.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)


# Whether somebody chose the key. Without one a clinic's pages are not served (config.checks, config.start), but
# commands that sign nothing, such as protocol_cases, run with one made here.
SECRET_KEY_CHOSEN = bool(os.environ.get("SECRET_KEY"))  # not env.str, which takes a leading $ for a reference


def _secret_key() -> str:
    """Take the key from the environment; without one, make it once and keep it in a private file."""
    if SECRET_KEY_CHOSEN:
        return os.environ["SECRET_KEY"]
    kept = VAR_DIR / "secret-key"
    if not kept.exists():
        made = kept.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(get_random_secret_key())
        made.replace(kept)  # whole or not at all, whoever else starts now
    return kept.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Where the web server listens; a proxy in front of it speaks TLS.
BIND = env.str("BIND", default="127.0.0.1")
PORT = env.str("PORT", default="8000")

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK if DEMO or DEBUG else [])
# Links in letters are built from this address, never from the Host header of a request.
HOME = (
    f"http://127.0.0.1:{PORT}" if DEMO or DEBUG else f"https://{(ALLOWED_HOSTS or LOOPBACK)[0].lstrip('.*')}"
)
SITE_URL = (env.str("SITE_URL", default="") or HOME).rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "patients",
    "regimens",
    "monitoring",
    "config",
]

MIDDLEWARE = [
    "config.middleware.RequestReference",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.ClinicAtHand",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.PrivatePages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.every_page",
            ],
        },
    },
]

# -- Database ---------------------------------------------------------------------------------------------


def _database() -> dict:
    """Give Django's description of the database, SQLite in VAR_DIR unless DATABASE_URL names another."""
    if not os.environ.get("DATABASE_URL"):
        found = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "b12clinic.sqlite3"}
    else:
        found = env.db_url("DATABASE_URL")
    options = found.setdefault("OPTIONS", {})
    if found["ENGINE"] == "django.db.backends.sqlite3":
        options.update(SQLITE_OPTIONS)
    elif found["ENGINE"] == "django.db.backends.postgresql":
        options["options"] = " ".join([options.get("options", ""), *POSTGRESQL_OPTIONS]).strip()
        options.setdefault("connect_timeout", 3)
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgres:// or sqlite:///, see .env.example."
        )
    return found | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


SQLITE_OPTIONS = {
    "timeout": 10,
    # A writer takes the lock when it begins, so a check and its insert are never parted.
    "transaction_mode": "IMMEDIATE",
    # FULL: an acknowledged injection survives a power cut.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
# A page's statements are short: compiling one to machine code took ten times longer than answering it.
POSTGRESQL_OPTIONS = ["-c lock_timeout=5s", "-c jit=off"]
# Web and worker set this when they start (config/wsgi.py, config/parts.py): a page gives up on a slow
# statement, while migrate, import and demo may take their time.
if patience := env.str("STATEMENT_TIMEOUT", default=""):
    POSTGRESQL_OPTIONS += [f"-c statement_timeout={patience}", "-c idle_in_transaction_session_timeout=30s"]

DATABASES = {"default": _database()}

# -- Who is it --------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "patients.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",  # who it is
    "config.roles.RoleBackend",  # what they may
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.accounts.ClosedAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# -- The wire ---------------------------------------------------------------------------------------------

SECURE = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
if SECURE:  # the prefix makes browsers refuse the cookie from any other host or over plain HTTP
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its small icons as data addresses
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# -- Language, time, files --------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"  # each clinic has its own; see patients.models.Clinic.today
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# -- Mail -------------------------------------------------------------------------------------------------

if os.environ.get("EMAIL_URL"):
    vars().update(env.email_url("EMAIL_URL"))
    EMAIL_TIMEOUT = 30
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="appointments@localhost")

# -- Celery: Redis is the broker and nothing else; a dead Redis never stops a page ---------------------------

REDIS_URL = os.environ.get("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL or broker.embedded_url(VAR_DIR)
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # no results, so no clean-up at an hour on the wall
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "b12clinic"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # who can write to Redis still cannot command the worker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for days; the worker waits for it
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "health_check_interval": 10,
}

# -- Logs: to standard error, one line each -----------------------------------------------------------------

LOGGING = logs.configuration(
    # Only a developer's log says what an error said, for that may quote a patient.
    formatter=logging.Formatter if DEBUG else logs.OneLine if DEMO else logs.JsonLine,
    level=env.str("LOG_LEVEL", default="WARNING" if DEMO else "INFO"),
)

MESSAGE_TAGS = {40: "danger"}  # Bootstrap's word for an error
