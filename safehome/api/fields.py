"""Fields that several apps' serializers share."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers

from safehome.organisation.models import User


class NamedSerializer(serializers.Serializer[Any]):
    """Something by its id and its name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class OneOf(serializers.PrimaryKeyRelatedField[Any]):
    """An id among those that a policy lets the user choose from; any other is told as one that does not exist."""

    def __init__(self, among: Callable[[User], QuerySet[Any]], **kwargs: Any) -> None:
        self._among = among
        kwargs.setdefault("pk_field", serializers.UUIDField())
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Model]:
        return self._among(self.context["request"].user)
