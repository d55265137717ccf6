"""A resident as a given reader may see them. Every page, API answer and notice takes names and addresses from here,
so that a protected identity is masked in one place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from safehome.organisation.policies import Viewer
from safehome.residents import policies
from safehome.residents.models import Home, Resident


@dataclass(frozen=True)
class Shown:
    """What may be shown; `home` is None when the address may not be."""

    resident: Resident
    known: bool

    @property
    def name(self) -> str:
        return self.resident.full_name if self.known else _("Protected person")

    @property
    def identity_number(self) -> str:
        number = self.resident.identity_number if self.known else ""
        return f"{number[:8]}-{number[8:]}" if number else ""

    @property
    def home(self) -> Home | None:
        return self.resident.home if self.known else None

    @property
    def address(self) -> str:
        if not self.known:
            return _("Protected address")
        home = self.resident.home
        return ", ".join(filter(None, (str(home), home.floor))) if home else ""


def lives_of(resident: Resident) -> dict[str, str]:
    """What an open page needs so that it loses what may no longer be shown (templates write it as data-lives and
    data-lives-version). Ask for it before the page's content is read."""
    return {"url": reverse("residents:lives", args=[resident.pk]), "version": policies.version_of(resident)}


class Reader:
    """One reader's sight, asked once for a whole page."""

    def __init__(self, user: Viewer) -> None:
        self._user = user
        self._named: set[object] | None = None

    def see(self, resident: Resident) -> Shown:
        return Shown(resident, self._knows(resident))

    def see_all(self, residents: Iterable[Resident]) -> list[Shown]:
        return [self.see(resident) for resident in residents]

    def _knows(self, resident: Resident) -> bool:
        if not resident.is_protected or policies.is_own(self._user, resident):
            return True
        if self._named is None:
            self._named = set(policies.named_for(self._user).values_list("pk", flat=True))
        return resident.pk in self._named
