"""What a receipt says, for the page and the PDF alike: the answer as it was given, the text as it was shown, and what
has stopped or started since, read from the database when the receipt is asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consents.kinds import Answer, ConsentKind, GivenBy, How, Understanding, Variant
from consents.models import Consent, EmergencyGround, Recipient
from consents.rebuild import Rebuilt, Said, Shown, rebuild
from consents.sharing import administrations_shown
from consents.states import State
from safehome import clock
from safehome.residents.models import RepresentativeKind


@dataclass(frozen=True)
class Line:
    """One device or one reader that rests on the answer, and how it stands with it."""

    name: str
    words: str


@dataclass(frozen=True)
class Aftermath:
    """What the answer has done. `kind` is success only for what has happened, never for what is on its way."""

    kind: str
    headline: str
    words: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Document:
    """`facts` are pairs of a name and what it is; `sections` a heading and a text in `language`."""

    consent: Consent
    rebuilt: Rebuilt
    headline: str
    title: str
    aftermath: Aftermath
    facts: list[tuple[str, str]]
    sections: list[tuple[str, str]]
    language: str
    small_print: list[tuple[str, str]]
    sender: str

    @property
    def right_to_left(self) -> bool:
        return self.language.partition("-")[0] in settings.LANGUAGES_BIDI

    @property
    def answered(self) -> bool:
        return self.rebuilt.last is not None


def document_of(consent: Consent, *, own: bool) -> Document:
    """The receipt of a consent, in the present language. `own`: the reader is the person who was asked."""
    rebuilt = rebuild(consent)
    said = rebuilt.last
    shown = (said.shown if said else None) or (rebuilt.shown[-1] if rebuilt.shown else None)
    return Document(
        consent=consent,
        rebuilt=rebuilt,
        headline=_headline(consent, said, own),
        title=shown.words["title"] if shown else consent.purpose.name,
        aftermath=aftermath_of(consent, said),
        facts=_facts(consent, rebuilt, said, shown),
        sections=_sections(consent, said, shown),
        language=shown.language if shown else "",
        small_print=_small_print(consent, rebuilt, said, shown),
        sender=str(consent.purpose.administration),
    )


def when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


# --- The answer --------------------------------------------------------------------------------------------------


def _headline(consent: Consent, said: Said | None, own: bool) -> str:
    if said is None:
        return _("You have not answered yet") if own else _("Nobody has answered yet")
    if own and said.fact("given_by") != GivenBy.REPRESENTATIVE:
        return {
            Answer.YES.value: _("You said yes"),
            Answer.NO.value: _("You said no"),
            Answer.TALK.value: _("You want to talk to someone first"),
        }[said.answer]
    words = {
        Answer.YES.value: _("%(name)s said yes"),
        Answer.NO.value: _("%(name)s said no"),
        Answer.TALK.value: _("%(name)s wants to talk to someone first"),
    }
    return words[said.answer] % {"name": said.name}


def _facts(consent: Consent, rebuilt: Rebuilt, said: Said | None, shown: Shown | None) -> list[tuple[str, str]]:
    facts = [(_("The question"), shown.words["question"] if shown else consent.purpose.name)]
    if said:
        facts += [(_("The answer"), str(Answer(said.answer).label)), (_("When"), when(said.at))]
        facts += [(_("Who answered"), _who(said))]
        facts += _circumstances(said)
    facts.append((_("Who asked"), _asked_by(rebuilt, said)))
    facts.append((_("On behalf of"), str(consent.purpose.administration)))
    if shown:
        facts.append((_("Which text"), _which(shown)))
    if consent.state == State.GIVEN and consent.valid_until:
        facts.append((_("The yes is valid until"), when(consent.valid_until)))
    return facts


def _who(said: Said) -> str:
    by = said.fact("given_by")
    if by == GivenBy.REPRESENTATIVE:
        kind = _kind_of_mandate(said)
        return f"{said.name}, {kind}" if kind else said.name
    return said.name


def _kind_of_mandate(said: Said) -> str:
    """The kind of representative then, whatever the mandate is now."""
    mandate = said.fact("mandate")
    for kind in RepresentativeKind:
        if f'"kind":"{kind.value}"' in mandate:
            return str(kind.label)
    return ""


def _circumstances(said: Said) -> list[tuple[str, str]]:
    how = said.fact("how")
    view = said.fact("resident_view_note")
    rows = [
        (_("How"), str(How(how).label) if how else ""),
        (_("Helped by"), said.fact("helped_by")),
        (_("Interpreter"), said.fact("interpreter")),
        (_("Aids"), said.fact("aids")),
        (_("Who was there"), said.fact("presence")),
        (_("Witness"), said.fact("witness")),
        (_("What the person thinks of it"), view),
        (_("Registered by"), said.registered_by),
        (_("Understanding"), _understanding(said)),
    ]
    return [(name, words) for name, words in rows if words]


def _understanding(said: Said) -> str:
    found = said.fact("understanding")
    return str(Understanding(found).label) if found else ""


def _asked_by(rebuilt: Rebuilt, said: Said | None) -> str:
    asked = next(iter(rebuilt.events), None)
    if asked and said and asked.by and str(asked.by) == said.fact("user_id"):
        return _("Nobody. %(name)s opened the question.") % {"name": said.name}
    return rebuilt.asked_by or _("The municipality")


def _which(shown: Shown) -> str:
    names = dict(settings.LANGUAGES)
    language = _(str(names[shown.language])) if shown.language in names else shown.language
    easy = f", {Variant.EASY.label}" if shown.variant == Variant.EASY else ""
    return _("“%(title)s”, version %(version)s, %(language)s%(easy)s") % {
        "title": shown.words["title"],
        "version": shown.version,
        "language": language,
        "easy": easy,
    }


# --- What they were told -----------------------------------------------------------------------------------------


def _sections(consent: Consent, said: Said | None, shown: Shown | None) -> list[tuple[str, str]]:
    if shown:
        names = ("what", "why", "who_sees", "how_long", "if_no", "change_mind")
        return [(_heading(name), shown.words[name]) for name in names]
    told = (said.processing if said else None) or {}
    recipients = [row["name"] for row in told.get("recipients", [])]
    rows = [
        (_heading("who_sees"), ", ".join(recipients) or told.get("controller", {}).get("name", "")),
        (_heading("how_long"), _days(told.get("retention_days"))),
        (_heading("if_no"), told.get("alternative", "")),
    ]
    return [(name, words) for name, words in rows if words]


def _heading(name: str) -> str:
    return {
        "what": _("What happens"),
        "why": _("Why"),
        "who_sees": _("Who sees it"),
        "how_long": _("How long it is kept"),
        "if_no": _("If you say no"),
        "change_mind": _("How to change your mind"),
    }[name]


def _days(days: int | None) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days} if days else ""


def _small_print(consent: Consent, rebuilt: Rebuilt, said: Said | None, shown: Shown | None) -> list[tuple[str, str]]:
    rows = [(_("Number of the consent"), str(consent.pk))]
    if shown:
        rows.append((_("Fingerprint of the text"), shown.digest))
    if said:
        link = next(event.link for event in rebuilt.events if event.sequence == said.sequence)
        rows.append((_("Place in the proof"), f"{said.sequence}:{link}"))
    return rows


# --- What has come of it -----------------------------------------------------------------------------------------


def aftermath_of(consent: Consent, said: Said | None) -> Aftermath:
    """What rests on the answer, and how it stands now. "It has stopped" is said of all or not at all."""
    if said is None:
        return Aftermath("info", _("Nothing has started"), _("Nothing starts before there is an answer."))
    if consent.state == State.WAITING:
        return Aftermath("info", _("Nothing has started"), _("The other guardian must answer first."))
    if consent.state == State.TALK:
        return Aftermath("info", _("Nothing has started"), _("Somebody from the municipality will talk with you."))
    if consent.state == State.REPLACED:
        return Aftermath("info", _("There is a newer answer"), _("The newer answer counts now."))
    resting = _panels(consent)
    if consent.lawful_at(clock.now()):
        return _after_yes(consent, resting)
    return _after_no(consent, resting)


def _panels(consent: Consent) -> list[dict[str, Any]]:
    """What apps above this one have resting on the answer (settings.CONSENT_RECEIPT_PANELS)."""
    found: list[dict[str, Any]] = []
    for path in settings.CONSENT_RECEIPT_PANELS:
        found += import_string(path)(consent)
    return found


def _after_yes(consent: Consent, resting: list[dict[str, Any]]) -> Aftermath:
    readers = [Line(name, _("Can see it now.") if sees else _("Can't see it yet.")) for name, sees in _readers(consent)]
    lines = [Line(row["label"], _started(row)) for row in resting]
    if any(row["collecting"] for row in resting):
        words = _("This is on because of the yes.")
    elif lines:
        words = _("Nothing is on yet. Staff will start it.")
    elif readers:
        return Aftermath("success", _("What happens now"), _("This may be seen because of the yes."), tuple(readers))
    else:
        return Aftermath("info", _("What happens now"), _("Nothing is on yet. Staff will tell you before they start."))
    kind = "success" if any(row["collecting"] for row in resting) else "info"
    return Aftermath(kind, _("What happens now"), words, (*lines, *readers))


def _started(row: dict[str, Any]) -> str:
    if row["collecting"]:
        return _("On since %(time)s.") % {"time": when(row["since"])} if row["since"] else _("On.")
    if row["waits"]:
        return _("Off. It waits for more answers.")
    if row["planned"]:
        return _("Off. Staff will start it.")
    return _("Off. Staff have turned it off.")


def _after_no(consent: Consent, resting: list[dict[str, Any]]) -> Aftermath:
    readers = _readers(consent)
    going = [row["label"] for row in resting if row["collecting"]] + [name for name, sees in readers if sees]
    lines = [Line(row["label"], _stopped(row)) for row in resting]
    lines += [Line(name, _("Still sees it.") if sees else _("Does not see it.")) for name, sees in readers]
    if going:
        return Aftermath("warning", _("It has not stopped yet"), _why_not(consent), tuple(lines))
    stopped = [row["stopped_at"] for row in resting if row["stopped_at"]]
    if readers and consent.ended_at and consent.given_at:
        stopped.append(consent.ended_at)
    if not stopped:
        words = _("Nothing was on because of this answer.")
        return Aftermath("success", _("Nothing is on"), words, tuple(lines))
    words = _("Nothing has been stored since %(time)s.") if resting else _("Nothing has been shown since %(time)s.")
    return Aftermath("success", _("It has stopped"), words % {"time": when(max(stopped))}, tuple(lines))


def _stopped(row: dict[str, Any]) -> str:
    if row["collecting"]:
        return _("Still on.")
    if row["stopped_at"]:
        return _("Off since %(time)s.") % {"time": when(row["stopped_at"])}
    return _("Was never on.")


def _why_not(consent: Consent) -> str:
    now = clock.now()
    ground = EmergencyGround.objects.filter(resident=consent.resident_id, started_at__lte=now, ends_at__gt=now).first()
    if ground:
        words = _("Staff have declared an emergency. It ends by itself at the latest %(time)s.")
        return words % {"time": when(ground.ends_at)}
    return _("Some of it is still stopping. Open this page again in a while, or phone us.")


def _readers(consent: Consent) -> list[tuple[str, bool]]:
    """Other authorities whom a lifted secrecy is about, and whether they see anything of it now."""
    if consent.purpose.kind != ConsentKind.SECRECY or consent.cohabitant_id:
        return []
    categories = list(consent.purpose.categories.values_list("category", flat=True))
    rows = Recipient.objects.filter(purpose=consent.purpose_id).select_related("unit", "administration")
    found: list[tuple[str, bool]] = []
    for row in rows:
        to = row.administration_id or (row.unit.administration_id if row.unit else None)
        if to and to != consent.purpose.administration_id:
            found.append((str(row), _sees(consent, to, categories)))
    return found


def _sees(consent: Consent, to: Any, categories: list[Any]) -> bool:
    owner = consent.purpose.administration_id
    return any(owner in administrations_shown(consent.resident, to, category) for category in categories)
