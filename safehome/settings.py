"""Settings, all from the environment. `docs/operations.md` lists them; `safehome/checks.py` refuses bad mixtures.

Two modes, one code (docs/explanation/modes.md): `embedded` keeps everything in one process on SQLite;
`server` runs on PostgreSQL and Redis.
"""

from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from safehome import secrets_store

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

SAFEHOME_MODE = env.str("SAFEHOME_MODE", default="embedded")
EMBEDDED = SAFEHOME_MODE == "embedded"
SAFEHOME_DATA_DIR = Path(env.str("SAFEHOME_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
SAFEHOME_CLOCK_SPEED = env.float("SAFEHOME_CLOCK_SPEED", default=1.0)

# --- Secrets -----------------------------------------------------------------------------------------------
# Embedded mode makes its own on first start and keeps them in the data folder; server mode is given them.

_secrets = secrets_store.load(env, SAFEHOME_DATA_DIR, make=EMBEDDED)
SECRET_KEY = _secrets.secret_key
SAFEHOME_FIELD_KEYS = _secrets.field_keys
SAFEHOME_INDEX_KEY = _secrets.index_key

# --- Web ---------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SAFEHOME_BASE_URL = env.str("SAFEHOME_BASE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")
ROOT_URLCONF = "safehome.urls"
ASGI_APPLICATION = "safehome.asgi.application"
FORM_RENDERER = "safehome.ui.forms.Renderer"
APPEND_SLASH = True

_https = SAFEHOME_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SAMESITE = "Lax"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

INSTALLED_APPS = [
    "safehome.organisation",
    "safehome.audit",
    "safehome.residents",
    "safehome.outbox",
    "safehome.ui",
    "consents",
    "devices",
    "alarms",
    "safehome.demo",
    "safehome.apps.SafehomeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "auditlog",
    "channels",
    "csp",
    "django_filters",
    "drf_spectacular",
    "guardian",
    "rest_framework",
]

MIDDLEWARE = [
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "safehome.ui.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "consents.middleware.TabletMiddleware",
    "safehome.organisation.middleware.TwoFactorMiddleware",
    "safehome.audit.middleware.AuditMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "safehome.ui.context.page",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = SAFEHOME_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = EMBEDDED
SERVESTATIC_ALLOW_ALL_ORIGINS = False
if not EMBEDDED:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
    }

# --- Store -------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{SAFEHOME_DATA_DIR / 'safehome.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # DEFERRED transactions of several writers fail with "locked"; IMMEDIATE ones wait their turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Prepared statements: PostgreSQL plans the queries of an alarm's way once a connection instead of each time.
        # A pooler in between must keep to one server connection a session (PgBouncer: pool_mode = session).
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3},
    }

# --- Messages between processes ----------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="" if EMBEDDED else "redis://127.0.0.1:6379/0")
CHANNELS_REDIS_URL = env.str("CHANNELS_REDIS_URL", default="" if EMBEDDED else "redis://127.0.0.1:6379/1")

if CHANNELS_REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Redis hands published messages to all its databases: the prefix parts installations that share one.
            "CONFIG": {"hosts": [CHANNELS_REDIS_URL], "prefix": f"safehome-{CHANNELS_REDIS_URL.rpartition('/')[2]}"},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}}

# A task that is lost or late costs one sweep of the watch loop, never a reading: the inbox is the guarantee.
_visibility_timeout = 300
CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": _visibility_timeout,
        "unacked_restore_interval": 5,
        "unacked_restore_limit": None,
        "health_check_interval": 5,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
    }
    if REDIS_URL
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_VISIBILITY_TIMEOUT = _visibility_timeout
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A worker is one process that does its tasks itself: the hop to a child would lengthen an alarm's way. Run more
# workers to have more at once.
CELERY_WORKER_POOL = "solo"
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_RESULT_BACKEND = None

# --- People ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "organisation.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SAFEHOME_REQUIRE_MFA = env.bool("SAFEHOME_REQUIRE_MFA", default=True)

ACCOUNT_ADAPTER = "safehome.organisation.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "safehome.organisation.adapters.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator made the account and knows whose it is
MFA_TOTP_ISSUER = "Safehome"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = secrets_store.openid_connect(env)

GUARDIAN_GET_INIT_ANONYMOUS_USER = None
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True

# --- Language and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["safehome.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Stockholm")

# --- E-mail ------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{SAFEHOME_DATA_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="safehome@localhost")
EMAIL_TIMEOUT = 10

# --- API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "safehome.organisation.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["safehome.api.permissions.ScopedAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "safehome.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("SAFEHOME_API_RATE", default="1200/min")},
    "EXCEPTION_HANDLER": "safehome.api.problems.as_problem",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Safehome API",
    "DESCRIPTION": "Residents, devices, assignments, readings and alarms of a care administration.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "safehome.api.schema.add_intake",
    ],
}

# Intake of readings (docs/reference/readings.md).
INTAKE_MAX_BYTES = env.int("SAFEHOME_INTAKE_MAX_BYTES", default=1_000_000)
INTAKE_MAX_READINGS = env.int("SAFEHOME_INTAKE_MAX_READINGS", default=5_000)
INTAKE_READINGS_PER_MINUTE = env.int("SAFEHOME_INTAKE_READINGS_PER_MINUTE", default=600_000)
INTAKE_REQUESTS_PER_MINUTE = env.int("SAFEHOME_INTAKE_REQUESTS_PER_MINUTE", default=30_000)

# What may leave the process, and who carries it (safehome/outbox).
OUTBOX_CHANNELS = {
    "email": "alarms.channels.email.send",
    "sms": "safehome.outbox.channels.sms.send",
    "letter": "safehome.outbox.channels.letter.send",
}
# Who words an SMS or a letter, at the moment it leaves (safehome/outbox/channels).
OUTBOX_WRITERS = {
    "sign_in_code": "safehome.residents.sign_in.write",
    "relative_notice": "alarms.notices.write",
}

# The SMS gateway (docs/how-to/sign-in-by-code.md). Embedded mode without one writes files.
SAFEHOME_SMS_URL = env.str("SAFEHOME_SMS_URL", default="")
SAFEHOME_SMS_TOKEN = env.str("SAFEHOME_SMS_TOKEN", default="")
SAFEHOME_SMS_SENDER = env.str("SAFEHOME_SMS_SENDER", default="Safehome")

# Codes to sign in with: how many one person may ask for, and how often one IP address may ask or try.
SAFEHOME_CODE_SMS_PER_DAY = env.int("SAFEHOME_CODE_SMS_PER_DAY", default=6)
SAFEHOME_CODE_LETTERS_PER_WEEK = env.int("SAFEHOME_CODE_LETTERS_PER_WEEK", default=2)
SAFEHOME_CODE_REQUESTS_PER_HOUR = env.int("SAFEHOME_CODE_REQUESTS_PER_HOUR", default=30)
SAFEHOME_CODE_TRIES_PER_HOUR = env.int("SAFEHOME_CODE_TRIES_PER_HOUR", default=60)

# Field changes are registered one by one in each app's `apps.py`, so that a new model is a decision.
AUDITLOG_INCLUDE_ALL_MODELS = False
AUDITLOG_DISABLE_REMOTE_ADDR = True

# What the apps add to a resident's page for staff, to the list of residents, and to the resident's own page.
RESIDENT_PANELS = ["alarms.panels.for_staff", "devices.panels.for_staff", "consents.panels.for_staff"]
RESIDENT_COUNTS = "alarms.panels.counts"
HOME_PANELS = ["devices.home_panels.at_home"]

# What they add to people's own pages about consents: which devices rest on which yes, what each administration knows,
# and what a relative sees who has been let in, category by category.
RESTS_ON = "devices.home_panels.resting_on"
HOLDINGS = "devices.home_panels.holdings"
RELATIVE_PANELS = {
    "alarms": ["alarms.panels.for_relative"],
    "activity": ["devices.home_panels.activity_for_relative"],
    "climate": ["devices.home_panels.climate_for_relative"],
    "devices": ["devices.home_panels.devices_for_relative"],
    "efforts": ["consents.portal.relatives_pages.efforts_for_relative"],
}
# What the apps add to the page where staff work with a resident's consents, and what waits, told in the main menu.
CONSENT_DESK_PANELS = ["devices.waiting.on_desk"]
NAVIGATION_COUNTS = {"desk:work": "consents.desk.work.open_for"}
# What changes with every decision about what may be shown of a resident, so that open pages look again; and whose help
# to a resident a reader may know of.
RESIDENT_VERSION = "consents.policies.version_of"
EFFORTS_SEEN_BY = "consents.policies.efforts_seen_by"

# What a decision about consents does to the data flow, in its own transaction (consents/effects.py).
CONSENT_EFFECTS = ["devices.consent_effects.apply", "alarms.consent_effects.apply"]
# What rests on an answer and how it stands with it now, for the receipt (consents/receipts/document.py).
CONSENT_RECEIPT_PANELS = ["devices.panels.stopped_by"]
# Signed paper forms: how large a scan may be, and the virus scanner that gets its path (0: clean, 1: infected).
SAFEHOME_SCAN_MAX_BYTES = env.int("SAFEHOME_SCAN_MAX_BYTES", default=10_000_000)
SAFEHOME_SCAN_COMMAND = env.str("SAFEHOME_SCAN_COMMAND", default="")
SAFEHOME_SCAN_TIMEOUT_S = env.int("SAFEHOME_SCAN_TIMEOUT_S", default=60)
CONSENT_LANGUAGES = env.list("SAFEHOME_CONSENT_LANGUAGES", default=["sv", "en"])
CONSENT_READING_KINDS = "devices.kinds.KINDS"
SAFEHOME_SPEECH_ENGINE = env.str("SAFEHOME_SPEECH_ENGINE", default="consents.speech.espeak")

# The accessibility statement names whom to write to and whom to complain to (ui:accessibility).
SAFEHOME_CONTACT_EMAIL = env.str("SAFEHOME_CONTACT_EMAIL", default="safehome@localhost")

SILENCED_SYSTEM_CHECKS = env.list("SILENCED_SYSTEM_CHECKS", default=[])

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "celery": {"level": env.str("CELERY_LOG_LEVEL", default="WARNING")},
        "httpx": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}

# Tracebacks without local variables: these may hold a person's name.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ],
)
