"""Our own drawings, to stand beside the words of a consent text; never instead of them.

Each is 400 by 280, on its own paper, so that it reads the same on a dark page. They hold presentation attributes only:
no style, script, font or text, nothing that the content security policy or a PDF would refuse. To add one, draw with a
line of 5 and round ends in the same few colours, put the file here and give it a row below.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 400, 280


@dataclass(frozen=True)
class Drawing:
    """`label` says what the picture shows, for those who hear the page."""

    code: str
    label: str | Promise


DRAWINGS: dict[str, Drawing] = {
    drawing.code: drawing
    for drawing in (
        Drawing("button-on-wrist", _("A button on a band around the wrist.")),
        Drawing("pressing-the-button", _("A finger presses the button on the wrist.")),
        Drawing("sensor-on-wall", _("A small box on the wall. A woman walks by with a cup.")),
        Drawing("sensor-at-door", _("A small box above a front door that stands open.")),
        Drawing("sensor-in-bed", _("A woman sleeps in her bed, with a flat sensor under the mattress.")),
        Drawing("somebody-comes", _("A home carer comes in and waves to a woman in her armchair.")),
        Drawing("phone-with-staff", _("A home carer holds a phone that rings.")),
        Drawing("two-offices-sharing", _("A man from one office hands a folder to a woman from another.")),
        Drawing("nurse-and-homecare", _("A nurse and a home carer read the same paper.")),
        Drawing("locked-cabinet", _("A filing cabinet with a big lock.")),
        Drawing("calendar", _("A calendar where the days are ticked off.")),
        Drawing("hand-stop", _("A hand held up: stop.")),
        Drawing("talk-together", _("Two people talk over a cup of coffee.")),
        Drawing("home", _("A yellow house with a green door.")),
        Drawing("trash-paper", _("A hand drops a paper into a bin.")),
    )
}


@cache
def svg(code: str) -> bytes:
    """The drawing as a file. Raises KeyError for a code that is none of ours, so a path never comes from outside."""
    return (FOLDER / f"{DRAWINGS[code].code}.svg").read_bytes()
