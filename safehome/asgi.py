"""What the server runs. Readings, pages and sockets part ways here, each by the lightest road."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safehome.settings")
pages = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs the apps that the line above has loaded)
from channels.routing import URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from alarms.consumers import AlarmConsumer  # noqa: E402
from devices.intake.http import PATH, ReadingsApp  # noqa: E402

readings = ReadingsApp()
board_socket: Any = AlarmConsumer.as_asgi()
sockets = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([path("ws/alarms/", board_socket)])))


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == PATH:
        await readings(scope, receive, send)
    elif scope["type"] == "http":
        await pages(scope, receive, send)
    else:
        await lifespan(receive, send)


async def lifespan(receive: Any, send: Any) -> None:
    """Nothing is started with the server: a process that only serves pages starts no thread."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
