"""Residents as the API tells of them: always through `presentation.Shown`, so that a protected identity is masked."""

from typing import Any

from rest_framework import serializers

from safehome.api.fields import NamedSerializer
from safehome.organisation.policies import Viewer
from safehome.residents import policies
from safehome.residents.models import Cohabitant, Contact, Home, Representative, Resident, Room
from safehome.residents.presentation import Shown


class RoomSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ["id", "name", "kind"]


class HomeSerializer(serializers.ModelSerializer[Home]):
    """`way_in` is how to get in: key, code, dog, where to park."""

    rooms = RoomSerializer(many=True)

    class Meta:
        model = Home
        fields = ["id", "street", "postal_code", "city", "floor", "way_in", "rooms"]


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A relative or neighbour, to be called in `call_order`."""

    class Meta:
        model = Contact
        fields = ["name", "relation", "phone", "email", "call_order", "has_key"]


class RepresentativeSerializer(serializers.ModelSerializer[Representative]):
    """May decide for the resident, within the scope."""

    class Meta:
        model = Representative
        fields = ["name", "kind", "scope", "phone"]


class CohabitantSerializer(serializers.ModelSerializer[Cohabitant]):
    class Meta:
        model = Cohabitant
        fields = ["name", "relation", "phone"]


class ResidentSummarySerializer(serializers.Serializer[Shown]):
    """`masked` is true when the identity is protected and you are not named for it: then the name says only that."""

    id = serializers.UUIDField(source="resident.pk")
    name = serializers.CharField()
    address = serializers.CharField(help_text="In one line.")
    is_protected = serializers.BooleanField(source="resident.is_protected")
    masked = serializers.SerializerMethodField()

    def get_masked(self, shown: Shown) -> bool:
        return not shown.known


class ResidentSerializer(serializers.Serializer[Any]):
    """All that somebody who goes there needs. The personal identity number is left out: search finds by it.

    Of a masked resident only the units and the language are told.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    is_protected = serializers.BooleanField()
    masked = serializers.BooleanField()
    language = serializers.CharField()
    units = NamedSerializer(many=True, help_text="The units that take part in the care today.")
    birth_date = serializers.DateField(allow_null=True)
    phone = serializers.CharField()
    home = HomeSerializer(allow_null=True)
    good_to_know = serializers.CharField(help_text="What somebody who comes in a hurry must know.")
    contacts = ContactSerializer(many=True)
    representatives = RepresentativeSerializer(many=True, help_text="Those in force today.")
    cohabitants = CohabitantSerializer(many=True, help_text="Those who live there today.")


def in_full(shown: Shown, user: Viewer) -> dict[str, Any]:
    """What `ResidentInFull` tells to a reader who sees the resident so."""
    resident, home = shown.resident, shown.home
    relations = resident.care_relations.in_force().filter(policies.efforts_seen_by(user, owner="unit__administration"))
    known = {
        "birth_date": resident.birth_date,
        "phone": resident.phone,
        "home": home,
        "good_to_know": resident.good_to_know,
        "contacts": resident.contacts.all(),
        "representatives": resident.representatives.in_force(),
        "cohabitants": home.cohabitants.in_force() if home else [],
    }
    return {
        "id": resident.pk,
        "name": shown.name,
        "is_protected": resident.is_protected,
        "masked": not shown.known,
        "language": resident.language,
        "units": [relation.unit for relation in relations.select_related("unit")],
        **(known if shown.known else _MASKED),
    }


_MASKED: dict[str, Any] = {
    "birth_date": None,
    "phone": "",
    "home": None,
    "good_to_know": "",
    "contacts": [],
    "representatives": [],
    "cohabitants": [],
}


class ResidentChangeSerializer(serializers.ModelSerializer[Resident]):
    """What may be changed about a resident without the register."""

    class Meta:
        model = Resident
        fields = ["good_to_know", "phone", "language"]
