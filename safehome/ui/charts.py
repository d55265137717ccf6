"""Charts as plain data: pure functions from readings to the geometry that the SVG templates draw.

Each chart carries a sentence that says the same in words (`summary`) and the rows of a table, so that nobody
depends on seeing it. All lengths are whole user units of the viewBox: the templates would write a float with
a decimal comma in Swedish. Times are local wall-clock times; on the night when the clock goes back, both
passings of the doubled hour are drawn on top of each other, and when it goes forward the missing hour is hatched.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby, pairwise
from math import ceil, floor
from statistics import fmean, median, quantiles

from django.utils.formats import date_format, localize, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MINUTES_A_DAY = 24 * 60
SATURDAY = 5

# --- Actogram ----------------------------------------------------------------------------------------------

GUTTER = 84  # room for the day's name
HOUR = 36  # width of an hour
ROW = 15  # height of a day
TOP = 24  # room for the hours' names
TALLEST_BAR = 12
SHORTEST_BAR = 4
NIGHT_ENDS = 4  # a day's "first activity" is looked for from this hour, so that a night visit is not morning


@dataclass(frozen=True)
class Span:
    """A stretch along the horizontal axis."""

    x: int
    width: int


@dataclass(frozen=True)
class Tick:
    """A mark on an axis with its words; `strong` ones are drawn clearer."""

    at: int
    label: str
    strong: bool = False


@dataclass(frozen=True)
class Day:
    """One row: the bars of a day, and the same in figures for the table."""

    day: date
    label: str
    y: int
    weekend: bool
    bars: str
    absences: list[Span]
    missing: list[Span]
    active_minutes: int
    first: time | None
    last: time | None
    longest_pause: timedelta | None

    @property
    def base(self) -> int:
        """Where the bars stand."""
        return self.y + ROW - 2


@dataclass(frozen=True)
class Actogram:
    """Activity hour by hour, one row a day, so that a change of rhythm is seen as a change of pattern."""

    days: list[Day]
    hours: list[Tick]
    bin_minutes: int
    summary: str
    width: int
    height: int
    gutter: int = GUTTER
    plot_width: int = 24 * HOUR
    row_height: int = ROW
    top: int = TOP


def actogram(
    events: Iterable[datetime],
    *,
    last_day: date,
    zone: tzinfo,
    days: int = 28,
    bin_minutes: int = 15,
    absences: Sequence[tuple[datetime, datetime]] = (),
) -> Actogram:
    """Draw the `days` days that end with `last_day` from the moments at which something stirred in the home.

    `events` are aware datetimes in any order; those of other days are left out. `absences` are stretches when
    the resident was known to be away; they are shaded.
    """
    counts = count_by_bin(events, zone, bin_minutes)
    wanted = [last_day - timedelta(days=back) for back in range(days)]
    tallest = usual_high(counts.values())
    rows = [
        draw_day(day, TOP + row * ROW, counts, tallest, bin_minutes, zone, absences) for row, day in enumerate(wanted)
    ]
    return Actogram(
        days=rows,
        hours=[Tick(GUTTER + hour * HOUR, f"{hour:02}", strong=hour % 6 == 0) for hour in range(0, 25, 3)],
        bin_minutes=bin_minutes,
        summary=describe_rhythm(rows),
        width=GUTTER + 24 * HOUR + 16,
        height=TOP + days * ROW + 6,
    )


def count_by_bin(events: Iterable[datetime], zone: tzinfo, bin_minutes: int) -> Counter[tuple[date, int]]:
    """How many events fell in each stretch of each local day."""
    local = (moment.astimezone(zone) for moment in events)
    return Counter((moment.date(), (moment.hour * 60 + moment.minute) // bin_minutes) for moment in local)


def usual_high(counts: Iterable[int]) -> float:
    """The count that earns a full-height bar: one wild quarter of an hour must not flatten the rest."""
    values = sorted(counts)
    return quantiles(values, n=10)[-1] if len(values) > 1 else max([1, *values])


def draw_day(
    day: date,
    y: int,
    counts: Counter[tuple[date, int]],
    tallest: float,
    bin_minutes: int,
    zone: tzinfo,
    absences: Sequence[tuple[datetime, datetime]],
) -> Day:
    """One row of the actogram."""
    active = {bin_: counts[day, bin_] for bin_ in range(MINUTES_A_DAY // bin_minutes) if counts[day, bin_]}
    morning = next((bin_ for bin_ in active if bin_ * bin_minutes >= NIGHT_ENDS * 60), None)
    return Day(
        day=day,
        label=date_format(day, pgettext("date format: weekday, day, month in short", "D j M")),
        y=y,
        weekend=day.weekday() >= SATURDAY,
        bars=bars_path(active, tallest, bin_minutes, base=y + ROW - 2),
        absences=list(absence_spans(day, absences, zone)),
        missing=list(missing_spans(day, zone, bin_minutes)),
        active_minutes=len(active) * bin_minutes,
        first=None if morning is None else bin_time(morning, bin_minutes),
        last=bin_time(max(active), bin_minutes) if active else None,
        longest_pause=longest_pause(sorted(active), bin_minutes),
    )


def bars_path(active: dict[int, int], tallest: float, bin_minutes: int, base: int) -> str:
    """All bars of a day as one SVG path, which keeps a month of quarters of hours a small page."""
    width = HOUR * bin_minutes // 60
    return "".join(
        f"M{GUTTER + bin_ * HOUR * bin_minutes // 60} {base}v-{bar_height(count, tallest)}h{width - 1}V{base}z"
        for bin_, count in active.items()
    )


def bar_height(count: int, tallest: float) -> int:
    """Height of a bar; one single event is still seen."""
    return max(SHORTEST_BAR, round(TALLEST_BAR * min(1.0, count / tallest)))


def bin_time(bin_: int, bin_minutes: int) -> time:
    """Clock time at which a stretch begins."""
    return time(*divmod(bin_ * bin_minutes, 60))


def longest_pause(active: Sequence[int], bin_minutes: int) -> timedelta | None:
    """The longest stretch between two stirrings of the same day; None when there were fewer than two."""
    pauses = [later - earlier - 1 for earlier, later in pairwise(active)]
    return timedelta(minutes=max(pauses) * bin_minutes) if pauses else None


def absence_spans(day: date, absences: Sequence[tuple[datetime, datetime]], zone: tzinfo) -> Iterator[Span]:
    """The parts of the day when the resident was away, in chart units."""
    for left, back in absences:
        begin, end = minute_within(left.astimezone(zone), day), minute_within(back.astimezone(zone), day)
        if begin < end:
            yield Span(GUTTER + begin * HOUR // 60, ceil((end - begin) * HOUR / 60))


def minute_within(local: datetime, day: date) -> int:
    """Minutes after midnight of `day`, held to that day."""
    if local.date() != day:
        return 0 if local.date() < day else MINUTES_A_DAY
    return local.hour * 60 + local.minute


def missing_spans(day: date, zone: tzinfo, bin_minutes: int) -> Iterator[Span]:
    """The stretch that the clock jumped over in spring: nothing could happen then."""
    if day_length(day, zone) >= timedelta(hours=24):
        return
    for bin_ in range(MINUTES_A_DAY // bin_minutes):
        wall = datetime.combine(day, bin_time(bin_, bin_minutes))
        if wall.replace(tzinfo=zone).timestamp() != wall.replace(tzinfo=zone, fold=1).timestamp():
            yield Span(GUTTER + bin_ * HOUR * bin_minutes // 60, HOUR * bin_minutes // 60)


def day_length(day: date, zone: tzinfo) -> timedelta:
    """How long a local day really is: 23, 24 or 25 hours."""
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return timedelta(seconds=next_midnight.timestamp() - midnight.timestamp())


def describe_rhythm(days: Sequence[Day]) -> str:
    """The actogram in a sentence or two."""
    active = [day for day in days if day.active_minutes]
    if not active:
        return ngettext(
            "No activity was recorded in %(days)d day.", "No activity was recorded in %(days)d days.", len(days)
        ) % {"days": len(days)}
    firsts = [day.first for day in active if day.first]
    return _("Activity on %(active)d of %(days)d days. A usual day begins about %(first)s and ends about %(last)s.") % {
        "active": len(active),
        "days": len(days),
        "first": usual_time(firsts),
        "last": usual_time([day.last for day in active if day.last]),
    }


def usual_time(times: Sequence[time]) -> str:
    """The middle one of some clock times, to the quarter of an hour."""
    if not times:
        return "–"
    minutes = round(median(moment.hour * 60 + moment.minute for moment in times) / 15) * 15
    return time_format(time(*divmod(minutes % MINUTES_A_DAY, 60)), "TIME_FORMAT")


# --- Line of a measured value ------------------------------------------------------------------------------

LINE_WIDTH = 960
LINE_HEIGHT = 260
PLOT_LEFT = 56
PLOT_RIGHT = 944
PLOT_TOP = 12
PLOT_BOTTOM = 224
MOST_POINTS = 800
MOST_DAY_LABELS = 8
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)  # of a chart without points, which is not drawn

Point = tuple[datetime, float]


@dataclass(frozen=True)
class DayOfValues:
    """A day's lowest, mean and highest value, for the table."""

    day: date
    lowest: float
    mean: float
    highest: float
    outside: bool


@dataclass(frozen=True)
class LineChart:
    """A measured value over time, with the band within which it should stay."""

    title: str
    unit: str
    summary: str
    path: str
    band_y: int
    band_height: int
    limits: list[Tick]
    values: list[Tick]
    dates: list[Tick]
    days: list[DayOfValues]
    width: int = LINE_WIDTH
    height: int = LINE_HEIGHT
    left: int = PLOT_LEFT
    right: int = PLOT_RIGHT
    top: int = PLOT_TOP
    bottom: int = PLOT_BOTTOM
    plot_width: int = PLOT_RIGHT - PLOT_LEFT


@dataclass(frozen=True)
class Scale:
    """From values and moments to places in the chart."""

    begin: datetime
    end: datetime
    lowest: float
    highest: float

    def x(self, moment: datetime) -> int:
        """Horizontal place of a moment."""
        share = (moment - self.begin) / (self.end - self.begin)
        return round(PLOT_LEFT + share * (PLOT_RIGHT - PLOT_LEFT))

    def y(self, value: float) -> int:
        """Vertical place of a value."""
        share = (value - self.lowest) / (self.highest - self.lowest)
        return round(PLOT_BOTTOM - share * (PLOT_BOTTOM - PLOT_TOP))


def line(
    points: Iterable[Point],
    *,
    title: str,
    low: float,
    high: float,
    zone: tzinfo,
    unit: str = "°C",
    gap: timedelta = timedelta(hours=3),
) -> LineChart:
    """Draw a value over time; `low` and `high` are the limits outside which somebody is told.

    Silence longer than `gap` breaks the line: an unbroken line would claim to know what was not measured.
    """
    ordered = sorted(points)
    scale = fit(ordered, low, high)
    days = list(summarise_days(ordered, low, high, zone))
    band_top, band_bottom = scale.y(high), scale.y(low)
    return LineChart(
        title=title,
        unit=unit,
        summary=describe_values(ordered, days, unit, low, high),
        path=line_path(thin(ordered), scale, gap),
        band_y=band_top,
        band_height=band_bottom - band_top,
        limits=[Tick(scale.y(limit), f"{localize(limit)} {unit}") for limit in (low, high)],
        values=value_ticks(scale),
        dates=date_ticks(scale, zone),
        days=days,
    )


def fit(points: Sequence[Point], low: float, high: float) -> Scale:
    """A scale that holds every point and both limits, with some air."""
    values = [value for _moment, value in points]
    moments = [moment for moment, _value in points] or [NO_MOMENT]
    begin, end = moments[0], max(moments[-1], moments[0] + timedelta(hours=1))
    return Scale(begin, end, floor(min([low, *values])) - 1, ceil(max([high, *values])) + 1)


def thin(points: Sequence[Point]) -> list[Point]:
    """At most `MOST_POINTS` points, keeping the lowest and the highest of each stretch: peaks are the message."""
    size = ceil(2 * len(points) / MOST_POINTS)
    if size <= 2:
        return list(points)
    stretches = [points[start : start + size] for start in range(0, len(points), size)]
    extremes = ({min(part, key=value_of), max(part, key=value_of)} for part in stretches)
    return sorted(point for pair in extremes for point in pair)


def value_of(point: Point) -> float:
    """The measured value of a point."""
    return point[1]


def line_path(points: Sequence[Point], scale: Scale, gap: timedelta) -> str:
    """The SVG path; a new piece begins after each gap."""
    steps = []
    earlier: datetime | None = None
    for moment, value in points:
        pen_up = earlier is None or moment - earlier > gap
        steps.append(f"{'M' if pen_up else 'L'}{scale.x(moment)} {scale.y(value)}")
        earlier = moment
    return "".join(steps)


def value_ticks(scale: Scale) -> list[Tick]:
    """About five round values up the side."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if (scale.highest - scale.lowest) / step <= 6)
    first = ceil(scale.lowest / step) * step
    return [Tick(scale.y(value), str(value)) for value in range(first, floor(scale.highest) + 1, step)]


def date_ticks(scale: Scale, zone: tzinfo) -> list[Tick]:
    """Local midnights, all of them or every so many."""
    first = scale.begin.astimezone(zone).date() + timedelta(days=1)
    count = (scale.end.astimezone(zone).date() - first).days + 1
    every = max(1, ceil(count / MOST_DAY_LABELS))
    form = pgettext("date format: day, month in short", "j M")
    days = [first + timedelta(days=ahead) for ahead in range(0, count, every)]
    return [Tick(scale.x(datetime.combine(day, time.min, tzinfo=zone)), date_format(day, form)) for day in days]


def summarise_days(points: Sequence[Point], low: float, high: float, zone: tzinfo) -> Iterator[DayOfValues]:
    """Lowest, mean and highest of each local day that has values, newest day first."""
    by_day = groupby(reversed(points), key=lambda point: point[0].astimezone(zone).date())
    for day, group in by_day:
        values = [value for _moment, value in group]
        outside = min(values) < low or max(values) > high
        yield DayOfValues(day, min(values), fmean(values), max(values), outside)


def describe_values(points: Sequence[Point], days: Sequence[DayOfValues], unit: str, low: float, high: float) -> str:
    """The line in a sentence or two."""
    if not points:
        return _("Nothing has been measured in this time.")
    values = [value for _moment, value in points]
    outside = sum(day.outside for day in days)
    range_ = _("Latest value %(latest)s %(unit)s. Between %(lowest)s and %(highest)s %(unit)s in this time.") % {
        "latest": localize(round(points[-1][1], 1)),
        "lowest": localize(round(min(values), 1)),
        "highest": localize(round(max(values), 1)),
        "unit": unit,
    }
    limits = {"low": localize(low), "high": localize(high), "unit": unit, "days": outside}
    if not outside:
        within = _("Always within %(low)s to %(high)s %(unit)s.")
        return f"{range_} {within % limits}"
    excess = ngettext(
        "Outside %(low)s to %(high)s %(unit)s on %(days)d day.",
        "Outside %(low)s to %(high)s %(unit)s on %(days)d days.",
        outside,
    )
    return f"{range_} {excess % limits}"
