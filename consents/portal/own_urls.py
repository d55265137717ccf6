"""A person's own pages outside the questions."""

from django.urls import path

from consents.portal import own, relatives_pages

AT_DESK = {"at_desk": True}

urlpatterns = [
    path("", own.start, name="start"),
    path("consents/", own.consents, name="consents"),
    path("who-sees/", own.sharing, name="who-sees"),
    path("relatives/", relatives_pages.relatives_list, name="relatives"),
    path("relatives/<uuid:pk>/new/", relatives_pages.new, name="relative-new"),
    path("relatives/<uuid:pk>/<int:contact>/", relatives_pages.change, name="relative-change"),
    path("relatives/<uuid:pk>/<uuid:view>/end/", relatives_pages.end, name="relative-end"),
    path("with/<uuid:pk>/", relatives_pages.relative, name="relative"),
    path("with/<uuid:pk>/notices/", relatives_pages.notices, name="relative-notices"),
    path("desk/<uuid:pk>/relatives/", relatives_pages.desk_list, name="desk-relatives"),
    path("desk/<uuid:pk>/relatives/new/", relatives_pages.new, AT_DESK, name="desk-relative-new"),
    path("desk/<uuid:pk>/relatives/<int:contact>/", relatives_pages.change, AT_DESK, name="desk-relative-change"),
    path("desk/<uuid:pk>/relatives/<int:contact>/checked/", relatives_pages.checked, name="desk-relative-checked"),
    path("desk/<uuid:pk>/relatives/<uuid:view>/end/", relatives_pages.end, AT_DESK, name="desk-relative-end"),
]
