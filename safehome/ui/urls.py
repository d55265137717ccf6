"""Pages about the product itself, and the reader's display choices."""

from django.urls import path

from safehome.ui import views

app_name = "ui"
urlpatterns = [
    path("ui/", views.patterns, name="patterns"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("preferences/", views.preferences, name="preferences"),
]
