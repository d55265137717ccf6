"""Bearer tokens for the API."""

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from safehome.organisation.actions import token_digest
from safehome.organisation.models import ApiToken, User


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN` → the token's user; the token itself is `request.auth` (for its scopes)."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, plain = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        live = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
        token = (
            ApiToken.objects.filter(live, digest=token_digest(plain.strip()), revoked_at=None, user__is_active=True)
            .select_related("user")
            .first()
        )
        if token is None:
            raise AuthenticationFailed("The token is unknown, revoked or has expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
