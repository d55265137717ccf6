"""Signing in with a one-time code, for residents, relatives, representatives and cohabitants without an e-ID.

Asking tells nobody whether a person exists: the same rows are written and the same questions are put to the database
whoever was meant, and for somebody unknown the delivery is cancelled where it is queued. Staff are unknown here: they
sign in with two factors (HSLF-FS 2016:40 ch. 3 § 15). So is everybody who has set up a second factor of their own.

The code is kept nowhere. It follows from the id of its row and the SECRET_KEY, and is worked out when the message
leaves and when somebody tries it. Codes and counts are infrastructure and keep to the wall clock.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from safehome.audit import access
from safehome.audit.models import Action, Outcome, Purpose
from safehome.organisation import telephone
from safehome.organisation.models import CodeWay, Membership, Municipality, SignInCode, SignInCount, User
from safehome.outbox import actions as outbox
from safehome.outbox.actions import Undeliverable
from safehome.outbox.channels import Letter, Sms
from safehome.outbox.models import Delivery
from safehome.residents import identity
from safehome.residents.models import CareRelation, Cohabitant, Contact, ProtectedIdentity, Representative, Resident
from safehome.ui import pdf

VALID_FOR = {CodeWay.SMS: timedelta(minutes=10), CodeWay.LETTER: timedelta(days=14)}
TRIES = 5
DIGITS = "0123456789"
# Letters and digits that nobody takes for another (no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and no vowels: no words arise.
CLEAR = "CDFGHJKMNPRTWXY34679"
KEPT_FOR = timedelta(days=30)
NOBODY = UUID(int=0)


# --- Who is meant -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What somebody gave to say who they are. Ten digits can be both an identity number and a telephone number."""

    identity_number: str
    phone: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValidationError for what can be neither."""
        try:
            number = identity.normalise(text)
        except ValidationError:
            number = ""
        phone = telephone.international(text)
        if not number and not phone:
            raise ValidationError(
                _("Write a personal identity number as 19410517-1234, or a telephone number."), code="number"
            )
        return cls(number, phone)

    @property
    def key(self) -> str:
        """A keyed hash, the same however the number is written."""
        return _hash("given", self.identity_number or self.phone)


def _find(given: Given, way: CodeWay) -> User | None:
    """The one person who is meant and may have a code this way. Two people who share a telephone are told apart by
    identity number only."""
    own = _living().filter(user=OuterRef("pk"), identity_index=identity.index(given.identity_number))
    meant = Q(Exists(own))
    if way == CodeWay.SMS:
        meant |= Q(verified_phone=given.phone)
    found = list(may_have_code(way).filter(meant)[:2])
    return found[0] if len(found) == 1 else None


def may_have_code(way: CodeWay) -> QuerySet[User]:
    """Who may sign in with a code that comes this way: an SMS to a checked number, a letter to a resident's home."""
    if way == CodeWay.LETTER:
        return may_sign_in().filter(Exists(_with_address().filter(user=OuterRef("pk"))))
    return may_sign_in().filter(phone_verified_at__isnull=False).exclude(verified_phone="")


def may_sign_in() -> QuerySet[User]:
    """Private persons: close to somebody's care, not working in it, and without a second factor of their own."""
    working = Membership.objects.in_force().filter(user=OuterRef("pk"))
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    close = [
        Exists(rows.filter(user=OuterRef("pk")))
        for rows in (
            _living(),
            Contact.objects.all(),
            Representative.objects.in_force(),
            Cohabitant.objects.in_force(),
        )
    ]
    private = User.objects.filter(~Exists(working), ~Exists(factors), is_staff=False, is_superuser=False)
    return private.filter(close[0] | close[1] | close[2] | close[3], is_active=True)


def _living() -> QuerySet[Resident]:
    return Resident.objects.filter(died_on__isnull=True)


def _with_address() -> QuerySet[Resident]:
    """Residents to whom a letter may be sent: no name and address is printed where a protected person lives."""
    protected = Resident.objects.exclude(protected_identity=ProtectedIdentity.NONE).filter(home=OuterRef("home"))
    return _living().filter(~Exists(protected), protected_identity=ProtectedIdentity.NONE, home__isnull=False)


# --- The code -----------------------------------------------------------------------------------------------------


def code_of(row: SignInCode) -> str:
    """Six digits for an SMS, eight letters and digits for a letter."""
    digest = salted_hmac("safehome.sign_in.code", f"{row.way}:{row.pk}", algorithm="sha256").digest()
    letters, length = (DIGITS, 6) if row.way == CodeWay.SMS else (CLEAR, 8)
    number, code = int.from_bytes(digest), ""
    for _place in range(length):
        number, rest = divmod(number, len(letters))
        code += letters[rest]
    return code


def _hash(kind: str, text: str) -> str:
    return salted_hmac("safehome.sign_in", f"{kind}:{text}", algorithm="sha256").hexdigest()


# --- Limits -------------------------------------------------------------------------------------------------------


def _count(kind: str, what: str, *, at_most: int, within: timedelta) -> bool:
    """Count one more; False when there were as many already. Holds over processes, and the row that is counted up
    stays locked until the transaction ends: two requests for one person wait for each other."""
    seconds = int(within.total_seconds())
    since = datetime.fromtimestamp(int(timezone.now().timestamp()) // seconds * seconds, UTC)
    key = _hash(kind, what)
    SignInCount.objects.bulk_create([SignInCount(key=key, since=since)], ignore_conflicts=True)
    counted = SignInCount.objects.filter(key=key, since=since, number__lt=at_most).update(number=F("number") + 1)
    return counted == 1


def _within_limits(given: Given, user: User | None, way: CodeWay) -> bool:
    """Both by what was given and by who was found: an identity number and a telephone number may be one person."""
    if way == CodeWay.SMS:
        at_most, within = settings.SAFEHOME_CODE_SMS_PER_DAY, timedelta(days=1)
    else:
        at_most, within = settings.SAFEHOME_CODE_LETTERS_PER_WEEK, timedelta(days=7)
    asked_for = _count(f"{way} for", given.key, at_most=at_most, within=within)
    sent_to = _count(f"{way} to", str(user.pk) if user else given.key, at_most=at_most, within=within)
    return asked_for and sent_to


def may_ask_from(address: str) -> bool:
    """Count a request from an IP address; False when it has asked too often."""
    return _count("ask", address, at_most=settings.SAFEHOME_CODE_REQUESTS_PER_HOUR, within=timedelta(hours=1))


def may_try_from(address: str) -> bool:
    """Count a try from an IP address; False when it has tried too often."""
    return _count("try", address, at_most=settings.SAFEHOME_CODE_TRIES_PER_HOUR, within=timedelta(hours=1))


# --- Asking and trying --------------------------------------------------------------------------------------------


@transaction.atomic
def ask(given: Given, way: CodeWay) -> UUID | None:
    """Send a code to whoever is meant, if anybody is, by the same steps in either case. Returns the id of its row.

    A new code ends the one before it. Beyond the limits the steps are taken for nothing: None, and the code before
    lives on.
    """
    user, now = _find(given, way), timezone.now()
    allowed = _within_limits(given, user, way)
    found = _open(given, user, way)
    earlier = found if allowed else NOBODY
    SignInCode.objects.filter(pk=earlier).update(ended_at=now)
    row = SignInCode.objects.create(
        user=user if allowed else None,
        way=way,
        asked_for=given.key,
        asked_at=now,
        expires_at=now + VALID_FOR[way],
        ended_at=None if allowed else now,
    )
    outbox.queue(
        key=f"sign-in-{row.pk}",
        channel=way.value,
        recipient=str(row.user_id or NOBODY),
        subject=row.pk,
        payload={"writer": "sign_in_code", "language": get_language() or settings.LANGUAGE_CODE},
    )
    outbox.cancel(earlier if row.user_id else row.pk)
    _forget_old(now)
    return row.pk if allowed else None


def _open(given: Given, user: User | None, way: CodeWay) -> UUID:
    """The code that the person has, or the row that stands for an unknown one; NOBODY when there is none."""
    whose = Q(user=user.pk if user else NOBODY) | Q(user=None, asked_for="" if user else given.key)
    rows = SignInCode.objects.filter(whose, way=way, used_at=None, ended_at=None)
    return rows.values_list("pk", flat=True).first() or NOBODY


def _forget_old(now: datetime) -> None:
    SignInCode.objects.filter(expires_at__lt=now - KEPT_FOR).delete()
    SignInCount.objects.filter(since__lt=now - KEPT_FOR).delete()


def try_sms(asked: UUID, text: str) -> User | None:
    """Whom the code from an SMS signs in. Only in the browser that asked for it: `asked` is what `ask` returned."""
    return _try(SignInCode.objects.filter(pk=asked, way=CodeWay.SMS), text)


def try_letter(given: Given, text: str) -> User | None:
    """Whom the code in a letter signs in; days have passed, so it is told again who is meant."""
    return _try(SignInCode.objects.filter(asked_for=given.key, way=CodeWay.LETTER), text)


def _try(rows: QuerySet[SignInCode], text: str) -> User | None:
    """Try the code against the live ones among the rows. A code is used once, whoever is quickest; each try counts
    before it is judged, so that no number of tries at once is more than TRIES."""
    entered = "".join(filter(str.isalnum, text)).upper()
    live = list(rows.live(timezone.now(), TRIES).select_related("user"))  # type: ignore[attr-defined]
    used = [row for row in live if _use(row, entered)]
    user = may_sign_in().filter(pk=used[0].user_id if used else NOBODY).first()
    if user is None:
        _record_refusal(live[0] if live else None)
    return user


def _use(row: SignInCode, entered: str) -> bool:
    now = timezone.now()
    counted = SignInCode.objects.live(now, TRIES).filter(pk=row.pk).update(tries=F("tries") + 1)
    right = hmac.compare_digest(code_of(row).encode(), entered.encode())
    if not (counted and right and row.user_id):
        return False
    return SignInCode.objects.live(now, TRIES + 1).filter(pk=row.pk).update(used_at=now) == 1


def _record_refusal(row: SignInCode | None) -> None:
    """What was typed is not kept; the row says whose code it was, if anybody's."""
    access.record(Action.SIGN_IN, "code", by=None, of=row, outcome=Outcome.DENIED, purpose=Purpose.ADMINISTRATION)


# --- What the message says ----------------------------------------------------------------------------------------


def write(delivery: Delivery) -> Sms | Letter:
    """The writer of these deliveries (settings.OUTBOX_WRITERS). Raises Undeliverable when the code is dead by now, or
    the person may not have one any more."""
    row = SignInCode.objects.live(timezone.now(), TRIES).filter(pk=delivery.subject).first()
    user = may_have_code(CodeWay(delivery.channel)).filter(pk=row.user_id or NOBODY).first() if row else None
    if row is None or user is None:
        raise Undeliverable("the code is not wanted any more")
    with override(delivery.payload["language"]):
        return _sms(row, user) if row.way == CodeWay.SMS else _letter(row, user)


def _sms(row: SignInCode, user: User) -> Sms:
    """Nothing but the code and the site's name: it is read on locked screens."""
    text = _("%(code)s is your code for %(site)s. Do not give it to anybody.")
    return Sms(user.verified_phone, text % {"code": code_of(row), "site": _site()})


def _site() -> str:
    return settings.SAFEHOME_BASE_URL.partition("://")[2]  # type: ignore[no-any-return]


def _letter(row: SignInCode, user: User) -> Letter:
    resident = _with_address().select_related("home").get(user=user)
    access.record(Action.PRINT, "letter", by=None, of=resident, purpose=Purpose.ADMINISTRATION)
    code = code_of(row)
    last_whole_day = timezone.localdate(row.expires_at) - timedelta(days=1)
    address = settings.SAFEHOME_BASE_URL + reverse("residents:code-letter")
    language = get_language() or settings.LANGUAGE_CODE
    data = {
        "title": _("Your code to sign in"),
        "sender": _sender(resident),
        "address": _address(resident),
        "code": f"{code[:4]} {code[4:]}",
        "steps": [
            _("Go to %(address)s") % {"address": address},
            _("Write your personal identity number and the code."),
            _("Choose “Sign in”."),
        ],
        "until": _("The code works once, up to and including %(day)s.")
        % {"day": date_format(last_whole_day, "DATE_FORMAT")},
        "not_asked": _("Did you not ask for a code? Then throw this letter away. Give the code to nobody."),
    }
    return Letter(pdf.render("sign_in_code", data, language=language, at=row.asked_at))


def _sender(resident: Resident) -> str:
    """The municipality whose care the resident has."""
    relations = CareRelation.objects.in_force().filter(resident=resident)
    relation = relations.select_related("unit__administration__municipality").first()
    municipality = relation.unit.administration.municipality if relation else Municipality.objects.first()
    return municipality.name if municipality else "Safehome"


def _address(resident: Resident) -> list[str]:
    home = resident.home
    assert home is not None
    return [resident.full_name, home.street, *filter(None, [home.floor]), f"{home.postal_code} {home.city}"]
