from django.urls import path

from alarms import views

app_name = "alarms"
urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/fragment/", views.board_fragment, name="board-fragment"),
    path("shift/", views.shift, name="shift"),
    path("alarms/<uuid:pk>/", views.detail, name="detail"),
    path("alarms/<uuid:pk>/accept/", views.accept, name="accept"),
    path("alarms/<uuid:pk>/arrive/", views.arrive, name="arrive"),
    path("alarms/<uuid:pk>/close/", views.close, name="close"),
]
