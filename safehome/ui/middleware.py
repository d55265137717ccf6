"""Every response in the reader's chosen language."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from safehome.ui.preferences import Preferences


class ChosenLanguageMiddleware(MiddlewareMixin):
    """Saved choice first, then Swedish; never what the browser happens to say.

    Django's `LocaleMiddleware` follows the browser, so a shared tablet set up in English would show English
    alarms to Swedish staff.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Speak the chosen language for as long as the request lasts."""
        translation.activate(Preferences.of(request).language)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Tell caches and readers which language this became."""
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response
