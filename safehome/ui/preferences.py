"""How a reader wants the pages: language, text size, light or dark.

Kept in a cookie of its own rather than with the account: the choice holds on the log-in page too, survives
signing out, stays with the screen it was made for (the night patrol's tablet is dark, the office's is not),
and costs no query.
"""

from dataclasses import asdict, dataclass, replace
from typing import Self
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils.translation import pgettext_lazy

COOKIE = "safehome_display"
COOKIE_AGE = 60 * 60 * 24 * 365


class TextSize(TextChoices):
    """Steps of the root font size; everything on a page grows with it."""

    NORMAL = "normal", pgettext_lazy("text size", "Normal")
    LARGE = "large", pgettext_lazy("text size", "Large")
    LARGER = "larger", pgettext_lazy("text size", "Larger")


class Theme(TextChoices):
    """Light or dark; `auto` follows the device."""

    AUTO = "auto", pgettext_lazy("theme", "As the device")
    LIGHT = "light", pgettext_lazy("theme", "Light")
    DARK = "dark", pgettext_lazy("theme", "Dark")


def allowed() -> dict[str, list[str]]:
    """The values each choice may take; anything else in a form or a cookie is passed over."""
    return {
        "language": [code for code, _name in settings.LANGUAGES],
        "text_size": TextSize.values,
        "theme": Theme.values,
    }


@dataclass(frozen=True)
class Preferences:
    """The choices in force. Swedish until the reader says otherwise: a browser's language is often nobody's choice."""

    language: str = settings.LANGUAGE_CODE
    text_size: str = TextSize.NORMAL.value
    theme: str = Theme.AUTO.value

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The choices that came with the request."""
        return cls().changed(dict(parse_qsl(request.COOKIES.get(COOKIE, ""))))

    def changed(self, wishes: dict[str, str]) -> Self:
        """These choices with the allowed ones among `wishes` put in."""
        permitted = allowed()
        return replace(self, **{key: value for key, value in wishes.items() if value in permitted.get(key, [])})

    def save(self, response: HttpResponse) -> None:
        """Send the choices along with the response, to be kept for a year."""
        response.set_cookie(
            COOKIE,
            urlencode(asdict(self)),
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
