"""What the apps above tell about who holds what of a resident (settings.HOLDINGS)."""

from dataclasses import dataclass, field
from uuid import UUID

from consents.kinds import Category
from safehome.organisation.models import Unit


@dataclass
class Holdings:
    """`held`: administration id → the categories in which it has something that may be shown. `sent_alarms`: units
    that the home's alarms go to, at once or when nobody else takes them. `mend`: units that see to the devices."""

    held: dict[UUID, set[Category]] = field(default_factory=dict)
    sent_alarms: dict[UUID, Unit] = field(default_factory=dict)
    mend: dict[UUID, Unit] = field(default_factory=dict)
