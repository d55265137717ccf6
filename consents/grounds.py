"""Fetches the facts that the gate weighs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from consents.gate import Emergency, Facts, Ground, Need, Verdict, Why, weigh
from consents.models import Consent, EmergencyGround, Purpose, giver_of
from consents.states import State
from safehome import clock
from safehome.residents.models import Cohabitant, DatedModel, Resident

_WHY = {
    State.ASKED: Why.ASKED,
    State.TALK: Why.TALK,
    State.WAITING: Why.WAITING,
    State.GIVEN: Why.EXPIRED,  # asked only when its time has run out
    State.REFUSED: Why.REFUSED,
    State.ENDED: Why.ENDED,
    State.EXPIRED: Why.EXPIRED,
    State.LAPSED: Why.LAPSED,
    State.REPLACED: Why.EXPIRED,  # by a newer yes: nobody has said no
    State.ANNULLED: Why.ANNULLED,
}


def may_collect_for(resident: Resident | None, purposes: Sequence[Purpose], at: datetime | None = None) -> Verdict:
    """May devices that rest on these purposes collect, and until when does that stand?

    Of a public place nobody consents; its purposes' legal basis must be in force. Everything that rests on no purpose
    at all is refused.
    """
    moment = at or clock.now()
    return weigh(facts_for(resident, purposes, moment), moment)


def facts_for(resident: Resident | None, purposes: Sequence[Purpose], at: datetime) -> Facts:
    hindrance = _hindrance(resident, purposes, at)
    if hindrance:
        return Facts(hindrance=hindrance)
    if resident is None:
        return Facts(needs=tuple(_basis(purpose) for purpose in purposes), grounds=_without_consent(purposes))
    needs = tuple(_needs(resident, purposes))
    return Facts(needs, _without_consent(purposes) + _grounds(needs, resident, purposes), _emergencies(resident, at))


def _hindrance(resident: Resident | None, purposes: Sequence[Purpose], at: datetime) -> Why | None:
    if resident is not None and resident.died_on and at >= day_starts(resident.died_on):
        return Why.DIED
    in_force = [purpose for purpose in purposes if _stretch_holds(purpose, at)]
    # A place has nobody to ask: what needs consent can't be done there.
    if resident is None and any(purpose.consent_required for purpose in in_force):
        return Why.NO_PURPOSE
    return None if in_force and len(in_force) == len(purposes) else Why.NO_PURPOSE


def _needs(resident: Resident, purposes: Iterable[Purpose]) -> Iterable[Need]:
    """The resident's own agreement to each purpose, and that of everybody who lives there where it asks for it."""
    household = _household(resident)
    for purpose in purposes:
        yield _basis(purpose)
        if not purpose.consent_required:
            continue
        yield Need(resident.pk, purpose.pk)
        if purpose.cohabitants:
            for giver, from_, until in household:
                yield Need(giver, purpose.pk, from_, until)


_LAW = UUID(int=0)
"""The giver of what the law itself allows: the purpose's basis, while it is in force."""


def _basis(purpose: Purpose) -> Need:
    return Need(_LAW, purpose.pk)


def _without_consent(purposes: Iterable[Purpose]) -> tuple[Ground, ...]:
    return tuple(Ground(_LAW, purpose.pk, *stretch(purpose), why=Why.NO_PURPOSE) for purpose in purposes)


def _household(resident: Resident) -> list[tuple[UUID, datetime | None, datetime | None]]:
    """Everybody else who lives in the home and when: cohabitants, and other residents of the same home."""
    if resident.home_id is None:
        return []
    cohabitants = Cohabitant.objects.filter(home=resident.home_id)
    others = Resident.objects.filter(home=resident.home_id, died_on__isnull=True).exclude(pk=resident.pk)
    return [(giver_of(resident.pk, row.pk), *stretch(row)) for row in cohabitants] + [
        (pk, None, None) for pk in others.values_list("pk", flat=True)
    ]


def _grounds(needs: Iterable[Need], resident: Resident, purposes: Iterable[Purpose]) -> tuple[Ground, ...]:
    givers = {need.giver for need in needs}
    rows = Consent.objects.filter(Q(resident=resident) | Q(resident__in=givers, cohabitant=None), purpose__in=purposes)
    return tuple(ground_of(row) for row in rows.order_by("asked_at"))


def ground_of(row: Consent) -> Ground:
    """A consent as the gate sees it."""
    from_ = None if row.state == State.ANNULLED else row.given_at
    until = min(filter(None, (row.valid_until, row.ended_at)), default=None)
    why = _WHY[State(row.state)]
    if row.state == State.GIVEN and row.until_verb == "lapse":
        why = Why.LAPSED
    return Ground(row.giver_id, row.purpose_id, from_, until, why, row.answered_at or row.asked_at)


def _emergencies(resident: Resident, at: datetime) -> tuple[Emergency, ...]:
    rows = EmergencyGround.objects.filter(resident=resident, ends_at__gt=at)
    return tuple(Emergency(row.started_at, row.ends_at) for row in rows)


# --- Dates as moments --------------------------------------------------------------------------------------------


def stretch(row: DatedModel) -> tuple[datetime, datetime | None]:
    """Two dates, both counted in, as a half-open stretch of local time."""
    return day_starts(row.valid_from), day_starts(row.valid_to + timedelta(days=1)) if row.valid_to else None


def _stretch_holds(row: DatedModel, at: datetime) -> bool:
    start, end = stretch(row)
    return start <= at and (end is None or at < end)


def day_starts(day: date) -> datetime:
    """Local midnight."""
    return timezone.make_aware(datetime.combine(day, time.min), clock.local_zone())
