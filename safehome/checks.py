"""System checks: a mixture of settings that would lose readings or lie about safety is refused, with a hint."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register


@register()
def modes(**kwargs: Any) -> list[CheckMessage]:
    """Embedded mode is one process on SQLite; server mode is PostgreSQL and Redis."""
    found: list[CheckMessage] = []
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.SAFEHOME_MODE not in ("embedded", "server"):
        found.append(_error("E001", f"SAFEHOME_MODE is {settings.SAFEHOME_MODE!r}.", "Set it to embedded or server."))
    if not settings.EMBEDDED and "sqlite" in engine:
        found.append(
            _error("E002", "Server mode on SQLite.", "Set DATABASE_URL=postgres://… or SAFEHOME_MODE=embedded.")
        )
    if not settings.EMBEDDED and not (settings.REDIS_URL and settings.CHANNELS_REDIS_URL):
        found.append(_error("E003", "Server mode without Redis.", "Set REDIS_URL and CHANNELS_REDIS_URL."))
    if settings.REDIS_URL and settings.REDIS_URL == settings.CHANNELS_REDIS_URL:
        found.append(
            _error("E004", "Broker and live channels share one Redis database.", "Give each a number of its own.")
        )
    if settings.SAFEHOME_CLOCK_SPEED != 1 and not settings.EMBEDDED:
        found.append(
            _error(
                "E005",
                "The clock is sped up in server mode.",
                "Unset SAFEHOME_CLOCK_SPEED; it is for the demo.",
            )
        )
    return found


@register(Tags.security)
def keys(**kwargs: Any) -> list[CheckMessage]:
    """Without keys nothing can be encrypted or found again."""
    found: list[CheckMessage] = []
    if not settings.SECRET_KEY or not settings.SAFEHOME_INDEX_KEY:
        found.append(
            _error("E010", "SECRET_KEY or SAFEHOME_INDEX_KEY is missing.", "Make them with `python -m scripts.keys`.")
        )
    if not settings.SAFEHOME_FIELD_KEYS or not all(map(_is_key, settings.SAFEHOME_FIELD_KEYS)):
        found.append(
            _error(
                "E011",
                "SAFEHOME_FIELD_KEYS holds no usable key.",
                "Each is 32 bytes in URL-safe base64 (Fernet).",
            )
        )
    return found


@register(Tags.security)
def factors(**kwargs: Any) -> list[CheckMessage]:
    """Care staff sign in with two factors over open networks."""
    if settings.SAFEHOME_REQUIRE_MFA or settings.EMBEDDED:
        return []
    hint = "Unset SAFEHOME_REQUIRE_MFA; two factors are the default."
    return [checks.Warning("Staff may sign in with one factor.", hint=hint, id="safehome.W012")]


@register()
def channels(**kwargs: Any) -> list[CheckMessage]:
    """Every channel and writer that the outbox may be asked to use can be imported."""
    from django.utils.module_loading import import_string

    found: list[CheckMessage] = []
    for listed in ("OUTBOX_CHANNELS", "OUTBOX_WRITERS"):
        for name, path in getattr(settings, listed).items():
            try:
                import_string(path)
            except ImportError as fault:
                found.append(_error("E020", f"{name} in {listed} can't be imported: {fault}", f"See {listed}."))
    return found


@register()
def sms(**kwargs: Any) -> list[CheckMessage]:
    """People without an e-ID sign in with a code by SMS; on its way it must not be readable."""
    if settings.EMBEDDED:
        return []
    if not settings.SAFEHOME_SMS_URL:
        hint = "Set SAFEHOME_SMS_URL, or silence safehome.W030 if everybody has an e-ID."
        return [
            checks.Warning("There is no SMS gateway: codes to sign in do not leave.", hint=hint, id="safehome.W030")
        ]
    if not settings.SAFEHOME_SMS_URL.startswith("https://"):
        hint = "Use the gateway's https address, or silence safehome.W031 if it runs on this host."
        return [checks.Warning("SMS go to their gateway unencrypted.", hint=hint, id="safehome.W031")]
    return []


@register()
def scanner(**kwargs: Any) -> list[CheckMessage]:
    """Signed paper forms come from scanners and telephones that we know nothing of."""
    if settings.EMBEDDED or settings.SAFEHOME_SCAN_COMMAND:
        return []
    hint = "Set SAFEHOME_SCAN_COMMAND, or silence safehome.W032 if something else scans what is uploaded."
    return [checks.Warning("Uploaded forms are not scanned for viruses.", hint=hint, id="safehome.W032")]


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _error(number: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"safehome.{number}")
