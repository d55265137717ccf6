"""Pages by cursor: nothing is skipped or shown twice while new alarms come in."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module, by the settings


class NewestFirst(CursorPagination):
    """A view set may name its own `cursor_ordering`. The cursor tells the value that it stands at, so nothing that
    may be masked is ever ordered by. `page_size` goes up to 200."""

    page_size_query_param = "page_size"
    max_page_size = 200

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> tuple[str, ...]:
        return getattr(view, "cursor_ordering", ("-pk",))
