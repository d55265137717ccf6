"""`/api/v1/me/`: whose token or session this is, and what it reaches."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from safehome.api.permissions import SignedIn
from safehome.api.views import ApiView
from safehome.organisation.models import ApiToken, Duty, Membership, User
from safehome.organisation.policies import held_rights
from safehome.organisation.roles import Right, Role
from safehome.organisation.scopes import Scope


class OwnUnitSerializer(serializers.Serializer[Any]):
    """A unit in which the user works today."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    administration = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    rights = serializers.ListField(child=serializers.ChoiceField([right.value for right in Right]))
    on_duty = serializers.BooleanField()


class OwnTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """The token that this request was made with."""

    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "created_at", "expires_at"]


class MyselfSerializer(serializers.Serializer[Any]):
    """`token` is null in a browser's session."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    units = OwnUnitSerializer(many=True)
    token = OwnTokenSerializer(allow_null=True)


class Me(ApiView):
    """The user, the units in which they work with the rights they hold there, and the token."""

    permission_classes = (SignedIn,)

    @extend_schema(summary="Who am I", responses=MyselfSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        token = request.auth if isinstance(request.auth, ApiToken) else None
        own = {"id": self.user.pk, "name": self.user.name, "email": self.user.email, "token": token}
        return Response(MyselfSerializer({**own, "units": units_of(self.user)}).data)


def units_of(user: User) -> list[dict[str, Any]]:
    """Each unit once, with all roles held there."""
    rights = held_rights(user)
    on_duty = set(Duty.objects.of(user).open().values_list("unit", flat=True))
    held = Membership.objects.in_force().filter(user=user).select_related("unit__administration")
    units: dict[Any, dict[str, Any]] = {}
    for membership in held:
        unit = membership.unit
        own = units.setdefault(
            unit.pk,
            {
                "id": unit.pk,
                "name": unit.name,
                "administration": unit.administration.name,
                "roles": [],
                "rights": sorted(right.value for right in rights[unit.pk]),
                "on_duty": unit.pk in on_duty,
            },
        )
        own["roles"].append(membership.role)
    return list(units.values())
