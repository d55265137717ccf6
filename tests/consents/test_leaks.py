"""No address tells what the resident has taken back, and no address can be added without saying what it tells.

Each address of the product stands in one of the tables below. `SHOWS` says what each of the three readers sees there
while the consents stand; `TELLS_NOTHING` names the rest. Both are then asked by all three after the resident has taken
back what each of them sees by. An address that stands in neither table fails the first test.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import resolve

from alarms.models import Alarm
from safehome.asgi import sockets
from safehome.organisation.models import Unit, User
from safehome.organisation.roles import Role
from safehome.residents.models import Contact, Resident
from tests.consents.leaks import (
    ACTIVITY,
    ALARM,
    COUNT,
    DEVICE,
    EFFORT,
    NOTE,
    NOTICE,
    OWN,
    RELATIVE,
    SECOND,
    UNIT,
    WARMTH,
    Scene,
    addresses,
    lay_out,
    url,
)
from tests.factories import ContactFactory, UserFactory, staff
