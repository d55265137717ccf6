"""`manage.py demo` before anything is served: what it makes, and what it refuses."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from safehome.demo import demo_file
from safehome.residents.models import Resident


@pytest.mark.django_db
def test_making_the_municipality_alone_ends_by_itself_and_is_done_once() -> None:
    said = StringIO()
    call_command("demo", seed_only=True, stdout=said)
    made = demo_file.read()
    call_command("demo", seed_only=True, stdout=said)
    assert Resident.objects.count() == 21
    assert demo_file.read() == made
    assert said.getvalue().count("[2/2] Demo municipality: done") == 2


def test_in_server_mode_it_names_the_command_to_use_instead(settings: LazySettings) -> None:
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="make serve"):
        call_command("demo", stdout=StringIO())
