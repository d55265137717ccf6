"""The components as template tags, and the plain-language formats of times."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from safehome import clock
from safehome.ui.icons import ICONS, SHAPES

register = template.Library()

PRIORITY_WORDS = {
    "high": pgettext_lazy("priority", "High"),
    "medium": pgettext_lazy("priority", "Medium"),
    "low": pgettext_lazy("priority", "Low"),
}
CONTROL_CLASSES = {"textarea": "ds-input control control--area", "select": "ds-input control control--select"}
TOGGLES = ("checkbox", "radio")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line drawing beside words."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS[name],
    )


@register.inclusion_tag("components/priority.html")
def priority(value: str) -> dict[str, Any]:
    """How urgent an alarm is: shape, word and colour."""
    return {"value": value, "word": PRIORITY_WORDS[value], "shape": SHAPES[value]}


@register.inclusion_tag("components/handling.html")
def handling(alarm: Any) -> dict[str, Any]:
    """How far an alarm has come, by whom and when."""
    return {"alarm": alarm}


@register.simple_block_tag
def notice(content: str, kind: str = "info") -> SafeString:
    """A box that must not be missed: info, success, warning or danger."""
    return render_to_string("components/notice.html", {"content": content, "kind": kind})


@register.simple_block_tag
def empty(content: str, drawing: str = "check") -> SafeString:
    """What stands where a list would be, when there is nothing in it."""
    return render_to_string("components/empty.html", {"content": content, "drawing": drawing})


@register.simple_tag
def since(moment: datetime) -> SafeString:
    """How long ago, in plain words; the board's script keeps it ticking."""
    return format_html(
        '<time class="since" datetime="{iso}" data-at="{iso}">{age}</time>',
        iso=moment.isoformat(),
        age=age_in_words(clock.now() - moment),
    )


def age_in_words(age: timedelta) -> str:
    """Minutes, hours or days, as a person would say it; static/js/board/ages.js says the same."""
    words = age_words()
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 1:
        return words["now"]
    if minutes < 60:
        return words["minutes"] % {"minutes": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return words["hours"] % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return words["days"] % {"days": days, "hours": hours}


@register.simple_tag
def age_words() -> dict[str, str]:
    """The patterns that ages are said with, for the script that keeps them ticking."""
    return {
        "now": _("just now"),
        "minutes": _("%(minutes)d min"),
        "hours": _("%(hours)d h %(minutes)d min"),
        "days": _("%(days)d d %(hours)d h"),
    }


@register.simple_tag
def now_iso() -> str:
    """The server's present moment, which the browser's clock is set by."""
    return clock.now().isoformat()


@register.simple_tag
def at(moment: datetime) -> SafeString:
    """Local clock time; with the date when it is not today."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate(clock.now())
    text = date_format(local, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@dataclass(frozen=True)
class Run:
    """Events of a timeline that say the same, one after the other."""

    first: Any
    last: Any
    times: int


@register.filter
def runs(events: Iterable[Any]) -> Iterator[Run]:
    """A timeline with repetitions told once: what rang forty times must not push the rest out of sight."""
    for _same, group in groupby(events, key=attrgetter("text", "by", "note")):
        alike = list(group)
        yield Run(alike[0], alike[-1], len(alike))


@register.filter
def hours_and_minutes(length: timedelta | int | None) -> str:
    """A length of time (or a number of minutes) as hours and minutes."""
    if length is None:
        return "–"
    minutes = length if isinstance(length, int) else int(length.total_seconds() // 60)
    return _("%(hours)d h %(minutes)d min") % dict(zip(("hours", "minutes"), divmod(minutes, 60), strict=True))


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A form field's control, dressed for its kind. No placeholder: it is gone when the reader needs it most."""
    return field.as_widget(attrs={"class": control_class(field), "placeholder": False})


def control_class(field: BoundField) -> str:
    """The style class of a control, kept beside those its form gave it."""
    kind = getattr(field.field.widget, "input_type", field.widget_type)
    own = field.field.widget.attrs.get("class", "")
    return f"{CONTROL_CLASSES.get(kind, 'ds-input control')} {own}".strip()


@register.filter
def is_toggle(field: BoundField) -> bool:
    """Whether the control is a single box that stands before its label."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.filter
def has_options(field: BoundField) -> bool:
    """Whether the field is a group of boxes or buttons, each with a label of its own."""
    return field.use_fieldset and getattr(field.field.widget, "input_type", "") in TOGGLES


@register.filter
def focus_target(field: BoundField) -> str:
    """The id that a link in the error summary leads to."""
    return f"{field.auto_id}_0" if has_options(field) else field.auto_id
