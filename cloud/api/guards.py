"""What every request passes before it is looked at: the size of its body."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.api.problems import problem


class BodyLimit:
    """Refuses bodies of more than `bytes_max` bytes with 413, before or while they are read."""

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body is within bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = f"a body of more than {self._bytes_max} bytes is not read"
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._bytes_max:
            await problem(413, "content-too-large", detail)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._bytes_max:
                raise HTTPException(413, detail)
            return message

        await self._app(scope, counted, send)
