from django.urls import path

from consents.desk import views

app_name = "desk"
urlpatterns = [
    path("residents/<uuid:pk>/consents/", views.resident, name="resident"),
    path("residents/<uuid:pk>/consents/ask/", views.ask, name="ask"),
    path("residents/<uuid:pk>/consents/hand-over/", views.hand_over, name="hand-over"),
    path("residents/<uuid:pk>/consents/paper/", views.paper_form, name="paper"),
    path("residents/<uuid:pk>/consents/emergency/", views.emergency, name="emergency"),
    path("consents/work/", views.work_list, name="work"),
    path("consents/work/<uuid:pk>/done/", views.done, name="done"),
    path("consents/forms/<str:code>/", views.scan, name="scan"),
    path("consents/forms/<str:code>/scan/", views.scan_file, name="scan-file"),
    path("consents/emergencies/<uuid:pk>/", views.review_emergency, name="review-emergency"),
    path("consents/<uuid:pk>/", views.consent, name="consent"),
    path("consents/<uuid:pk>/oral/", views.oral, name="oral"),
    path("consents/<uuid:pk>/annul/", views.annul, name="annul"),
]
