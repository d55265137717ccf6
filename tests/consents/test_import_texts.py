"""A municipality starts from Safehome's own texts, as rows of its own."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from consents import plain_language, starter
from consents.actions import Refused
from consents.kinds import ConsentKind
from consents.models import ConsentText, Purpose, TextState
from consents.texts import publishing
from consents.texts.publishing import import_starter
from safehome.organisation.models import Administration, User
from tests.consents.writing import QUICK


@pytest.fixture(autouse=True)
def _quick_voice(settings: Settings) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = QUICK


@pytest.fixture
def sharing() -> list[str]:
    """Codes of what needs another office."""
    return [row.code for row in starter.load() if row.kind == "secrecy"]


def test_every_purpose_becomes_a_draft(
    administration: Administration, second_administration: Administration, case_officer: User, unit_manager: User
) -> None:
    made = import_starter(
        administration, author=case_officer, reviewer=unit_manager, other_office=second_administration
    )
    assert [purpose.code for purpose in made] == [row.code for row in starter.load()]
    assert set(ConsentText.objects.values_list("state", flat=True)) == {TextState.DRAFT}
    for purpose, row in zip(made, starter.load(), strict=True):
        assert purpose.administration == administration
        assert sorted(one.category for one in purpose.categories.all()) == sorted(row.categories)
        assert purpose.texts.get().translations.count() == len(row.texts)


def test_published_at_once_they_can_be_asked_with(
    administration: Administration, second_administration: Administration, case_officer: User, unit_manager: User
) -> None:
    made = import_starter(
        administration, author=case_officer, reviewer=unit_manager, other_office=second_administration, publish=True
    )
    for purpose in made:
        assert purpose.published
        assert purpose.published.reviewer == unit_manager
        assert publishing.problems(purpose.published) == []
        for one in publishing.measured(purpose.published):
            if not one.row.sample:
                assert one.measure.lix < plain_language.AIM, one.name


def test_names_of_offices_are_filled_in(
    administration: Administration, second_administration: Administration, case_officer: User, unit_manager: User
) -> None:
    import_starter(administration, author=case_officer, reviewer=None, other_office=second_administration)
    words = " ".join(publishing.whole(row) for text in ConsentText.objects.all() for row in text.translations.all())
    assert "{" not in words
    assert second_administration.name in words


def test_lifting_secrecy_names_the_other_office_as_recipient(
    administration: Administration, second_administration: Administration, case_officer: User, sharing: list[str]
) -> None:
    made = import_starter(
        administration, author=case_officer, reviewer=None, other_office=second_administration, codes=sharing
    )
    assert [purpose.kind for purpose in made] == [ConsentKind.SECRECY] * len(sharing)
    for purpose in made:
        assert [row.administration for row in purpose.recipients.all()] == [second_administration]


def test_without_another_office_they_are_left_out_or_asked_about(
    administration: Administration, case_officer: User, sharing: list[str]
) -> None:
    made = import_starter(administration, author=case_officer, reviewer=None)
    assert not {purpose.code for purpose in made} & set(sharing)
    with pytest.raises(Refused):
        import_starter(administration, author=case_officer, reviewer=None, codes=sharing)


def test_importing_again_changes_nothing(
    administration: Administration, case_officer: User, unit_manager: User
) -> None:
    import_starter(administration, author=case_officer, reviewer=unit_manager, publish=True)
    before = list(Purpose.objects.values()), list(ConsentText.objects.order_by("pk").values())
    import_starter(administration, author=unit_manager, reviewer=case_officer, publish=True)
    assert (list(Purpose.objects.values()), list(ConsentText.objects.order_by("pk").values())) == before


def test_what_was_imported_as_drafts_is_published_later(
    administration: Administration, case_officer: User, unit_manager: User
) -> None:
    import_starter(administration, author=case_officer, reviewer=unit_manager)
    made = import_starter(administration, author=case_officer, reviewer=unit_manager, publish=True)
    assert all(purpose.published for purpose in made)


@pytest.mark.parametrize("reviewer", ["case_officer", "her_carer", "foreign_carer"])
def test_who_may_not_review_is_refused_before_anything_is_made(
    reviewer: str, administration: Administration, case_officer: User, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Refused):
        import_starter(administration, author=case_officer, reviewer=request.getfixturevalue(reviewer), publish=True)
    assert not Purpose.objects.exists()


# --- The command -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(administration: Administration, case_officer: User, unit_manager: User) -> Callable[..., str]:
    def command(*more: str, **changed: str) -> str:
        told = {"--administration": administration.name, "--author": case_officer.email} | changed
        out = StringIO()
        call_command("import_consent_texts", *[part for pair in told.items() for part in pair], *more, stdout=out)
        return out.getvalue()

    return command


def test_the_command_says_what_there_is_now(run: Callable[..., str], unit_manager: User) -> None:
    assert "alarm_button: 1.1 draft" in run()
    assert "alarm_button: 1.1 published" in run("--publish", "--reviewer", unit_manager.email)


@pytest.mark.parametrize(
    ("more", "changed", "told"),
    [
        ((), {"--administration": "Ingen"}, "Known: Vård- och omsorgsförvaltningen"),
        ((), {"--author": "ingen@example.org"}, "No active user has the address ingen@example.org"),
        (("--publish",), {}, ""),
        (("--code", "strange"), {}, "strange"),
        (("--other-office", "Ingen"), {}, "'Ingen'"),
    ],
)
def test_the_command_says_what_is_wrong(
    more: tuple[str, ...], changed: dict[str, str], told: str, run: Callable[..., str]
) -> None:
    with pytest.raises(CommandError) as fault:
        run(*more, **changed)
    assert told in str(fault.value)
    assert not Purpose.objects.exists()
