from django.urls import path

from devices import views

app_name = "devices"
urlpatterns = [
    path("assignments/<uuid:pk>/start/", views.start, name="start"),
    path("assignments/<uuid:pk>/stop/", views.stop, name="stop"),
]
