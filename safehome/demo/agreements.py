"""What the invented people have been asked and have answered, laid out as it happened before the demo began.

By the real verbs, so that the proof of each answer is there to be looked at: the texts were published forty days ago,
the devices hung ten days later, on what had been agreed by then.
"""

from collections.abc import Iterable
from datetime import timedelta

from consents import actions, relatives
from consents.actions import Circumstances
from consents.kinds import Answer, Category, ConsentKind, GivenBy, How, Necessity, ResidentView, Variant
from consents.models import Consent, Purpose
from consents.policies import Giver
from consents.texts.starting import import_starter
from devices.kinds import KINDS
from safehome import clock
from safehome.demo import municipality as town
from safehome.demo import people
from safehome.demo.people import Person
from safehome.organisation.models import Regime, Unit, User
from safehome.residents.models import CareRelation, Cohabitant, Contact, Representative, Resident

PUBLISHED = timedelta(days=40)
ANSWERED = timedelta(days=32)
LAST_YEAR = timedelta(days=350)
"""Of a consent that is valid for a year: somebody is to ask anew soon."""
JUST_NOW = timedelta(hours=3)

SHARE, RECORDS = "share_between_offices", "shared_records"
SENSOR_DATA = "home_sensors_data"


def publish_texts(units: dict[str, Unit]) -> None:
    """Each administration begins from the starter texts; who writes and who reviews are two."""
    offices = {unit.administration.name: unit.administration for unit in units.values()}
    published = clock.now() - LAST_YEAR - PUBLISHED
    with clock.standing_at(published):
        for name, other, author, reviewer in town.TEXTS:
            import_starter(
                offices[name],
                author=_user(author),
                reviewer=_user(reviewer),
                other_office=offices[other],
                publish=True,
                valid_from=published.date(),
                speak=False,  # the watch loop reads them aloud while the visitor looks about
            )
    _public_places(units[town.PLACES])


def _public_places(unit: Unit) -> None:
    """On a schoolyard nobody is known and nobody is asked: the basis is the municipality's task."""
    Purpose.objects.create(
        administration=unit.administration,
        code="safe_places",
        name="Trygga platser",
        kind=ConsentKind.PROCESSING,
        regime=Regime.SOL,
        basis="6.1.e",
        source="Kommunallagen (2017:725) 2 kap. 1 §",
        necessity=Necessity.NECESSARY,
        alternative="Ingen: sensorn vet inte vem som är där.",
        consent_required=False,
        reading_kinds=["presence", "light"],
        valid_from=(clock.now() - PUBLISHED).date(),
    )


def agree(residents: dict[str, Resident]) -> None:
    """Before anything was hung: what each device of each person needs."""
    with clock.standing_at(clock.now() - ANSWERED):
        for person in people.PEOPLE:
            _agree(person, residents[person.name])
    _share_earlier(residents)


def _agree(person: Person, resident: Resident) -> None:
    for purpose in _covering(person, resident):
        for giver, view in _givers(person, resident, purpose):
            if person.child:
                _first_of_two(giver, purpose)
            else:
                _say(giver, purpose, Answer.YES, view)


def _covering(person: Person, resident: Resident) -> Iterable[Purpose]:
    kinds = {kind for hung in person.devices for kind in town.MODELS[hung.model].kinds if kind in KINDS}
    own = Purpose.objects.filter(administration__units__name=person.unit, consent_required=True).distinct()
    return [purpose for purpose in own.order_by("code") if kinds & set(purpose.reading_kinds)]


def _givers(person: Person, resident: Resident, purpose: Purpose) -> Iterable[tuple[Giver, str]]:
    deciding = Representative.objects.filter(resident=resident).order_by("pk").first()
    if deciding:
        yield Giver(GivenBy.REPRESENTATIVE, resident, deciding.user, representative=deciding), ResidentView.AGREES
    else:
        yield Giver(GivenBy.SELF, resident, resident.user), ""
    if purpose.cohabitants:
        for row in Cohabitant.objects.filter(home=resident.home):
            yield Giver(GivenBy.COHABITANT, resident, row.user, cohabitant=row), ""


def _first_of_two(giver: Giver, purpose: Purpose) -> None:
    """The child's button waits: one guardian has said yes, the other has not answered yet."""
    _say(giver, purpose, Answer.YES, ResidentView.AGREES, note="”Då kan jag gå hem själv från skolan.”")


def _say(giver: Giver, purpose: Purpose, said: Answer, view: str = "", note: str = "") -> Consent:
    """Asked by the case officer, on her tablet, at the kitchen table."""
    officer = _user(town.OFFICERS[purpose.administration.name])
    consent = actions.ask(giver.resident, purpose, by=officer, cohabitant=giver.cohabitant)
    assert purpose.published
    shown = purpose.published.translations.get(language="sv", variant=Variant.STANDARD)
    actions.serve(consent, shown, by=officer)
    if said is Answer.YES:
        actions.check_understanding(consent, right=True, by=officer)
    how = Circumstances(How.STAFF_TABLET, presence="Hemma vid köksbordet", registered_by=officer)
    return actions.answer(consent.pk, said, giver=giver, circumstances=how, resident_view=view, resident_view_note=note)


def _share_earlier(residents: dict[str, Resident]) -> None:
    """One who lets two offices see, one whose yes is nearly a year old, a no, and one who wants to talk first."""
    told = residents[people.SHARING]
    with clock.standing_at(clock.now() - ANSWERED):
        _say(_own(told), _purpose(told, SHARE), Answer.YES)
    for name, said, ago in people.ANSWERS_ABOUT_SHARING:
        resident = residents[name]
        with clock.standing_at(clock.now() - (LAST_YEAR if ago else ANSWERED)):
            _say(_own(resident), _purpose(resident, SHARE), Answer(said))


def go_on(residents: dict[str, Resident]) -> None:
    """After the devices were hung: a withdrawal, questions that wait, a relative let in, and the reminders of today."""
    with clock.standing_at(clock.now() - JUST_NOW):
        ended = residents[people.WITHDRAWN]
        given = Consent.objects.get(resident=ended, purpose__code=SENSOR_DATA)
        how = Circumstances(How.OWN_DEVICE)
        actions.answer(given.pk, Answer.NO, giver=_own(ended), circumstances=how)
        own = residents[people.RECORDED]
        for code in (SHARE, RECORDS):
            actions.ask(own, _purpose(own, code), by=_user(town.OFFICERS[town.ELDERLY]))
    assert own.user
    contact = Contact.objects.get(resident=own, name=people.RELATIVE.name)
    relatives.let_in(contact, [Category.ALARMS, Category.ACTIVITY, Category.CLIMATE, Category.DEVICES], by=own.user)
    actions.remind()


def _own(resident: Resident) -> Giver:
    return Giver(GivenBy.SELF, resident, resident.user)


def _purpose(resident: Resident, code: str) -> Purpose:
    """Of the administration that the resident's first unit belongs to."""
    first = CareRelation.objects.filter(resident=resident).select_related("unit").order_by("pk")[0]
    return Purpose.objects.get(administration=first.unit.administration_id, code=code)


def _user(name: str) -> User:
    return User.objects.get(email=town.email(name))
