"""The purposes and texts that a municipality starts from (consents/starter), made into rows of its own."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consents import starter
from consents.actions import Refused
from consents.kinds import ConsentKind
from consents.models import ConsentText, Purpose, PurposeCategory, Recipient, TextState, Translation
from consents.starter import StarterPurpose, StarterText
from consents.texts import publishing
from safehome import clock
from safehome.organisation import policies as organisation
from safehome.organisation.models import Administration, User
from safehome.organisation.roles import Right


def import_starter(
    administration: Administration,
    *,
    author: User,
    reviewer: User | None,
    other_office: Administration | None = None,
    publish: bool = False,
    codes: Collection[str] | None = None,
    valid_from: date | None = None,
    speak: bool = True,
) -> list[Purpose]:
    """The administration's purposes with their texts, made where they are missing; in the order of their codes.

    `codes` chooses some of them. Purposes to lift secrecy need `other_office`, and are left out without it unless they
    were asked for. Raises Refused with a plain reason; nothing has been made then.
    """
    _require(administration, author, reviewer, publish)
    chosen = list(_chosen(codes, other_office))
    made = [_import_one(row, administration, author, other_office, publish, valid_from) for row in chosen]
    for _purpose, text in made:
        if publish and reviewer and text:
            publishing.publish(text, reviewer, speak=speak)
    return [purpose for purpose, _text in made]


def _require(administration: Administration, author: User, reviewer: User | None, publish: bool) -> None:
    if publish and reviewer is None:
        raise Refused(_("Name a reviewer: nobody publishes a text alone."))
    if reviewer and reviewer.pk == author.pk:
        raise Refused(_("The author can't review the texts too. Name somebody else."))
    for user in filter(None, (author, reviewer)):
        units = organisation.units_with(user, Right.CONSENT_WRITE)
        if not units.filter(administration=administration).exists():
            told = _("%(name)s may not write consent texts in %(administration)s.")
            raise Refused(told % {"name": user.name, "administration": administration.name})


def _chosen(codes: Collection[str] | None, other_office: Administration | None) -> list[StarterPurpose]:
    rows = {row.code: row for row in starter.load()}
    if unknown := set(codes or ()) - rows.keys():
        raise Refused(_("There are no such texts: %(codes)s.") % {"codes": ", ".join(sorted(unknown))})
    if codes is None:
        return [row for row in rows.values() if other_office or not _names_other_office(row)]
    chosen = [row for code, row in rows.items() if code in codes]
    lacking = [row.code for row in chosen if _names_other_office(row) and other_office is None]
    if lacking:
        raise Refused(_("Name the other office for: %(codes)s.") % {"codes": ", ".join(lacking)})
    return chosen


def _names_other_office(row: StarterPurpose) -> bool:
    told = [value for text in row.texts for value in text.fields.values()]
    return row.kind == ConsentKind.SECRECY.value or any("{other_office}" in value for value in told)


def _import_one(
    row: StarterPurpose,
    administration: Administration,
    author: User,
    other_office: Administration | None,
    publish: bool,
    valid_from: date | None,
) -> tuple[Purpose, ConsentText | None]:
    """The purpose, and its text when that is the author's own and waits to be published."""
    names = {"controller": administration.name, "other_office": other_office.name if other_office else ""}
    with transaction.atomic():
        purpose = Purpose.objects.filter(administration=administration, code=row.code).order_by("valid_from").last()
        if purpose is None:
            purpose = _make_purpose(row, administration, other_office, names, valid_from)
        text = publishing.unfinished(purpose)
        if text is None and not publishing.is_settled(purpose):
            text = _make_text(row, purpose, author, names)
        if text is None or text.author_id != author.pk:
            return purpose, None
        if publish and text.state == TextState.DRAFT:
            text = publishing.submit(text, author)
    return purpose, text


_SAME = (
    "code",
    "kind",
    "regime",
    "basis",
    "special_basis",
    "source",
    "necessity",
    "cohabitants",
    "retention_days",
    "retention_source",
    "valid_months",
    "review_months",
)


def _make_purpose(
    row: StarterPurpose,
    administration: Administration,
    other_office: Administration | None,
    names: dict[str, str],
    valid_from: date | None,
) -> Purpose:
    purpose = Purpose.objects.create(
        administration=administration,
        name=_filled(row.name.sv, names),
        alternative=_filled(row.alternative.sv, names),
        reading_kinds=list(row.reading_kinds),
        valid_from=valid_from or timezone.localdate(clock.now()),
        **{name: getattr(row, name) for name in _SAME},
    )
    for category in row.categories:
        PurposeCategory.objects.create(purpose=purpose, category=category)
    if row.kind == ConsentKind.SECRECY.value and other_office:
        Recipient.objects.create(purpose=purpose, administration=other_office)
    return purpose


def _make_text(row: StarterPurpose, purpose: Purpose, author: User, names: dict[str, str]) -> ConsentText:
    text = ConsentText.objects.create(purpose=purpose, author=author, pictures=list(row.pictures))
    for told in row.texts:
        Translation.objects.create(text=text, **_translation(told, names))
    return text


def _translation(told: StarterText, names: dict[str, str]) -> dict[str, Any]:
    fields = {name: _filled(value, names) for name, value in told.fields.items()}
    return fields | {"language": told.language, "variant": told.variant, "sample": told.sample}


def _filled(told: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        told = told.replace(f"{{{name}}}", value)
    return told
