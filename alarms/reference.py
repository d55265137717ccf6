"""Reference pages written from the code, so that they cannot lie: `manage.py reference_docs` puts them in docs/."""

from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import override

from alarms import outcomes, rules
from alarms.models import EventKind
from alarms.states import TRANSITIONS, Category, Handling, Verb
from consents import states as consents
from devices.intake.http import PATH
from devices.intake.inbox import SAME_MESSAGE
from devices.intake.messages import FUTURE_TOLERANCE, OLDEST
from devices.kinds import KINDS, ReadingKind
from safehome.organisation.roles import RIGHTS, Right, Role
from safehome.residents.models import Resident

NOTE = "<!-- Written by `manage.py reference_docs`. Change the code it names, not this page. -->\n"


def pages() -> dict[str, str]:
    """File name → the page."""
    with override("en"):
        return {name: f"{NOTE}\n{write()}" for name, write in PAGES.items()}


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- Who may do what -------------------------------------------------------------------------------------------

RIGHT_WORDS = {
    Right.ALARM_VIEW: "see alarms sent to the unit",
    Right.ALARM_HANDLE: "accept, arrive at and close them; go on duty",
    Right.RESIDENT_VIEW: "see residents in the unit's care",
    Right.RESIDENT_CHANGE: "change them",
    Right.READING_VIEW: "see what has been measured in their homes",
    Right.DEVICE_VIEW: "see their devices",
    Right.DEVICE_MANAGE: "mend devices; see and handle technical alarms sent to the unit",
    Right.ASSIGNMENT_MANAGE: "give devices to residents and places",
    Right.RULE_MANAGE: "set rules",
    Right.CONSENT_ASK: "ask residents for consent, register their answers, see and do the consent work",
    Right.CONSENT_WRITE: "write consent texts, review those of others, see statistics of answers",
    Right.LOG_VIEW: "read the access log",
    Right.ADMIN: "enter Django admin",
}


def permission_matrix() -> str:
    """docs/reference/permission-matrix.md, from `RIGHTS`."""
    head = ["Right", *(role.label for role in Role)]
    rows = [[f"`{right.value}`", *("●" if right in RIGHTS[role] else "" for role in Role)] for right in Right]
    meanings = [[f"`{right.value}`", words] for right, words in RIGHT_WORDS.items()]
    exceptions = [[f"`{codename}`", words] for codename, words in Resident._meta.permissions]
    return f"""# Who may do what

A right counts in the units where the role is held, between the dates of the membership, for an active account. It
reaches a resident through a care relation in force to such a unit, and an alarm through the units that it has been
sent to. Being a superuser gives none of these rights. What is not visible answers 404; what is visible and not allowed
answers 403; both are in the access log.

{table(head, rows)}

## What each right is

{table(["Right", "Who holds it may"], meanings)}

## Exceptions about one person

They are given by name, to one account about one resident, and end with the account.

{table(["Exception", "Meaning"], exceptions)}

A protected identity is masked in every list, search, notice and log line for all who are not named for it, though they
take part in the care; only the named find the person by searching.

## Private people

{table(["Who", "Sees the resident's own first page"], PRIVATE_PEOPLE)}
"""


PRIVATE_PEOPLE = [
    ["The resident", "always"],
    ["A representative", "while the appointment is in force, unless the resident is protected"],
    ["A relative", "only the categories that the resident lets this relative see, until the resident ends it"],
    ["Somebody who lives there", "which devices are in the home and their own consents, nothing of what is measured"],
    ["Anybody else", "never"],
]


# --- The life of a consent -------------------------------------------------------------------------------------


def consent_lifecycle() -> str:
    """docs/reference/consent-lifecycle.md, from the transition table of consents."""
    pairs = sorted({(a.value, b.value, verb.value) for verb, to in consents.TRANSITIONS.items() for a, b in to.items()})
    arrows = "\n".join(f"    {a} --> {b}: {verb}" for a, b, verb in pairs)
    verbs = [
        [f"`{verb.value}`", verb.label, *(to[state].value if state in to else "" for state in consents.State)]
        for verb, to in consents.TRANSITIONS.items()
    ]
    return f"""# The life of a consent

One row is one question to one person about one purpose. It is a lawful ground from `given_at` until `valid_until` or
`ended_at`, whichever comes first; never when it has been annulled. *Ended* means that the person has taken it back (or
died); *annulled* means that it was entered in error. Neither deletes anything. Yes once more is a new row in place of
the old one.

```mermaid
stateDiagram-v2
    [*] --> asked
{arrows}
```

{table(["Verb", "Meaning", *(state.value for state in consents.State)], verbs)}

Every transition that is not in the table is refused (409). Between two moments the gate answers by dates, not by
states: a consent past its last day is no ground, whether or not the watch loop has called it expired yet.

## States

{table(["State", "Means"], [[f"`{state.value}`", state.label] for state in consents.State])}
"""


# --- The life of an alarm --------------------------------------------------------------------------------------


def alarm_lifecycle() -> str:
    """docs/reference/alarm-lifecycle.md, from the transition table and the catalogue of alarm kinds."""
    return f"""# The life of an alarm

An alarm has two axes. The *condition* (going on, back to normal) is the sensor's; the *handling* is people's. A sensor
that is back to normal never closes the human task; a person does.

```mermaid
stateDiagram-v2
    [*] --> {Handling.RAISED.value}
{_arrows()}
    {Handling.CLOSED.value} --> [*]
```

{table(["Verb", *(state.label for state in Handling)], _verb_rows())}

Accepting an alarm that somebody has taken is refused and names them, unless it has rung anew: a person has pressed
again, or nobody arrived in time. The same verb twice by the same person is one. Every refusal answers 409.

## Clocks

Every open alarm has a next time at which the watch loop acts. Not taken in time, it goes on to the next unit of the
plan that was made when it was raised; a unit where nobody is on duty is told and passed at once; the last step repeats
until a person acts. Taking it starts the clock of arriving, arriving that of closing.

## Events

{table(["Event", "Meaning"], [[f"`{event.value}`", event.label] for event in EventKind])}

## Kinds

{table(["Code", "Category", "Priority", "Happened", "What to do"], _kind_rows())}

## Outcomes

{table(["Category", "Outcomes"], _outcome_rows())}
"""


def _arrows() -> str:
    return "\n".join(
        f"    {before.value} --> {after.value}: {verb.value}"
        for verb, moves in TRANSITIONS.items()
        for before, after in moves.items()
    )


def _verb_rows() -> list[list[object]]:
    return [
        [
            f"`{verb.value}`",
            *(TRANSITIONS[verb][state].label if state in TRANSITIONS[verb] else "" for state in Handling),
        ]
        for verb in Verb
    ]


def _kind_rows() -> list[list[object]]:
    order = list(Category)
    kinds = sorted(rules.KINDS.values(), key=lambda kind: (order.index(Category(kind.category)), kind.code))
    return [
        [f"`{kind.code}`", Category(kind.category).label, kind.priority.value, kind.meaning, kind.action]
        for kind in kinds
    ]


def _outcome_rows() -> list[list[object]]:
    return [
        [category.label, ", ".join(f"{label} (`{code}`)" for code, label in outcomes.choices(category))]
        for category in Category
    ]


# --- Readings --------------------------------------------------------------------------------------------------

FIELDS = [
    ["`device`", "yes", "text, at most 100 characters", "The device's id. Case and the separators of a MAC address or "
     "EUI-64 are ignored."],
    ["`kind`", "yes", "text", "One of the kinds below."],
    ["`value`", "by kind", "number, true, false or a word of the kind", "See below."],
    ["`at`", "or `id`", "RFC 3339 with offset", "When it was measured."],
    ["`id`", "no", "text or whole number", "The sender's own number of the message, unique for the gateway, device and "
     "kind."],
]  # fmt: skip
ANSWERS = [
    ["202", "All readings are durably stored. The receipt counts `accepted`, `duplicates` and `reused_ids`."],
    ["400", "Some readings are not kept: `errors` has the `index`, `field` and `reason` of each, `stored` the indexes "
     "of those that are. Send the others again when they are mended, or not at all."],
    ["401", "The token is missing, unknown or revoked."],
    ["403", "Every reading is of a device that belongs to another gateway."],
    ["405", "Readings are sent with POST."],
    ["413", "The request is over the size limit (`SAFEHOME_INTAKE_MAX_BYTES`)."],
    ["429", "Over the rate limit; `Retry-After` says for how many seconds."],
    ["503", "Nothing is known to be stored. Send the same again; what was stored after all is a duplicate then."],
]  # fmt: skip


def readings() -> str:
    """docs/reference/readings.md, from the registry of kinds and the intake's own limits."""
    minutes = int(SAME_MESSAGE.total_seconds() // 60)
    ahead = int(FUTURE_TOLERANCE.total_seconds() // 60)
    return f"""# Readings

`POST {PATH}` with `Authorization: Bearer TOKEN` (a gateway's token) and one JSON reading, a list of them, or
NDJSON (one reading a line).

```json
{{"device": "a84041000181", "kind": "temperature", "value": 21.5, "at": "2026-03-02T12:00:00+01:00", "id": "4711"}}
```

{table(["Field", "Required", "Type", "Meaning"], FIELDS)}

## Answers

Errors are problem details (RFC 9457).

{table(["Status", "Meaning"], ANSWERS)}

## Sent twice, one effect

Readings with an `id` are the same message when gateway, device, kind and `id` are the same and the times lie at most
{minutes} minutes apart; farther apart the gateway is taken to have begun counting anew, and the reading is news
(`reused_ids` names it). Readings without an `id` are the same when device, kind, time and value are.

## Clocks

`at` may lie as far back as {OLDEST:%Y-%m-%d}. A time before that, or more than {ahead} minutes ahead, is a wrong clock:
the reading is kept with the time of its arrival, and flagged.

## Kinds

Urgent kinds have a queue and a worker of their own.

{table(["Kind", "What", "Value", "Words for a value", "Urgent"], map(_kind_row, KINDS.values()))}
"""


def _kind_row(kind: ReadingKind) -> list[object]:
    words = ", ".join(f"`{word}` = {value:g}" for word, value in sorted(kind.words.items()))
    return [f"`{kind.code}`", kind.label, _value(kind), words, "yes" if kind.urgent else ""]


def _value(kind: ReadingKind) -> str:
    span = f"{kind.low:g} or {kind.high:g}" if kind.whole else f"{kind.low:g} to {kind.high:g} {kind.unit}".strip()
    if kind.needs_value:
        return span
    return f"{span}; left out it is 1" if kind.words else "none needed"


PAGES: dict[str, Callable[[], str]] = {
    "permission-matrix.md": permission_matrix,
    "alarm-lifecycle.md": alarm_lifecycle,
    "consent-lifecycle.md": consent_lifecycle,
    "readings.md": readings,
}
