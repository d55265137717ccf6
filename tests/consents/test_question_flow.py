"""The pages on which people answer: the way through, what each page says, and what is recorded."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consents import actions, proof
from consents.kinds import Answer, How, Understanding
from consents.models import Consent, ConsentEvent, Decision, EventKind, Purpose, Speech, Task, TaskKind, Translation
from consents.policies import Giver
from consents.states import State
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.organisation.models import User
from safehome.residents.models import Representative, RepresentativeKind
from tests.factories import CONSENT_FIELDS, CohabitantFactory, PurposeFactory, UserFactory, publish_text

ClientOf = Callable[[User], Client]


class Walker:
    """Somebody with a browser, who goes from page to page as the forms say."""

    def __init__(self, client: Client, seat: str, purpose: Purpose) -> None:
        self.client: Any = client  # a test client's answers say more than its types do
        self.seat, self.purpose = seat, purpose
        self.pages: list[str] = []

    def address(self, name: str, *, of: Purpose | None = None) -> str:
        about = [(of or self.purpose).pk] if name in ("question", "understanding", "no", "view") else []
        return reverse(f"my:{name}", args=[self.seat, *about])

    def open(self, name: str, **query: str) -> Any:
        return self.client.get(self.address(name), query)

    def say(self, said: str, *, of: Purpose | None = None, **more: str) -> Any:
        address = self.address("question", of=of)
        shown = self.client.get(address).context["form"]["digest"].value()
        return self.client.post(address, {"said": said, "digest": shown, **more})

    def understand(self, *, right: bool = True) -> Any:
        address = self.address("understanding")
        options = self.client.get(address).context["form"].right
        chosen = next(place for place, is_right in options.items() if is_right is right)
        return self.client.post(address, {"chosen": chosen})

    def send(self) -> Any:
        page = self.client.get(self.address("check"))
        seen = {f"seen-{item.consent.pk}": item.answers_before for item in page.context["chosen"]}
        return self.client.post(self.address("check"), seen)

    def give(self) -> Any:
        self.say("yes")
        self.understand()
        return self.send()

    def refuse(self) -> Any:
        self.say("no")
        self.client.post(self.address("no"))
        return self.send()

    @property
    def consent(self) -> Consent:
        return Consent.objects.filter(purpose=self.purpose).latest("asked_at")


@pytest.fixture
def walker(client_of: ClientOf, resident_user: User, purpose: Purpose) -> Walker:
    """Astrid, at her own questions."""
    return Walker(client_of(resident_user), "self", purpose)


@pytest.fixture
def asked(astrid: Giver, purpose: Purpose, her_carer: User) -> Consent:
    return actions.ask(astrid.resident, purpose, by=her_carer)


def test_a_resident_says_yes_and_is_led_to_the_receipt(walker: Walker) -> None:
    assert walker.say("yes").url == walker.address("understanding")
    assert walker.understand().url == walker.address("check")
    assert walker.send().url == reverse("my:receipt", args=[walker.consent.pk])
    decision = Decision.objects.get()
    assert (decision.answer, decision.how, decision.understanding) == ("yes", How.OWN_DEVICE, "understood")
    assert walker.consent.state == State.GIVEN


def test_taking_back_is_as_many_steps_as_giving(walker: Walker) -> None:
    giving = [walker.say("yes"), walker.understand(), walker.send()]
    taking_back = [walker.say("no"), walker.client.post(walker.address("no")), walker.send()]
    assert walker.consent.state == State.ENDED
    assert [answer.status_code for answer in giving] == [answer.status_code for answer in taking_back] == [302] * 3


def test_a_no_says_what_happens_then_and_what_is_done_instead(walker: Walker) -> None:
    assert walker.say("no").url == walker.address("no")
    page = walker.open("no").content.decode()
    assert CONSENT_FIELDS["if_no"] in page
    walker.refuse()
    assert walker.consent.state == State.REFUSED


def test_who_wants_to_talk_first_is_told_who_calls(walker: Walker) -> None:
    assert walker.say("talk").url == walker.address("check")
    answered = walker.send()
    assert answered.url == walker.address("answered")
    assert "Biståndsenheten" in walker.open("answered").content.decode()
    assert Task.objects.open().filter(kind=TaskKind.EXPLAIN, consent=walker.consent).exists()


def test_one_can_ask_to_talk_before_reading_anything(walker: Walker, asked: Consent) -> None:
    answer = walker.client.post(walker.address("questions"), {"go": "talk"})
    assert answer.url == walker.address("talk")
    told = walker.client.post(walker.address("talk"), follow=True).content.decode()
    assert "Biståndsenheten" in told
    assert Task.objects.open().get(kind=TaskKind.EXPLAIN).resident == asked.resident


def test_the_three_answers_stand_alike_and_none_is_chosen_beforehand(walker: Walker) -> None:
    page = walker.open("question")
    form = page.context["form"]
    assert [option.data["value"] for option in form["said"]] == ["yes", "no", "talk"]
    assert "checked" not in page.content.decode()


def test_the_page_says_all_that_the_text_says(walker: Walker) -> None:
    page = walker.open("question").content.decode()
    for name in ("title", "question", "why", "who_sees", "how_long", "if_no", "change_mind"):
        assert CONSENT_FIELDS[name] in page
    assert "<li>De tar inga bilder.</li>" in page


def test_serving_is_recorded_with_exactly_what_was_shown(walker: Walker) -> None:
    walker.open("question")
    served = ConsentEvent.objects.get(kind=EventKind.SERVED)
    shown = walker.purpose.published.translations.get(language="sv", variant="standard")  # type: ignore[union-attr]
    assert served.content["translation"] == proof.translation_digest(shown)


def test_no_answer_is_put_right_on_the_page(walker: Walker) -> None:
    page = walker.client.post(walker.address("question"), {"said": ""})
    assert page.status_code == 200
    assert "error-summary" in page.content.decode()
    assert not walker.consent.draft


def test_a_wrong_answer_is_explained_again_and_is_no_fail(walker: Walker) -> None:
    walker.say("yes")
    again = walker.understand(right=False)
    assert again.url == walker.address("understanding") + "?again=yes"
    assert CONSENT_FIELDS["check_explain"] in walker.open("understanding", again="yes").content.decode()
    assert walker.understand().url == walker.address("check")
    walker.send()
    assert Decision.objects.get().understanding == Understanding.EXPLAINED


def test_one_can_go_on_without_having_understood(walker: Walker) -> None:
    walker.say("yes")
    walker.understand(right=False)
    assert walker.client.post(walker.address("understanding"), {"on": "yes"}).url == walker.address("check")
    walker.send()
    assert Decision.objects.get().understanding == Understanding.UNSURE


def test_the_order_of_the_three_ways_to_say_it_stays(walker: Walker) -> None:
    walker.say("yes")
    orders = {tuple(walker.open("understanding").context["form"].fields["chosen"].choices) for _time in range(4)}
    assert len(orders) == 1


def test_a_text_that_changes_while_it_is_read_is_shown_anew_with_the_answer_kept(walker: Walker) -> None:
    old = walker.open("question").context["form"]["digest"].value()
    new = publish_text(walker.purpose, wording_no=2)
    Translation.objects.filter(text=new).update(why="Nu är det tydligare.")
    answer = walker.client.post(walker.address("question"), {"said": "yes", "digest": old})
    assert "changed=yes" in answer.url
    page = walker.client.get(answer.url)
    assert "Nu är det tydligare." in page.content.decode()
    assert page.context["form"]["said"].initial == Answer.YES


def test_a_text_that_changes_before_it_is_sent_is_shown_anew_and_nothing_is_given(walker: Walker) -> None:
    walker.say("yes")
    walker.understand()
    new = publish_text(walker.purpose, wording_no=2)
    Translation.objects.filter(text=new).update(why="Nu är det tydligare.")
    answer = walker.send()
    assert "changed=yes" in answer.url
    assert not Decision.objects.exists()
    assert walker.open("question").context["item"].draft.said is Answer.YES
    walker.give()
    assert walker.consent.state == State.GIVEN


def test_a_press_that_comes_twice_changes_nothing(walker: Walker) -> None:
    walker.say("talk")
    seen = {f"seen-{walker.consent.pk}": "0"}
    first = walker.client.post(walker.address("check"), seen)
    second = walker.client.post(walker.address("check"), seen)
    assert first.url == second.url == walker.address("answered")
    assert Decision.objects.count() == 1


def test_two_browsers_that_send_the_same_answer_make_one_decision(
    walker: Walker, client_of: ClientOf, resident_user: User
) -> None:
    other = Walker(client_of(resident_user), "self", walker.purpose)
    walker.say("talk")
    seen = {f"seen-{walker.consent.pk}": "0"}
    page = other.open("check")
    assert [item.draft.said for item in page.context["chosen"]] == [Answer.TALK]
    other.say("talk")
    walker.client.post(walker.address("check"), seen)
    other.client.post(other.address("check"), seen)
    assert Decision.objects.count() == 1


def test_a_yes_to_what_has_a_yes_changes_nothing(walker: Walker) -> None:
    walker.give()
    assert walker.say("yes").url == walker.address("questions")
    assert walker.consent.state == State.GIVEN
    assert not walker.consent.draft


def test_the_way_through_all_goes_from_question_to_question(walker: Walker, asked: Consent, her_carer: User) -> None:
    second = PurposeFactory.create(administration=walker.purpose.administration, name="Ö sist", code="last")
    publish_text(second)
    actions.ask(asked.resident, second, by=her_carer)
    assert walker.open("how").context["first"].purpose == walker.purpose
    walker.say("no", way="all")
    onward = walker.client.post(walker.address("no"), {"way": "all"})
    assert onward.url == walker.address("question", of=second) + "?way=all"
    assert walker.say("talk", of=second, way="all").url == walker.address("check")
    assert len(walker.open("check").context["chosen"]) == 2
    assert walker.send().url == walker.address("answered")
    assert {row.answer for row in Decision.objects.all()} == {"no", "talk"}


def test_an_easier_text_can_be_chosen_and_is_what_is_served(walker: Walker) -> None:
    walker.client.post(walker.address("question"), {"variant": "easy"})
    walker.open("question")
    assert walker.consent.served_variant == "easy"


def test_another_language_changes_the_pages_with_it(walker: Walker) -> None:
    walker.client.post(walker.address("question"), {"language": "en"})
    page = walker.open("question")
    assert '<html lang="en"' in page.content.decode()
    assert walker.consent.served_language == "en"


@pytest.fixture
def arabic(purpose: Purpose) -> Translation:
    fields = CONSENT_FIELDS | {"question": "هل يمكننا؟"}
    assert purpose.published
    return Translation.objects.create(text=purpose.published, language="ar", sample=True, **fields)


def test_arabic_stands_from_right_to_left_and_says_that_it_is_a_sample(walker: Walker, arabic: Translation) -> None:
    walker.client.post(walker.address("question"), {"language": "ar"})
    page = walker.open("question").content.decode()
    assert 'class="consent-text" lang="ar" dir="rtl"' in page
    assert "هل يمكننا؟" in page
    assert 'name="said"' not in page
    assert '<html lang="sv"' in page


def test_a_sample_cannot_be_answered_even_by_a_form_of_ones_own(walker: Walker, arabic: Translation) -> None:
    walker.client.post(walker.address("question"), {"language": "ar"})
    walker.open("question")
    answer = walker.client.post(walker.address("question"), {"said": "yes"})
    assert answer.status_code == 200
    assert not walker.consent.draft


def test_the_newest_voice_is_played_and_stands_in_the_proof(walker: Walker) -> None:
    shown = walker.purpose.published.translations.get(language="sv", variant="standard")  # type: ignore[union-attr]
    digest = proof.translation_digest(shown)
    Speech.objects.create(text_digest=digest, language="sv", digest="a" * 64, voice="old", audio=b"x")
    Speech.objects.create(text_digest=digest, language="sv", digest="b" * 64, voice="new", human=True, audio=b"y")
    page = walker.open("question")
    assert page.context["speech"].voice == "new"
    assert "<audio controls" in page.content.decode()
    assert ConsentEvent.objects.get(kind=EventKind.SERVED).content["speech"] == "b" * 64


# --- Those who answer for others ------------------------------------------------------------------------------


@pytest.fixture
def for_astrid(client_of: ClientOf, god_man: Giver, purpose: Purpose) -> Walker:
    assert god_man.user
    return Walker(client_of(god_man.user), god_man.slug, purpose)


def test_a_god_man_is_asked_what_the_person_thinks(for_astrid: Walker) -> None:
    assert for_astrid.say("yes").url == for_astrid.address("view")
    answer = for_astrid.client.post(for_astrid.address("view"), {"view": "agrees", "note": ""})
    assert answer.url == for_astrid.address("understanding")
    for_astrid.understand()
    for_astrid.send()
    decision = Decision.objects.get()
    assert (decision.given_by, decision.resident_view) == ("representative", "agrees")


def test_a_god_man_cannot_say_yes_against_the_persons_will(for_astrid: Walker) -> None:
    for_astrid.say("yes")
    page = for_astrid.client.post(for_astrid.address("view"), {"view": "against"})
    assert page.status_code == 200
    assert "error-summary" in page.content.decode()


def test_a_god_mans_no_is_as_many_steps_as_their_yes(for_astrid: Walker) -> None:
    for_astrid.say("no")
    seen = for_astrid.client.post(for_astrid.address("view"), {"view": "against"})
    assert seen.url == for_astrid.address("no")
    for_astrid.client.post(for_astrid.address("no"))
    for_astrid.send()
    assert for_astrid.consent.state == State.REFUSED


def test_that_a_representative_has_read_stands_in_the_log(for_astrid: Walker, god_man: Giver) -> None:
    for_astrid.open("question")
    row = AccessEntry.objects.filter(user=god_man.user.pk, resource="consent", action="read").latest("at")  # type: ignore[union-attr]
    assert row.resident == god_man.resident.pk


def test_a_mandate_that_does_not_cover_it_is_a_plain_reason_and_a_denial(for_astrid: Walker) -> None:
    Representative.objects.update(scopes=["property"])
    page = for_astrid.open("question")
    assert page.status_code == 403
    assert page.context["reason"] in page.content.decode()
    assert AccessEntry.objects.filter(outcome="denied", resource="consent").exists()
    assert not Decision.objects.exists()


def _guardian_says_yes(walker: Walker) -> Any:
    walker.say("yes")
    walker.client.post(walker.address("view"), {"view": "agrees", "note": "”Jag vill ha knappen.”"})
    walker.understand()
    return walker.send()


def test_two_guardians_answer_together(guardians: tuple[Giver, Giver], client_of: ClientOf, purpose: Purpose) -> None:
    first, second = (Walker(client_of(giver.user), giver.slug, purpose) for giver in guardians)  # type: ignore[arg-type]
    _guardian_says_yes(first)
    assert first.consent.state == State.WAITING
    assert first.open("questions").context["waiting"] == []
    assert first.say("yes").url == first.address("questions")
    assert len(second.open("questions").context["waiting"]) == 1
    _guardian_says_yes(second)
    assert second.consent.state == State.GIVEN
    assert Decision.objects.filter(resident_view_note="”Jag vill ha knappen.”").count() == 2


def test_each_guardian_is_served_the_text(
    guardians: tuple[Giver, Giver], client_of: ClientOf, purpose: Purpose
) -> None:
    for giver in guardians:
        assert giver.user
        Walker(client_of(giver.user), giver.slug, purpose).open("question")
    served = ConsentEvent.objects.filter(kind=EventKind.SERVED).values_list("by", flat=True)
    assert set(served) == {giver.user.pk for giver in guardians if giver.user}


def test_a_guardian_writes_what_the_child_says(
    guardians: tuple[Giver, Giver], client_of: ClientOf, purpose: Purpose
) -> None:
    walker = Walker(client_of(guardians[0].user), guardians[0].slug, purpose)  # type: ignore[arg-type]
    walker.say("yes")
    page = walker.client.post(walker.address("view"), {"view": "agrees", "note": " "})
    assert page.context["form"].errors["note"]


def test_a_child_may_read_but_is_told_that_the_guardians_answer(
    guardians: tuple[Giver, Giver], client_of: ClientOf, purpose: Purpose
) -> None:
    child = guardians[0].resident
    child.user = UserFactory.create(name="Kim")
    child.save()
    walker = Walker(client_of(child.user), "self", purpose)
    page = walker.open("question")
    assert page.status_code == 200
    assert 'name="said"' not in page.content.decode()
    assert walker.client.post(walker.address("question"), {"said": "yes"}).status_code == 200
    assert not Decision.objects.exists()


def test_who_lives_there_answers_for_the_home(client_of: ClientOf, purpose: Purpose, astrid: Giver) -> None:
    purpose.cohabitants = True
    purpose.save()
    user = UserFactory.create(name="Evert")
    row = CohabitantFactory.create(home=astrid.resident.home, user=user, name="Evert")
    walker = Walker(client_of(user), f"home-{row.pk}-{astrid.resident.pk}", purpose)
    walker.give()
    assert walker.consent.cohabitant == row
    assert walker.consent.state == State.GIVEN


def test_help_stands_with_the_answer(walker: Walker) -> None:
    walker.client.post(walker.address("help"), {"helped_by": "Min dotter Eva", "aids": "Bilder", "interpreter": ""})
    walker.give()
    decision = Decision.objects.get()
    assert (decision.helped_by, decision.aids) == ("Min dotter Eva", "Bilder")


def test_who_answers_alone_after_all_has_no_help_noted(walker: Walker) -> None:
    walker.client.post(walker.address("help"), {"helped_by": "Min dotter Eva"})
    walker.client.post(walker.address("questions"), {"go": "self"})
    walker.give()
    assert Decision.objects.get().helped_by == ""


def test_leaving_quickly_signs_out_and_tells_nothing(walker: Walker) -> None:
    walker.open("question")
    page = walker.client.post(reverse("my:leave"), follow=True)
    assert "Safehome" not in page.content.decode()
    assert walker.open("question").status_code == 302


def test_nothing_of_it_is_kept_by_the_browser(walker: Walker) -> None:
    assert "no-store" in walker.open("question").headers["Cache-Control"]


def test_an_unknown_purpose_is_not_found(walker: Walker, second_administration: object) -> None:
    other = PurposeFactory.create(administration=second_administration)
    publish_text(other)
    assert walker.client.get(walker.address("question", of=other)).status_code == 404


def test_the_number_of_queries_does_not_grow_with_what_has_been_served(walker: Walker) -> None:
    walker.open("question")
    before = ConsentEvent.objects.count()
    walker.open("question")
    assert ConsentEvent.objects.count() == before
    assert walker.consent.served_at
    assert walker.consent.served_at <= clock.now()


def test_guardians_are_a_kind_of_representative() -> None:
    assert RepresentativeKind.GUARDIAN in RepresentativeKind.values
