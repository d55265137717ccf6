"""Whose case it is, as the staff member may know them, and who in it can be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from consents.kinds import GivenBy
from consents.models import Consent
from consents.policies import Giver, get_consent
from safehome.audit.denials import NotAllowed
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Cohabitant, Representative, Resident
from safehome.residents.presentation import Reader, Shown


@dataclass(frozen=True)
class Case:
    """A resident before a staff member. `known` is false for somebody protected whom the reader is not named for."""

    user: User
    reader: Reader
    shown: Shown

    @property
    def resident(self) -> Resident:
        return self.shown.resident

    @property
    def name(self) -> str:
        return self.shown.name

    @property
    def known(self) -> bool:
        return self.shown.known


def get_case(user: User, pk: UUID | str, *, act: bool = False) -> Case:
    """For a page. `act`: something is asked, written or printed with the person's name, so that it needs somebody who
    may know it. Raises NotVisible (404) or NotAllowed (403)."""
    resident = residents.get_resident(user, pk, for_=Right.CONSENT_ASK)
    return _case(user, resident, act=act)


def get_consent_case(user: User, pk: UUID | str, *, act: bool = False) -> tuple[Consent, Case]:
    """A consent and whose case it is. Raises NotVisible (404) or NotAllowed (403)."""
    consent = get_consent(user, pk)
    return consent, _case(user, consent.resident, act=act)


def _case(user: User, resident: Resident, *, act: bool) -> Case:
    reader = Reader(user)
    case = Case(user, reader, reader.see(resident))
    if act and not case.known:
        raise NotAllowed("resident", resident, "know identity")
    return case


def givers(resident: Resident) -> list[Giver]:
    """Everybody who may have answered, on paper or by word of mouth: nobody of them is signed in."""
    represented = Representative.objects.in_force().filter(resident=resident)
    return [
        Giver(GivenBy.SELF, resident),
        *(Giver(GivenBy.REPRESENTATIVE, resident, representative=row) for row in represented),
        *(Giver(GivenBy.COHABITANT, resident, cohabitant=row) for row in cohabitants(resident)),
    ]


def givers_of(consent: Consent) -> list[Giver]:
    """Those among them to whom the question was put."""
    at_home = consent.cohabitant_id
    return [row for row in givers(consent.resident) if (row.cohabitant.pk if row.cohabitant else None) == at_home]


def cohabitants(resident: Resident) -> Iterable[Cohabitant]:
    if resident.home_id is None:
        return []
    return Cohabitant.objects.in_force().filter(home=resident.home_id)


def called(giver: Giver) -> str:
    """In a list to choose from: the name, and in what capacity."""
    if giver.representative:
        row = giver.representative
        return _("%(name)s, %(kind)s") % {"name": row.name, "kind": row.get_kind_display()}
    if giver.cohabitant:
        return _("%(name)s, lives there") % {"name": giver.cohabitant.name}
    return _("%(name)s, the person") % {"name": giver.resident.full_name}
