"""The pages on which people answer. `seat` says from where: `consents.portal.seat`."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from consents.portal import flow


class SeatConverter(SlugConverter):
    """Only what can be a seat, so that every other word under /my/ is free for other pages."""

    regex = r"self|tablet|for-[0-9]+|home-[0-9]+-[0-9a-f-]{36}"


register_converter(SeatConverter, "seat")

urlpatterns = [
    path("who/", flow.who, name="who"),
    path("leave/", flow.leave, name="leave"),
    path("left/", flow.left, name="left"),
    path("tablet/give-back/", flow.give_back, name="give-back"),
    path("<seat:seat>/", flow.questions, name="questions"),
    path("<seat:seat>/help/", flow.with_help, name="help"),
    path("<seat:seat>/talk/", flow.talk, name="talk"),
    path("<seat:seat>/how/", flow.how, name="how"),
    path("<seat:seat>/check/", flow.check, name="check"),
    path("<seat:seat>/answered/", flow.answered, name="answered"),
    path("<seat:seat>/later/", flow.later, name="later"),
    path("<seat:seat>/<uuid:purpose>/", flow.question, name="question"),
    path("<seat:seat>/<uuid:purpose>/view/", flow.view, name="view"),
    path("<seat:seat>/<uuid:purpose>/understand/", flow.understanding, name="understanding"),
    path("<seat:seat>/<uuid:purpose>/no/", flow.no, name="no"),
]
