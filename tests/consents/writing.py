"""What the tests of texts share: a speech engine that is quick, and the steps of writing."""

from typing import Any

from consents.models import ConsentText, Purpose
from consents.speech import SpeechFailed
from consents.texts import publishing
from consents.texts.publishing import Change
from safehome.organisation.models import User
from tests.factories import CONSENT_FIELDS

HARD = (
    "Förvaltningens personuppgiftsbehandling förutsätter samtyckesinhämtning beträffande sensorinstallationer "
    "bostadsanpassningsärenden myndighetsutövningens dokumentationsskyldighet informationssäkerhetsklassificering."
)


class QuickEngine:
    """Speaks Swedish and English."""

    def name(self) -> str:
        return "Quick 1.0"

    def speaks(self, language: str) -> bool:
        return language in ("sv", "en")

    def speak(self, text: str, language: str) -> bytes:
        return f"{language}:{text}".encode()


class BrokenEngine(QuickEngine):
    def speak(self, text: str, language: str) -> bytes:
        raise SpeechFailed("out of breath")


class CrashingEngine(QuickEngine):
    def speak(self, text: str, language: str) -> bytes:
        raise ZeroDivisionError


quick, broken, crashing = QuickEngine(), BrokenEngine(), CrashingEngine()
QUICK, BROKEN, CRASHING = (f"tests.consents.writing.{name}" for name in ("quick", "broken", "crashing"))


def written(purpose: Purpose, author: User, change: Change = "wording", **changed: Any) -> ConsentText:
    """A draft with all that is required, in Swedish changed as asked."""
    draft = publishing.new_version(purpose, by=author, change=change)
    for language, variant in publishing.required():
        told = CONSENT_FIELDS | (changed if language == "sv" else {})
        publishing.write(draft, author, language=language, variant=variant.value, sample=False, **told)
    return draft


def in_review(purpose: Purpose, author: User, change: Change = "wording", **changed: Any) -> ConsentText:
    return publishing.submit(written(purpose, author, change, **changed), author)
