"""The gate's verdicts in words: who has not agreed to what, as somebody who knows these people would say it.

Devices say with them why they don't collect; the API tells the code and the words together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consents.gate import Lack, Verdict, Why
from consents.models import Purpose, giver_of
from safehome.residents.models import Resident
from safehome.residents.presentation import Reader

_SAYS = {
    Why.MISSING: gettext_lazy("%(who)s has not been asked about “%(what)s”."),
    Why.ASKED: gettext_lazy("%(who)s has not answered about “%(what)s” yet."),
    Why.TALK: gettext_lazy("%(who)s wants to talk to someone first about “%(what)s”."),
    Why.WAITING: gettext_lazy("One guardian of %(who)s has said yes to “%(what)s”. The other has not answered."),
    Why.REFUSED: gettext_lazy("%(who)s has said no to “%(what)s”."),
    Why.ENDED: gettext_lazy("The yes of %(who)s to “%(what)s” has ended."),
    Why.EXPIRED: gettext_lazy("The yes of %(who)s to “%(what)s” has passed its last day."),
    Why.LAPSED: gettext_lazy("What is done for “%(what)s” has changed since %(who)s said yes."),
    Why.ANNULLED: gettext_lazy("The answer of %(who)s about “%(what)s” was annulled."),
}


@dataclass(frozen=True)
class Reason:
    """One thing that is missing: the gate's code for it, and the words."""

    code: str
    text: str


def reasons(verdict: Verdict, resident: Resident | None, reader: Reader | None = None) -> list[Reason]:
    """Everything that a verdict lacks, each said once. Without a reader nobody protected is named."""
    if verdict.allowed:
        return []
    names = names_in(resident, reader)
    wanted = {lack.purpose for lack in verdict.lacks if lack.purpose}
    purposes = dict(Purpose.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return list(dict.fromkeys(Reason(lack.why.value, say(lack, names, purposes)) for lack in verdict.lacks))


def say(lack: Lack, names: dict[UUID, str], purposes: dict[UUID, str]) -> str:
    """One lack as a sentence. `names` come from `names_in`; `purposes` are names by id."""
    what = purposes.get(lack.purpose, "") if lack.purpose else ""
    if lack.why is Why.DIED:
        return _("The person has died.")
    if lack.why is Why.NO_PURPOSE:
        return _("“%(what)s” is not in force.") % {"what": what} if what else _("No purpose in force covers this.")
    who = names.get(lack.giver) if lack.giver else None
    return str(_SAYS[lack.why]) % {"who": who or _("Somebody who lives there"), "what": what}


def names_in(resident: Resident | None, reader: Reader | None = None) -> dict[UUID, str]:
    """What each person in the home is called, by the id that the gate knows them by."""
    if resident is None:
        return {}
    names = {resident.pk: _name(resident, reader)}
    if resident.home_id is None:
        return names
    known = _known(resident, reader)
    for row in resident.home.cohabitants.all() if resident.home else ():
        names[giver_of(resident.pk, row.pk)] = lives_there(row.name if known else "")
    for other in others_at_home(resident):
        names[other.pk] = lives_there(_name(other, reader) if _known(other, reader) else "")
    return names


def lives_there(name: str) -> str:
    """Somebody in the home, who is not the one whose case it is."""
    return _("%(name)s, who lives there,") % {"name": name} if name else _("Somebody who lives there")


def others_at_home(resident: Resident) -> Iterable[Resident]:
    """Other residents of the same home: they agree to what goes on there as cohabitants do."""
    if resident.home_id is None:
        return []
    return Resident.objects.filter(home=resident.home_id, died_on__isnull=True).exclude(pk=resident.pk)


def _name(resident: Resident, reader: Reader | None) -> str:
    return resident.full_name if _known(resident, reader) else _("Protected person")


def _known(resident: Resident, reader: Reader | None) -> bool:
    return reader.see(resident).known if reader else not resident.is_protected
