from django.urls import path

from safehome.residents import views

app_name = "residents"
urlpatterns = [
    path("residents/", views.residents, name="list"),
    path("residents/<uuid:pk>/", views.detail, name="detail"),
    path("home/", views.my_home, name="my-home"),
]
