"""Signing in with a one-time code: it works for those it is for, and tells nobody who they are."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings
from time_machine import TimeMachineFixture

from safehome.audit.models import AccessEntry, Action, Outcome
from safehome.organisation.models import CodeWay, SignInCode, SignInCount, User
from safehome.outbox import actions as outbox
from safehome.outbox.models import Delivery, DeliveryState
from safehome.residents import sign_in
from safehome.residents.models import ProtectedIdentity, Resident
from safehome.residents.sign_in import Given
from tests.concurrency import at_once
from tests.factories import CohabitantFactory, ResidentFactory, UserFactory, identity_number

PHONE = "070-174 06 05"
NOBODYS_PHONE = "070-174 06 99"
NOBODYS_NUMBER = identity_number(271)

Sign = Callable[..., Any]


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.SAFEHOME_DATA_DIR = tmp_path
    return tmp_path


def check_phone(user: User, phone: str = PHONE) -> User:
    user.phone = phone
    user.check_phone(timezone.now())
    user.save()
    return user


@pytest.fixture
def astrid(resident: Resident) -> User:
    """Astrid, whose telephone number has been checked."""
    assert resident.user is not None
    return check_phone(resident.user)


@pytest.fixture
def ronja(relative: User) -> User:
    """Astrid's daughter, whose telephone number has been checked."""
    return check_phone(relative, "+46 70 174 06 12")


def ask(client: Client, number: str, way: str = "sms", **more: Any) -> HttpResponse:
    return client.post(reverse("residents:code"), {"number": number, "way": way}, **more)  # type: ignore[return-value]


def sent_sms(folder: Path) -> list[str]:
    """What has been sent by SMS, oldest first."""
    outbox.send_due()
    return [
        path.read_text() for path in sorted((folder / "sms").glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
    ]


def sent_letters(folder: Path) -> list[str]:
    outbox.send_due()
    return [
        " ".join(page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages)
        for path in sorted((folder / "letters").glob("*.pdf"))
    ]


def code_in_sms(folder: Path) -> str:
    [code] = re.findall(r"\b\d{6}\b", sent_sms(folder)[-1])
    return str(code)


def code_in_letter(folder: Path) -> str:
    [code] = re.findall(rf"\b[{sign_in.CLEAR}]{{4}} [{sign_in.CLEAR}]{{4}}\b", sent_letters(folder)[-1])
    return str(code)


def write_sms(client: Client, code: str, **more: Any) -> HttpResponse:
    return client.post(reverse("residents:code-enter"), {"code": code}, **more)  # type: ignore[return-value]


def write_letter(client: Client, number: str, code: str) -> HttpResponse:
    return client.post(reverse("residents:code-letter"), {"number": number, "code": code})  # type: ignore[return-value]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def whose_session(client: Client) -> UUID | None:
    found = client.session.get(SESSION_KEY)
    return UUID(found) if found else None


# --- It works ------------------------------------------------------------------------------------------------


def test_a_resident_signs_in_by_sms(client: Client, astrid: User, resident: Resident, folder: Path) -> None:
    assert ask(client, resident.identity_number).headers["Location"] == reverse("residents:code-enter")
    answer = write_sms(client, code_in_sms(folder))
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("start")
    assert whose_session(client) == astrid.pk


def test_a_resident_signs_in_by_letter(client: Client, resident: Resident, folder: Path) -> None:
    """No telephone is needed, nor the browser that asked."""
    ask(client, resident.identity_number, "letter")
    later = Client()
    written = code_in_letter(folder).lower().replace(" ", "-")
    number = resident.identity_number
    assert write_letter(later, f"{number[:8]}-{number[8:]}", written).status_code == 302
    assert whose_session(later) == resident.user_id


@pytest.mark.parametrize("number", ["0701740612", "+46701740612", "0046 70-174 06 12", "070/174 06 12"])
def test_a_relative_signs_in_by_telephone_number_however_it_is_written(
    number: str, client: Client, ronja: User, folder: Path
) -> None:
    ask(client, number)
    write_sms(client, code_in_sms(folder))
    assert whose_session(client) == ronja.pk


def test_a_representative_signs_in(client: Client, representative: User, folder: Path) -> None:
    check_phone(representative)
    ask(client, PHONE)
    write_sms(client, code_in_sms(folder))
    assert whose_session(client) == representative.pk


def test_a_cohabitant_signs_in(client: Client, resident: Resident, folder: Path) -> None:
    user = check_phone(UserFactory.create(name="Curt Lindqvist"))
    CohabitantFactory.create(home=resident.home, user=user)
    ask(client, PHONE)
    write_sms(client, code_in_sms(folder))
    assert whose_session(client) == user.pk


def test_a_code_may_be_written_with_spaces(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    code = code_in_sms(folder)
    write_sms(client, f" {code[:3]} {code[3:]} ")
    assert whose_session(client) == astrid.pk


def test_the_session_is_a_new_one(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    before = client.session.session_key
    write_sms(client, code_in_sms(folder))
    assert before
    assert client.session.session_key != before
    assert not client.session.exists(before)


def test_whoever_is_signed_in_is_sent_on(client: Client, astrid: User) -> None:
    client.force_login(astrid, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name in ("code", "code-enter", "code-letter"):
        assert client.get(reverse(f"residents:{name}")).headers["Location"] == reverse("start")


def test_the_page_to_write_a_code_needs_one_to_be_asked_for(client: Client, db: None) -> None:
    assert client.get(reverse("residents:code-enter")).headers["Location"] == reverse("residents:code")


# --- What is sent --------------------------------------------------------------------------------------------


def test_an_sms_says_the_code_and_the_site_and_nobodys_name(
    client: Client, astrid: User, resident: Resident, folder: Path
) -> None:
    ask(client, PHONE)
    number, _sender, text = sent_sms(folder)[0].split("\n", 2)
    assert number == "+46701740605"
    assert "127.0.0.1" in text
    assert [name for name in ("Astrid", "Lindqvist", resident.identity_number) if name in text] == []


def test_a_letter_goes_home_with_name_code_and_where_to_write_it(
    client: Client, resident: Resident, folder: Path
) -> None:
    ask(client, resident.identity_number, "letter")
    [letter] = sent_letters(folder)
    for part in ("Astrid Lindqvist", "Björkgatan 7", "222 22 Sunnanby", "/code/letter/"):
        assert part in letter
    assert resident.identity_number not in letter
    printed = AccessEntry.objects.get(action=Action.PRINT)
    assert printed.resident == resident.pk


def test_a_letter_is_one_page(client: Client, resident: Resident, folder: Path) -> None:
    resident.home.floor = "2 tr, lgh 1202"  # type: ignore[union-attr]
    resident.home.save()  # type: ignore[union-attr]
    ask(client, resident.identity_number, "letter")
    outbox.send_due()
    [path] = (folder / "letters").glob("*.pdf")
    assert len(PdfReader(path).pages) == 1
    assert path.stat().st_mode & 0o077 == 0


def test_neither_database_nor_outbox_holds_code_or_number(
    client: Client, astrid: User, resident: Resident, folder: Path
) -> None:
    ask(client, resident.identity_number)
    ask(client, resident.identity_number, "letter")
    kept = str([*SignInCode.objects.values(), *SignInCount.objects.values(), *Delivery.objects.values()])
    secrets = [code_in_sms(folder), code_in_letter(folder).replace(" ", ""), "701740605", resident.identity_number]
    assert [secret for secret in secrets if secret in kept] == []


def test_a_code_follows_from_the_secret_key(settings: Settings) -> None:
    row = SignInCode(id=UUID(int=5), way=CodeWay.SMS)
    before = sign_in.code_of(row)
    assert sign_in.code_of(row) == before
    settings.SECRET_KEY = "another"
    assert sign_in.code_of(row) != before


def test_codes_are_spread_evenly() -> None:
    codes = [sign_in.code_of(SignInCode(id=UUID(int=number), way=CodeWay.LETTER)) for number in range(500)]
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(sign_in.CLEAR)


def test_the_letter_speaks_the_language_of_the_page(client: Client, resident: Resident, folder: Path) -> None:
    client.cookies["safehome_display"] = "language=en"
    ask(client, resident.identity_number, "letter")
    assert "Your code to sign in" in sent_letters(folder)[0]


# --- It fails ------------------------------------------------------------------------------------------------


def test_a_wrong_code_is_refused_and_logged_without_what_was_typed(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    code = wrong(code_in_sms(folder))
    answer = write_sms(client, code)
    assert answer.status_code == 200
    assert whose_session(client) is None
    entry = AccessEntry.objects.get(outcome=Outcome.DENIED)
    assert (entry.action, entry.user, entry.resource) == (Action.SIGN_IN, None, "code")
    assert entry.resource_id == str(SignInCode.objects.get().pk)
    assert code not in str(AccessEntry.objects.values())


def test_a_sign_in_is_logged(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    write_sms(client, code_in_sms(folder))
    entry = AccessEntry.objects.get(action=Action.SIGN_IN)
    assert (entry.outcome, entry.user) == (Outcome.GRANTED, astrid.pk)


@pytest.mark.parametrize("way", ["sms", "letter"])
def test_a_code_is_dead_after_five_tries(
    way: str, client: Client, astrid: User, resident: Resident, folder: Path
) -> None:
    number = resident.identity_number
    ask(client, number, way)
    code = code_in_sms(folder) if way == "sms" else code_in_letter(folder)

    def write(text: str) -> HttpResponse:
        return write_sms(client, text) if way == "sms" else write_letter(client, number, text)

    for _attempt in range(sign_in.TRIES):
        assert write("000000" if code != "000000" else "000001").status_code == 200
    assert write(code).status_code == 200
    assert whose_session(client) is None


def test_the_fifth_try_may_be_the_right_one(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    code = code_in_sms(folder)
    for _attempt in range(sign_in.TRIES - 1):
        write_sms(client, wrong(code))
    assert write_sms(client, code).status_code == 302


@pytest.mark.parametrize(("way", "valid_for"), [("sms", timedelta(minutes=10)), ("letter", timedelta(days=14))])
def test_a_code_grows_old(
    way: str,
    valid_for: timedelta,
    client: Client,
    astrid: User,
    resident: Resident,
    folder: Path,
    time_machine: TimeMachineFixture,
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    given = Given.read(resident.identity_number)
    ask(client, resident.identity_number, way)
    code = code_in_sms(folder) if way == "sms" else code_in_letter(folder)
    row = SignInCode.objects.get()
    time_machine.move_to(now + valid_for)
    assert (sign_in.try_sms(row.pk, code) if way == "sms" else sign_in.try_letter(given, code)) is None
    time_machine.move_to(now + valid_for - timedelta(seconds=2))
    assert (sign_in.try_sms(row.pk, code) if way == "sms" else sign_in.try_letter(given, code)) == astrid


def test_a_code_works_once(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    code = code_in_sms(folder)
    asked = UUID(client.session["sign_in_asked"])
    write_sms(client, code)
    assert sign_in.try_sms(asked, code) is None


def test_an_sms_code_works_only_in_the_browser_that_asked(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    code = code_in_sms(folder)
    elsewhere = Client()
    ask(elsewhere, NOBODYS_PHONE)
    assert write_sms(elsewhere, code).status_code == 200
    assert whose_session(elsewhere) is None


def test_a_new_code_ends_the_one_before(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    first = code_in_sms(folder)
    other = Client()
    ask(other, PHONE)
    assert write_sms(client, first).status_code == 200
    assert write_sms(other, code_in_sms(folder)).status_code == 302


def test_a_new_code_takes_back_an_sms_that_has_not_left(client: Client, astrid: User, folder: Path) -> None:
    ask(client, PHONE)
    ask(client, PHONE)
    assert len(sent_sms(folder)) == 1


def test_an_sms_and_a_letter_live_side_by_side(client: Client, astrid: User, resident: Resident, folder: Path) -> None:
    ask(client, resident.identity_number, "letter")
    ask(client, resident.identity_number, "sms")
    assert write_letter(Client(), resident.identity_number, code_in_letter(folder)).status_code == 302
    assert write_sms(client, code_in_sms(folder)).status_code == 302


def test_an_old_sms_does_not_leave(
    client: Client, astrid: User, folder: Path, time_machine: TimeMachineFixture
) -> None:
    ask(client, PHONE)
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    assert sent_sms(folder) == []
    assert Delivery.objects.get().state == DeliveryState.FAILED


@pytest.mark.parametrize("text", ["", "hej", "19410517", "194105171235", "070", "070-ABC DEF"])
def test_what_is_no_number_is_said_to_be_none(text: str, client: Client, db: None) -> None:
    with pytest.raises(ValidationError):
        Given.read(text)
    assert ask(client, text).status_code == 200
    assert not SignInCode.objects.exists()


# --- Who gets none -------------------------------------------------------------------------------------------


def is_silently_refused(client: Client, number: str, folder: Path, way: str = "sms") -> bool:
    answer = ask(client, number, way)
    assert answer.status_code == 302
    assert SignInCode.objects.get().user is None
    return sent_sms(folder) == sent_letters(folder) == []


def test_staff_get_no_code(client: Client, nurse: User, folder: Path) -> None:
    assert is_silently_refused(client, check_phone(nurse).phone, folder)


@pytest.mark.parametrize("way", ["sms", "letter"])
def test_staff_who_are_residents_too_get_no_code(way: str, client: Client, nurse: User, folder: Path) -> None:
    check_phone(nurse)
    own = ResidentFactory.create(user=nurse)
    assert is_silently_refused(client, own.identity_number, folder, way)


def test_whoever_becomes_staff_has_no_use_of_a_code(
    client: Client, astrid: User, folder: Path, administrator: User
) -> None:
    ask(client, PHONE)
    code = code_in_sms(folder)
    User.objects.filter(pk=astrid.pk).update(is_staff=True)
    assert write_sms(client, code).status_code == 200
    assert whose_session(client) is None


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_administrators_get_no_code(field: str, client: Client, astrid: User, folder: Path) -> None:
    setattr(astrid, field, True)
    astrid.save()
    assert is_silently_refused(client, PHONE, folder)


def test_a_closed_account_gets_no_code(client: Client, astrid: User, folder: Path) -> None:
    astrid.is_active = False
    astrid.save()
    assert is_silently_refused(client, PHONE, folder)


def test_whoever_has_a_second_factor_uses_it(client: Client, astrid: User, folder: Path) -> None:
    Authenticator.objects.create(user=astrid, type=Authenticator.Type.TOTP, data={})
    assert is_silently_refused(client, PHONE, folder)


def test_a_stranger_gets_no_code(client: Client, stranger: User, folder: Path) -> None:
    """An account that is close to nobody."""
    check_phone(stranger)
    assert is_silently_refused(client, PHONE, folder)


def test_a_number_that_nobody_has_checked_gets_no_code(client: Client, relative: User, folder: Path) -> None:
    relative.phone = PHONE
    relative.save()
    assert is_silently_refused(client, PHONE, folder)


def test_a_changed_number_must_be_checked_anew(client: Client, astrid: User, folder: Path) -> None:
    astrid.phone = NOBODYS_PHONE
    astrid.save()
    astrid.refresh_from_db()
    assert (astrid.phone_verified_at, astrid.verified_phone) == (None, "")
    assert is_silently_refused(client, NOBODYS_PHONE, folder)


def test_a_check_outlives_another_way_of_writing_the_number(astrid: User) -> None:
    astrid.phone = "+46701740605"
    astrid.save(update_fields=["phone"])
    astrid.refresh_from_db()
    assert astrid.phone_verified_at is not None


def test_two_who_share_a_telephone_are_not_guessed_between(client: Client, astrid: User, relative: User) -> None:
    check_phone(relative)
    ask(client, PHONE)
    assert SignInCode.objects.get().user is None


def test_of_two_who_share_a_telephone_the_resident_is_found_by_identity_number(
    client: Client, astrid: User, relative: User, resident: Resident
) -> None:
    check_phone(relative)
    ask(client, resident.identity_number)
    assert SignInCode.objects.get().user == astrid


def test_a_relative_gets_no_letter(client: Client, ronja: User, folder: Path) -> None:
    """Their address is not registered."""
    assert is_silently_refused(client, ronja.phone, folder, "letter")


def test_a_resident_without_a_home_gets_no_letter(client: Client, resident: Resident, folder: Path) -> None:
    resident.home = None
    resident.save()
    assert is_silently_refused(client, resident.identity_number, folder, "letter")


@pytest.mark.parametrize("kind", [kind for kind in ProtectedIdentity if kind != ProtectedIdentity.NONE])
def test_a_protected_person_gets_no_letter(
    kind: ProtectedIdentity, client: Client, resident: Resident, folder: Path
) -> None:
    resident.protected_identity = kind
    resident.save()
    assert is_silently_refused(client, resident.identity_number, folder, "letter")


def test_nobody_in_the_home_of_a_protected_person_gets_a_letter(
    client: Client, resident: Resident, folder: Path
) -> None:
    ResidentFactory.create(home=resident.home, protected_identity=ProtectedIdentity.MARKED)
    assert is_silently_refused(client, resident.identity_number, folder, "letter")


def test_a_letter_is_not_printed_when_the_identity_has_become_protected(
    client: Client, resident: Resident, folder: Path
) -> None:
    ask(client, resident.identity_number, "letter")
    Resident.objects.filter(pk=resident.pk).update(protected_identity=ProtectedIdentity.MARKED)
    assert sent_letters(folder) == []


def test_a_protected_person_signs_in_by_sms(client: Client, astrid: User, resident: Resident, folder: Path) -> None:
    resident.protected_identity = ProtectedIdentity.MARKED
    resident.save()
    ask(client, resident.identity_number)
    write_sms(client, code_in_sms(folder))
    assert whose_session(client) == astrid.pk


# --- It tells nobody who exists ------------------------------------------------------------------------------


def shape(client: Client, *requests: Callable[[Client], HttpResponse]) -> list[tuple[int, str, list[str]]]:
    """Status, page and questions to the database (without what was asked about) of each request."""
    seen = []
    for request in requests:
        asked: list[str] = []

        def note(execute: Callable[..., Any], sql: str, *rest: Any, asked: list[str] = asked) -> Any:
            asked.append(re.sub(r"\d+", "", sql))  # names of savepoints are numbered
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            answer = request(client)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        seen.append((answer.status_code, re.sub(r'value="[\d\- +]+"', "", page), asked))
    return seen


@pytest.mark.parametrize("way", ["sms", "letter"])
@pytest.mark.parametrize("times", [1, 2, 7])
def test_somebody_unknown_gets_the_same_answers_for_the_same_work(
    way: str, times: int, astrid: User, resident: Resident
) -> None:
    def steps(number: str) -> list[Callable[[Client], HttpResponse]]:
        asking = [lambda client: ask(client, number, way)] * times
        page = reverse("residents:code-enter" if way == "sms" else "residents:code-letter-sent")
        entering: list[Callable[[Client], HttpResponse]] = [lambda client: client.get(page)]  # type: ignore[list-item, return-value]
        if way == "sms":
            entering += [lambda client: write_sms(client, "00000x")] * (sign_in.TRIES + 1)
        else:
            entering += [lambda client: write_letter(client, number, "00000x")] * (sign_in.TRIES + 1)
        return asking + entering

    known, unknown = resident.identity_number, NOBODYS_NUMBER
    assert shape(Client(), *steps(known)) == shape(Client(), *steps(unknown))


def test_staff_and_protected_people_look_like_somebody_unknown(nurse: User, resident: Resident, astrid: User) -> None:
    ResidentFactory.create(user=check_phone(nurse, "070-174 06 33"), identity_number=identity_number(272))
    protected = ResidentFactory.create(
        user=UserFactory.create(), identity_number=identity_number(273), protected_identity=ProtectedIdentity.MARKED
    )
    looks = [
        shape(Client(), lambda client, number=number: ask(client, number, "letter"))  # type: ignore[misc]
        for number in (identity_number(272), protected.identity_number, NOBODYS_NUMBER, resident.identity_number)
    ]
    assert looks.count(looks[0]) == len(looks)


def test_the_message_to_nobody_is_cancelled(client: Client, db: None) -> None:
    ask(client, NOBODYS_PHONE)
    assert Delivery.objects.get().state == DeliveryState.CANCELLED


def test_the_code_of_nobody_signs_nobody_in(client: Client, db: None) -> None:
    ask(client, NOBODYS_PHONE)
    assert write_sms(client, sign_in.code_of(SignInCode.objects.get())).status_code == 200
    assert whose_session(client) is None


# --- Limits --------------------------------------------------------------------------------------------------


def test_a_person_may_ask_a_few_times_a_day(
    astrid: User, resident: Resident, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    """By identity number and by telephone number it is the same person."""
    time_machine.move_to("2026-11-22T10:00:00Z")
    settings.SAFEHOME_CODE_SMS_PER_DAY = 3
    for number in (resident.identity_number, PHONE, resident.identity_number, PHONE):
        ask(Client(), number)
    assert SignInCode.objects.filter(user=astrid).count() == 3
    time_machine.move_to("2026-11-23T10:00:00Z")
    ask(Client(), PHONE)
    assert SignInCode.objects.filter(user=astrid).count() == 4


def test_asking_too_often_leaves_the_last_code_alive(
    client: Client, astrid: User, settings: Settings, folder: Path
) -> None:
    settings.SAFEHOME_CODE_SMS_PER_DAY = 1
    ask(client, PHONE)
    ask(Client(), PHONE)
    ask(client, PHONE)
    assert write_sms(client, code_in_sms(folder)).status_code == 302


def test_letters_are_few(resident: Resident, settings: Settings, folder: Path) -> None:
    for _time in range(4):
        ask(Client(), resident.identity_number, "letter")
    assert SignInCode.objects.filter(user=resident.user).count() == settings.SAFEHOME_CODE_LETTERS_PER_WEEK


def test_an_address_may_ask_so_often_an_hour(client: Client, astrid: User, settings: Settings) -> None:
    settings.SAFEHOME_CODE_REQUESTS_PER_HOUR = 2
    answers = [ask(client, NOBODYS_PHONE, REMOTE_ADDR="192.0.2.7").status_code for _time in range(3)]
    assert answers == [302, 302, 200]
    assert ask(client, PHONE, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_a_household_with_many_addresses_is_one(client: Client, astrid: User, settings: Settings) -> None:
    settings.SAFEHOME_CODE_REQUESTS_PER_HOUR = 1
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"]
    answers = [ask(client, NOBODYS_PHONE, REMOTE_ADDR=address).status_code for address in addresses]
    assert answers == [302, 200, 302]


def test_an_address_may_try_so_often_an_hour(client: Client, astrid: User, settings: Settings, folder: Path) -> None:
    settings.SAFEHOME_CODE_TRIES_PER_HOUR = 1
    ask(client, PHONE)
    code = code_in_sms(folder)
    write_sms(client, wrong(code))
    assert write_sms(client, code).status_code == 200
    assert write_sms(client, code, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_what_is_long_past_is_forgotten(client: Client, astrid: User, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-11-22T10:00:00Z")
    ask(client, PHONE)
    time_machine.move_to("2027-01-22T10:00:00Z")
    ask(client, NOBODYS_PHONE)
    assert SignInCode.objects.count() == 1
    assert SignInCount.objects.filter(since__year=2026).count() == 0


# --- At the same moment --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_code_at_once_get_in_once(astrid: User) -> None:
    asked = sign_in.ask(Given.read(PHONE), CodeWay.SMS)
    assert asked is not None
    code = sign_in.code_of(SignInCode.objects.get())
    got = at_once(*[lambda: sign_in.try_sms(asked, code)] * 4)
    assert sorted(got, key=str) == sorted([astrid, None, None, None], key=str)


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_five(astrid: User) -> None:
    asked = sign_in.ask(Given.read(PHONE), CodeWay.SMS)
    assert asked is not None
    at_once(*[lambda: sign_in.try_sms(asked, "wrong")] * 8)
    assert SignInCode.objects.get().tries == sign_in.TRIES


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_keep_to_the_limit_and_leave_one_live_code(
    astrid: User, resident: Resident, settings: Settings
) -> None:
    settings.SAFEHOME_CODE_SMS_PER_DAY = 3
    numbers = [PHONE, resident.identity_number] * 3
    got = at_once(*[lambda number=number: sign_in.ask(Given.read(number), CodeWay.SMS) for number in numbers])
    assert [fault for fault in got if isinstance(fault, Exception)] == []
    theirs = SignInCode.objects.filter(user=astrid)
    assert theirs.count() == 3
    assert theirs.live(timezone.now(), sign_in.TRIES).count() == 1


# --- The number is checked in admin --------------------------------------------------------------------------


@pytest.fixture
def enter(client: Client, administrator: User) -> Client:
    client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_an_administrator_notes_that_the_number_has_been_checked(enter: Client, relative: User) -> None:
    relative.phone = PHONE
    relative.save()
    page = f"/admin/organisation/user/{relative.pk}"
    assert enter.get(f"{page}/do/check_phone/").status_code == 200
    enter.post(f"{page}/do/check_phone/")
    relative.refresh_from_db()
    assert relative.verified_phone == "+46701740605"
    assert relative.phone_verified_at is not None
    assert "check_phone" not in enter.get(f"{page}/change/").content.decode()


def test_there_is_nothing_to_check_without_a_number(enter: Client, relative: User) -> None:
    assert "check_phone" not in enter.get(f"/admin/organisation/user/{relative.pk}/change/").content.decode()
