"""What happens in people's lives outside this app and changes what is lawful: somebody moves in or out, a mandate is
changed, somebody dies. In the transaction of the change itself."""

from typing import Any

from consents import actions, effects, relatives
from consents.models import Consent, RelativeView
from consents.states import OPEN, State
from safehome import clock
from safehome.residents.models import Cohabitant, Representative, Resident


def household_changed(sender: Any, instance: Cohabitant, **kwargs: Any) -> None:
    residents = Resident.objects.filter(home=instance.home_id).values_list("pk", flat=True)
    if residents:
        effects.apply(residents, at=clock.now())


def mandate_changed(sender: Any, instance: Representative, created: bool, **kwargs: Any) -> None:
    if not created:
        actions.mandate_changed(instance)


def resident_moves(sender: Any, instance: Resident, **kwargs: Any) -> None:
    """Remembers from where: those who are left behind there are fewer to ask."""
    before = Resident.objects.filter(pk=instance.pk).values_list("home", flat=True).first()
    vars(instance)["_home_left"] = before if before != instance.home_id else None


def resident_changed(sender: Any, instance: Resident, created: bool, **kwargs: Any) -> None:
    """A new address changes who lives there, and who still lives at the old one; a death ends everything."""
    if created and instance.home_id is None:
        return
    if left := vars(instance).pop("_home_left", None):
        effects.apply(Resident.objects.filter(home=left).values_list("pk", flat=True), at=clock.now())
    if instance.died_on:
        _died(instance)
    effects.apply([instance.pk], at=clock.now())


def _died(resident: Resident) -> None:
    if Consent.objects.filter(resident=resident, state__in=[State.GIVEN, *OPEN]).exists():
        actions.close_after_death(resident)
    for view in RelativeView.objects.in_force().filter(resident=resident):
        relatives.end(view.pk, by=None)
