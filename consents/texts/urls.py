from django.urls import path

from consents.texts import views

app_name = "texts"
urlpatterns = [
    path("", views.texts, name="list"),
    path("purposes/new/", views.new_purpose, name="new-purpose"),
    path("purposes/<uuid:pk>/", views.purpose, name="purpose"),
    path("purposes/<uuid:pk>/versions/", views.new_version, name="new-version"),
    path("measure/", views.measure, name="measure"),
    path("statistics/", views.numbers, name="statistics"),
    path("drawings/<slug:code>.svg", views.drawing, name="drawing"),
    path("speech/<uuid:pk>/", views.listen, name="listen"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/drawings/", views.arrange, name="arrange"),
    path("<uuid:pk>/languages/", views.add_language, name="add-language"),
    path("<uuid:pk>/preview/", views.preview, name="preview"),
    path("<uuid:pk>/review/", views.review, name="review"),
    path("<uuid:pk>/submit/", views.submit, name="submit"),
    path("<uuid:pk>/send-back/", views.send_back, name="send-back"),
    path("<uuid:pk>/publish/", views.publish, name="publish"),
    path("<uuid:pk>/discard/", views.discard, name="discard"),
    path("<uuid:pk>/voices/", views.voices, name="voices"),
    path("<uuid:pk>/voices/<slug:language>/<slug:variant>/", views.voices, name="voice"),
    path("<uuid:pk>/<slug:language>/<slug:variant>/", views.edit, name="edit-one"),
]
