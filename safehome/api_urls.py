"""The addresses of the API. It stands beside the apps' own `urls.py`, above them all, and is included in urls.py."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from alarms.api import Alarms
from devices.api import AssignmentReadings, Assignments, Devices, ReadingKinds
from safehome.api.docs import OpenApi, docs
from safehome.api.me import Me
from safehome.api.views import NothingHere
from safehome.residents.api import Residents

router = SimpleRouter(use_regex_path=False)
router.register("v1/alarms", Alarms, basename="alarm")
router.register("v1/residents", Residents, basename="resident")
router.register("v1/devices", Devices, basename="device")
router.register("v1/assignments", Assignments, basename="assignment")

app_name = "api"
urlpatterns = [
    path("schema/", OpenApi.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("v1/me/", Me.as_view(), name="me"),
    path("v1/reading-kinds/", ReadingKinds.as_view(), name="reading-kinds"),
    path("v1/assignments/<uuid:pk>/readings/", AssignmentReadings.as_view(), name="assignment-readings"),
    *router.urls,
    re_path(r"^v1/", NothingHere.as_view(), name="nothing-here"),
]
