"""Letting a relative in who is new here: a contact, and an account when there is none.

The account has no password. Its owner signs in with an e-ID, or with a code to the telephone number once somebody has
called it. Whether an account was there before is told to nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from consents import relatives
from consents.actions import Refused
from consents.models import RelativeView
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation import actions as organisation
from safehome.organisation import telephone
from safehome.organisation.models import User
from safehome.residents.models import Contact, Resident

WITHOUT_EMAIL = "no-email.invalid"
"""The domain of addresses that nothing is sent to; an account must have one."""


@dataclass(frozen=True)
class Person:
    """Who is to be let in, as the resident says it."""

    name: str
    relation: str
    phone: str = ""
    email: str = ""


@transaction.atomic
def invite(
    resident: Resident, person: Person, categories: Iterable[str], *, by: User, on_word: bool = False
) -> RelativeView:
    """Let in somebody who may be no contact yet. Raises Refused with a plain reason; nothing has changed then."""
    if resident.is_protected:
        raise Refused(_("The identity is protected. Nobody can be let in here."))
    user = _account(person)
    contact = _contact(resident, person, user)
    return relatives.let_in(contact, categories, by=by, on_word=on_word)


@transaction.atomic
def let_in(
    contact: Contact, categories: Iterable[str], *, by: User, on_word: bool = False, phone: str = "", email: str = ""
) -> RelativeView:
    """Let in a contact; who has no account gets one. Raises Refused."""
    if contact.resident.is_protected:
        raise Refused(_("The identity is protected. Nobody can be let in here."))
    if contact.user is None:
        contact.phone, contact.email = phone or contact.phone, email or contact.email
        contact.user = _account(Person(contact.name, contact.relation, contact.phone, contact.email))
        _require_another(contact.resident, contact.user)
        contact.save()
    return relatives.let_in(contact, categories, by=by, on_word=on_word)


def _contact(resident: Resident, person: Person, user: User) -> Contact:
    """The person's row among the resident's contacts; a new one last in the order of calling."""
    _require_another(resident, user)
    known = Contact.objects.filter(resident=resident, user=user).first()
    if known:
        return known
    last = (
        Contact.objects.filter(resident=resident).order_by("-call_order").values_list("call_order", flat=True).first()
    )
    return Contact.objects.create(
        resident=resident,
        user=user,
        name=person.name,
        relation=person.relation,
        phone=person.phone,
        email=person.email,
        call_order=(last or 0) + 1,
    )


def _require_another(resident: Resident, user: User) -> None:
    if resident.user_id == user.pk:
        raise Refused(_("You can't let in the person whose page this is."))


def _account(person: Person) -> User:
    """The account that is the person's beyond doubt, or a new one: two people may share a telephone, none an e-mail."""
    if not (person.phone or person.email):
        raise Refused(_("Write a telephone number or an e-mail address."))
    return _known_account(person) or _new_account(person)


def _known_account(person: Person) -> User | None:
    if person.email and (found := User.objects.filter(email__iexact=person.email, is_active=True).first()):
        return found
    number = telephone.international(person.phone)
    if not number:
        return None
    same = User.objects.filter(verified_phone=number, name__iexact=person.name, is_active=True)[:2]
    return same[0] if len(same) == 1 else None


def _new_account(person: Person) -> User:
    taken = person.email and User.objects.filter(email__iexact=person.email).exists()
    email = person.email if person.email and not taken else f"{uuid4().hex}@{WITHOUT_EMAIL}"
    return User.objects.create_user(email, None, name=person.name, phone=person.phone)


def number_checked(contact: Contact, *, by: User) -> None:
    """Staff have called the relative's number and know whose it is. Raises Refused without an account or a number."""
    if contact.user is None or not contact.user.phone:
        raise Refused(_("There is no number to check."))
    organisation.note_number_checked(contact.user)
    access.record(Action.WRITE, "relative", by=by, of=contact, detail="telephone checked")
