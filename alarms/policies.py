"""Who sees an alarm and who may handle it. `visible_to` is the rule; the rest is derived from it.

An alarm that the escalation plan has sent to a unit is seen there whoever owns it: the call for help goes before the
secrecy between authorities (GDPR 9.2 c, OSL 10:2). Beyond that another administration sees an alarm only while the
resident lets it see them, and handles none of them.
"""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from alarms.models import Alarm, AlarmTarget
from alarms.querysets import AlarmQuerySet
from alarms.states import Category, Verb, verbs_from
from consents.kinds import Category as Shared
from consents.sharing import seen_by
from devices import policies as devices
from devices.models import Assignment, Device
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.organisation.models import Duty, Membership, Unit, User
from safehome.organisation.policies import Viewer, units_with
from safehome.organisation.roles import Right


def visible_to(user: Viewer) -> AlarmQuerySet:
    """Alarms sent to a unit where the user works with alarms; technical ones also where the user mends devices; and
    those of another administration that the resident lets the user's see."""
    if not isinstance(user, User) or not user.is_active:
        return Alarm.objects.none()
    return Alarm.objects.filter(_sent_where(user, Right.ALARM_VIEW) | _technical_sent_where(user) | _let_see(user))


def _let_see(user: User) -> Q:
    """Shared by a consent to lift secrecy, and resting on consents that stand."""
    shared = seen_by(user, Right.ALARM_VIEW, Shared.ALARMS, resident="resident", owner="administration")
    own = units_with(user, Right.ALARM_VIEW).values("administration")
    lawful = Q(assignment=None) | Q(assignment__in=Assignment.objects.lawful().values("pk"))
    return Q(resident__isnull=False) & ~Q(administration__in=own) & shared & lawful


def may_handle(user: Viewer) -> AlarmQuerySet:
    """The visible alarms that the user may accept, arrive at and close."""
    if not isinstance(user, User):
        return Alarm.objects.none()
    return visible_to(user).filter(_sent_where(user, Right.ALARM_HANDLE) | _technical_sent_where(user))


def _sent_where(user: User, right: Right) -> Q:
    units = Membership.objects.in_force().carrying(right).filter(user=user).values("unit")
    return Q(pk__in=AlarmTarget.objects.filter(unit__in=units).values("alarm"))


def _technical_sent_where(user: User) -> Q:
    return Q(category=Category.TECHNICAL) & _sent_where(user, Right.DEVICE_MANAGE)


def get_alarm(user: User, pk: UUID | str, *, for_: Verb | None = None, lock: bool = False) -> Alarm:
    """An alarm for a page, or for a verb and then locked. Raises NotVisible (404) or NotAllowed (403)."""
    wanted = for_.value if for_ else "view"
    visible = visible_to(user)
    alarm = (visible.select_for_update(of=("self",)) if lock else visible.with_people()).filter(pk=pk).first()
    if alarm is None:
        hidden = Alarm.objects.filter(pk=pk).first()
        raise NotVisible("alarm", hidden, wanted) if hidden else Http404
    if for_ and not may_handle(user).filter(pk=pk).exists():
        raise NotAllowed("alarm", alarm, wanted)
    return alarm


def device_of(user: User, alarm: Alarm) -> Device | None:
    """The device that gave the alarm: told to units that got the alarm, and to whom the home's devices are shown."""
    if alarm.assignment is None:
        return None
    sent = Alarm.objects.filter(_sent_where(user, Right.ALARM_VIEW) | _technical_sent_where(user), pk=alarm.pk)
    shown = sent.exists() or devices.assignments_visible_to(user).contains(alarm.assignment)
    return alarm.assignment.device if shown else None


def may(user: User, alarm: Alarm, *, handles: bool) -> list[Verb]:
    """The verbs to offer: what the state allows, and a second accept only while the alarm rings anew."""
    if not handles:
        return []
    verbs = verbs_from(alarm.handling_now)
    if alarm.accepted_by_id and not alarm.ringing:
        verbs = [verb for verb in verbs if verb is not Verb.ACCEPT]
    return verbs


def board_units(user: User) -> QuerySet[Unit]:
    """The units whose alarms the user's board shows: those of the shift, or all where alarms are seen."""
    own = units_with(user, Right.ALARM_VIEW) | units_with(user, Right.DEVICE_MANAGE)
    on_shift = own.filter(pk__in=Duty.objects.of(user).open().values("unit"))
    return on_shift.distinct() if on_shift.exists() else own.distinct()


def on_board(user: User) -> AlarmQuerySet:
    """Open alarms of the board's units."""
    return visible_to(user).open().sent_to(board_unit_ids(user))


def board_unit_ids(user: User) -> set[UUID]:
    return set(board_units(user).values_list("pk", flat=True))
