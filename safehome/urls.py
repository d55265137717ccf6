"""Every address of the product, room by room."""

from django.contrib import admin
from django.urls import include, path

from alarms import health
from safehome.organisation.views import start

urlpatterns = [
    path("", start, name="start"),
    path("", include("alarms.urls")),
    path("", include("safehome.residents.urls")),
    path("", include("consents.urls")),
    path("", include("devices.urls")),
    path("", include("safehome.ui.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("safehome.api_urls")),
    path("healthz/", health.alive, name="alive"),
    path("healthz/ready/", health.ready, name="ready"),
]
