"""Personal identity numbers: validated, encrypted at rest, found again by a keyed hash.

Own code of a few lines on `cryptography` rather than one of the field-encryption packages: see
docs/decisions/0003-encrypted-identity-numbers.md.
"""

import hashlib
import hmac
from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from personnummer.personnummer import Personnummer, PersonnummerException


def normalise(text: str) -> str:
    """Twelve digits of a personal identity number or coordination number (lag 1990:1506, 2022:1697).

    Takes 10 or 12 digits with or without `-` or `+`. Raises ValidationError for anything else, for a wrong check
    digit and for a day that does not exist.
    """
    text = text.strip()
    try:
        number = Personnummer(text).format(long_format=True) if text.isascii() else ""
        if number and birth_date(number) <= timezone.localdate():
            return number
    except (PersonnummerException, ValueError):
        pass
    raise ValidationError(
        _("Enter a personal identity number or coordination number as YYYYMMDD-NNNN."), code="identity_number"
    )


def birth_date(number: str) -> date:
    """The date of birth in a normalised number; 60 is taken off the day of a coordination number."""
    year, month, day = int(number[:4]), int(number[4:6]), int(number[6:8])
    return date(year, month, day - 60 if day > 60 else day)


def index(number: str) -> str:
    """HMAC-SHA-256 of a normalised number, by which it is found without being decrypted."""
    return hmac.new(settings.SAFEHOME_INDEX_KEY.encode(), number.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1)
def _keys(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _cipher() -> MultiFernet:
    return _keys(tuple(settings.SAFEHOME_FIELD_KEYS))


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is only readable with the installation's keys. Rotate by putting a new key first."""

    description = "Text, encrypted at rest"

    def get_prep_value(self, value: Any) -> str | None:
        return _cipher().encrypt(str(value).encode()).decode() if value else value

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        if not value:
            return value
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise ValueError("An encrypted field can't be read: SAFEHOME_FIELD_KEYS lacks its key.") from None
