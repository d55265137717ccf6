"""Pages about consents: people's own (`my:`), staff's (`desk:`) and the texts' (`texts:`)."""

from django.urls import include, path

urlpatterns = [
    path("my/", include("consents.portal.urls")),
    path("", include("consents.desk.urls")),
    path("consents/texts/", include("consents.texts.urls")),
]
