"""How people answer, in numbers that point at nobody.

People are counted, month by month, for one purpose of one administration and along no other dimension: no unit, no
age, no sex. Three rules keep the single person out of sight:

- A number under five is not shown; nor is nought, which would tell of everybody.
- Only months that are over are shown. Two looks at a month on its way would differ by one person's answer.
- The sum of a year is shown when the year is over, and only when it tells no hidden month: if what is hidden adds up to
  less than five, or to so much that each hidden month must be four, the sum is hidden too. The sum of a year on its
  way is never shown, since two of them would tell the month between.

Of a month's three answers, when only one is hidden, the number of those asked is hidden too: the difference would be
close to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from consents.kinds import Answer
from consents.models import Consent, Decision, Purpose
from consents.states import State
from safehome import clock

FEWEST = 5
MONTHS = 12

Person = tuple[Any, Any]
Count = int | None
"""A number that may be shown, or None for one that may not."""

ASKED, YES, NO, TALK, ENDED = SERIES = ("asked", "yes", "no", "talk", "ended")
ANSWERS = (YES, NO, TALK)
LABELS: dict[str, str | Promise] = {
    ASKED: gettext_lazy("Asked"),
    YES: pgettext_lazy("consent", "Yes"),
    NO: pgettext_lazy("consent", "No"),
    TALK: gettext_lazy("Wanted to talk first"),
    ENDED: pgettext_lazy("consent", "Ended"),
}


# --- Counting ----------------------------------------------------------------------------------------------------


def at_least(count: int) -> Count:
    """The number itself when it is five or more, else None."""
    return count if count >= FEWEST else None


def in_words(count: Count, series: str = YES) -> str:
    """A number as it is shown. Of those asked, a hidden number may be larger: it is hidden for the answers' sake."""
    if count is not None:
        return str(count)
    return _("not shown") if series == ASKED else _("fewer than %(fewest)d") % {"fewest": FEWEST}


def answers_now(purpose: Purpose) -> dict[str, Count]:
    """How many people's latest word is yes and no, now."""
    rows = Consent.objects.filter(purpose=purpose).order_by("asked_at")
    latest: dict[Person, str] = {}
    for resident, cohabitant, state in rows.values_list("resident", "cohabitant", "state"):
        if state in (State.GIVEN, State.REFUSED, State.ENDED):
            latest[resident, cohabitant] = state
    said = list(latest.values())
    return {
        "yes": at_least(said.count(State.GIVEN)),
        "no": at_least(said.count(State.REFUSED) + said.count(State.ENDED)),
    }


def people_by_month(purpose: Purpose, year: int) -> dict[str, list[int]]:
    """Series → people in each month of the year. Who is asked twice in a month is one person."""
    found: dict[str, dict[int, set[Person]]] = {name: defaultdict(set) for name in SERIES}
    for name, person, moment in _happened(purpose):
        local = timezone.localtime(moment)
        if local.year == year:
            found[name][local.month].add(person)
    return {name: [len(found[name][month]) for month in range(1, MONTHS + 1)] for name in SERIES}


def _happened(purpose: Purpose) -> Iterable[tuple[str, Person, datetime]]:
    """What has become of the questions; what was entered in error has not happened."""
    rows = Consent.objects.filter(purpose=purpose).exclude(state=State.ANNULLED)
    facts = rows.values_list("resident", "cohabitant", "state", "asked_at", "given_at", "answered_at", "ended_at")
    for resident, cohabitant, state, asked, given, answered, ended in facts.iterator():
        person = (resident, cohabitant)
        yield ASKED, person, asked
        if given:
            yield YES, person, given
        if state == State.REFUSED and answered:
            yield NO, person, answered
        if state in (State.ENDED, State.EXPIRED, State.LAPSED) and given and ended:
            yield ENDED, person, ended
    wished = Decision.objects.filter(consent__in=rows, answer=Answer.TALK)
    for resident, cohabitant, at in wished.values_list("consent__resident", "consent__cohabitant", "at"):
        yield TALK, (resident, cohabitant), at


# --- What may be shown -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One series of a year: a count for each month that is over, and the sum when it may be told."""

    months: tuple[Count, ...]
    total: Count

    @property
    def at_least(self) -> int:
        """What the shown months add up to: it tells nothing that they do not tell."""
        return sum(count or 0 for count in self.months)


def suppress(counts: Sequence[int], *, over: bool, also: frozenset[int] = frozenset()) -> Shown:
    """Hide what must be hidden in a series. `over`: the year is, so that there may be a sum. `also` are the places of
    further months to hide."""
    shown = tuple(None if place in also else at_least(count) for place, count in enumerate(counts))
    return Shown(shown, sum(counts) if over and _sum_is_safe(counts, shown) else None)


def _sum_is_safe(counts: Sequence[int], shown: Sequence[Count]) -> bool:
    """Whoever knows the sum knows what the hidden months add up to: that too must be five or more, and leave it open
    what each of them is."""
    hidden = [count for count, seen in zip(counts, shown, strict=True) if seen is None]
    if not hidden:
        return sum(counts) >= FEWEST
    return FEWEST <= sum(hidden) < (FEWEST - 1) * len(hidden)


def table(counts: Mapping[str, Sequence[int]], *, over: bool) -> dict[str, Shown]:
    """All series of a year, with what may be shown of each."""
    found = {name: suppress(counts[name], over=over) for name in SERIES}
    lonely = frozenset(place for place in range(len(counts[ASKED])) if _one_hidden(found, place))
    asked = suppress(counts[ASKED], over=over, also=lonely)
    if sum(found[name].total is None for name in ANSWERS) == 1:
        asked = Shown(asked.months, None)
    return found | {ASKED: asked}


def _one_hidden(found: dict[str, Shown], place: int) -> bool:
    return sum(found[name].months[place] is None for name in ANSWERS) == 1


def months_over(year: int) -> int:
    """How many months of the year are over."""
    today = timezone.localdate(clock.now())
    if year < today.year:
        return MONTHS
    return today.month - 1 if year == today.year else 0


# --- For the page ------------------------------------------------------------------------------------------------

BAR = 13
GROUP = 2 * BAR + 14
LEFT, TOP, TALL, BELOW = 44, 12, 150, 26
STUB = 3


@dataclass(frozen=True)
class Bar:
    """A month's yes or no in the picture; a hidden number is a stub of the same height, whatever it is."""

    series: str
    x: int
    y: int
    height: int
    hidden: bool


@dataclass(frozen=True)
class Mark:
    at: int
    label: str


@dataclass(frozen=True)
class Chart:
    """Yes and no, month by month, in whole units of the viewBox."""

    bars: list[Bar]
    months: list[Mark]
    grid: list[Mark]
    width: int
    left: int = LEFT
    top: int = TOP
    bottom: int = TOP + TALL
    height: int = TOP + TALL + BELOW
    bar: int = BAR


@dataclass(frozen=True)
class Row:
    month: str
    cells: list[tuple[str | Promise, str]]


@dataclass(frozen=True)
class Year:
    """One purpose's year, ready to be drawn."""

    purpose: Purpose
    rows: list[Row]
    totals: list[tuple[str | Promise, str]]
    over: bool
    chart: Chart | None
    summary: str
    headings: tuple[str | Promise, ...] = tuple(LABELS.values())


def year_of(purpose: Purpose, year: int) -> Year:
    """What may be told of one purpose in one year."""
    months, over = months_over(year), months_over(year) == MONTHS
    counts = {name: row[:months] for name, row in people_by_month(purpose, year).items()}
    shown = table(counts, over=over)
    names = [_month_name(year, month) for month in range(1, months + 1)]
    rows = [
        Row(name, [(LABELS[series], in_words(shown[series].months[place], series)) for series in SERIES])
        for place, name in enumerate(names)
    ]
    totals = [(LABELS[series], _total(shown[series], over)) for series in SERIES]
    visible = any(count is not None for series in (YES, NO) for count in shown[series].months)
    chart = draw(shown, [name[:3] for name in names]) if visible else None
    return Year(purpose, rows, totals, over, chart, _summary(shown, over))


def _month_name(year: int, month: int) -> str:
    return date_format(date(year, month, 1), "F")


def _total(shown: Shown, over: bool) -> str:
    if shown.total is not None:
        return str(shown.total)
    if shown.at_least:
        return _("%(number)d or more") % {"number": shown.at_least}
    return _("not shown") if over else "–"


def _summary(shown: dict[str, Shown], over: bool) -> str:
    if not any(shown[name].at_least or shown[name].total for name in SERIES):
        return _("Too few people have been asked in each month for numbers to be shown.")
    return _("Yes: %(yes)s. No: %(no)s. Wanted to talk first: %(talk)s. Ended: %(ended)s.") % {
        name: _total(shown[name], over) for name in (YES, NO, TALK, ENDED)
    }


def draw(shown: dict[str, Shown], names: Sequence[str]) -> Chart:
    """The picture of yes and no."""
    tallest = max((count or 0 for series in (YES, NO) for count in shown[series].months), default=0) or 1
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if tallest / step <= 5)
    top = -(-tallest // step) * step
    bars = [
        _bar(series, LEFT + 8 + place * GROUP + side * (BAR + 2), count, top)
        for side, series in enumerate((YES, NO))
        for place, count in enumerate(shown[series].months)
    ]
    months = [Mark(LEFT + 8 + place * GROUP + BAR, name) for place, name in enumerate(names)]
    grid = [Mark(TOP + TALL - round(TALL * value / top), str(value)) for value in range(0, top + 1, step)]
    return Chart(bars, months, grid, width=LEFT + 8 + len(names) * GROUP + 8)


def _bar(series: str, x: int, count: Count, top: int) -> Bar:
    height = STUB if count is None else round(TALL * count / top)
    return Bar(series, x, TOP + TALL - height, height, count is None)
