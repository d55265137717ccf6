"""Alarms as the API tells of them: through `presentation.Row`, as the reader may see them."""

from typing import Any

from rest_framework import serializers

from alarms.models import AlarmEvent
from alarms.outcomes import Outcome
from alarms.presentation import Row
from alarms.states import Category, Condition, Handling, Priority, Verb
from safehome.api.fields import NamedSerializer
from safehome.api.problems import ProblemSerializer


class AlarmSummarySerializer(serializers.Serializer[Row]):
    """`condition` is the sensor's, `handling` people's: an alarm stays open until a person closes it.

    `who` and `where` are in words, as you may see them. `may` says what you may do now. Send `version` when you close,
    so that you never close away something that you have not seen.
    """

    id = serializers.UUIDField()
    number = serializers.CharField(help_text="A short name to say over the telephone.")
    code = serializers.CharField(help_text="The kind of alarm.")
    label = serializers.CharField(help_text="The kind in words.")  # type: ignore[assignment]
    sentence = serializers.CharField(help_text="What has happened.")
    action = serializers.CharField(help_text="What to do next; empty once the alarm is closed.")
    category = serializers.ChoiceField(Category.choices)
    priority = serializers.ChoiceField(Priority.choices)
    condition = serializers.ChoiceField(Condition.choices)
    handling = serializers.ChoiceField(Handling.choices)
    who = serializers.CharField()
    where = serializers.CharField()
    unit = NamedSerializer(help_text="The unit that the alarm belongs to.")
    resident = serializers.UUIDField(source="resident_id", allow_null=True)
    place = serializers.UUIDField(source="place_id", allow_null=True)
    assignment = serializers.UUIDField(source="assignment_id", allow_null=True)
    occurred_at = serializers.DateTimeField(help_text="When it happened.")
    raised_at = serializers.DateTimeField(help_text="When Safehome learned of it.")
    late = serializers.BooleanField(help_text="Learned of long after it happened. It rings all the same.")
    test = serializers.BooleanField()
    ringing = serializers.BooleanField(help_text="Nobody has taken it, or it calls again.")
    repeat_count = serializers.IntegerField(help_text="How often the same has come while the alarm was open.")
    last_repeat_at = serializers.DateTimeField()
    accepted_by = NamedSerializer(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    arrived_by = NamedSerializer(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    closed_by = NamedSerializer(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(Outcome.choices, allow_blank=True, help_text="How it ended; empty while open.")
    version = serializers.IntegerField()
    may = serializers.ListField(child=serializers.ChoiceField(Verb.choices))


class AlarmEventSerializer(serializers.ModelSerializer[AlarmEvent]):
    """Something that has happened to the alarm, by a person or by the machine (`by` is null)."""

    by = NamedSerializer(allow_null=True)
    unit = NamedSerializer(allow_null=True, help_text="The unit that the alarm went on to.")

    class Meta:
        model = AlarmEvent
        fields = ["id", "kind", "at", "by", "unit", "note"]


class AlarmSerializer(AlarmSummarySerializer):
    timeline = AlarmEventSerializer(source="events", many=True, help_text="What has happened, oldest first.")


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=2_000, default="", allow_blank=True, help_text="For the timeline.")


class ClosingSerializer(NoteSerializer):
    outcome = serializers.ChoiceField(Outcome.choices, help_text="Which fit depends on the alarm's category.")
    version = serializers.IntegerField(
        required=False, help_text="The alarm's version as you saw it; refused when it has changed since."
    )


class RefusalSerializer(ProblemSerializer):
    """The verb does not fit the alarm's present state. `detail` says who was first, in words to show."""

    handling = serializers.ChoiceField(Handling.choices)
    version = serializers.IntegerField()
    taken_by = NamedSerializer(allow_null=True, help_text="Who has closed it, or is there, or has taken it.")
    taken_at = serializers.DateTimeField(allow_null=True)
