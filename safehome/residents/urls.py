from django.urls import path

from safehome.residents import sign_in_pages, views

app_name = "residents"
urlpatterns = [
    path("residents/", views.residents, name="list"),
    path("residents/<uuid:pk>/", views.detail, name="detail"),
    path("residents/<uuid:pk>/lives/", views.lives, name="lives"),
    path("home/", views.my_home, name="my-home"),
    path("code/", sign_in_pages.ask, name="code"),
    path("code/sms/", sign_in_pages.enter_sms, name="code-enter"),
    path("code/letter/", sign_in_pages.enter_letter, name="code-letter"),
    path("code/letter/sent/", sign_in_pages.enter_letter, {"sent": True}, name="code-letter-sent"),
]
