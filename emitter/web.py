"""What belongs to a request, bound for all events of it: middlewares for ASGI (FastAPI, Starlette) and WSGI (Flask).

FastAPI and Starlette::

    app.add_middleware(EventContext, fields=lambda scope: {"tenant_id": tenant_of(scope)})

Flask::

    app.wsgi_app = WsgiEventContext(app.wsgi_app, fields=lambda environ: {"session_id": environ.get("HTTP_X_SESSION")})

Both are plain callables of their standards; no framework is imported here. A handler may bind more where it knows more:
``with bind(session_id=…):``.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextvars import copy_context
from typing import Any

from .context import bind, bind_on

_Scope = MutableMapping[str, Any]
_App = Callable[[_Scope, Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]
_WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class EventContext:
    """ASGI: binds what ``fields`` says of a request's scope while the application works on it, background tasks too.

    Fields that are None are left out. Where ``fields`` raises, nothing is bound and the request goes on.
    """

    def __init__(self, app: _App, fields: Callable[[_Scope], Mapping[str, Any]]) -> None:
        self._app = app
        self._fields = fields

    async def __call__(
        self, scope: _Scope, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]
    ) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        with bind(**_found(self._fields, scope)):
            await self._app(scope, receive, send)


class WsgiEventContext:
    """WSGI: the same, for the environment of a request and until its answer is closed."""

    def __init__(self, app: _WsgiApp, fields: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        self._app = app
        self._fields = fields

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        context = copy_context()
        context.run(bind_on, _found(self._fields, environ))
        return _Answer(context.run(self._app, environ, start_response), context.run)


class _Answer:
    """An answer whose pieces are made within the request's context."""

    def __init__(self, pieces: Iterable[bytes], run: Callable[..., Any]) -> None:
        self._pieces = pieces
        self._iterator: Iterator[bytes] = run(iter, pieces)
        self._run = run

    def __iter__(self) -> "_Answer":
        return self

    def __next__(self) -> bytes:
        piece: bytes = self._run(next, self._iterator)
        return piece

    def close(self) -> None:
        """WSGI's end of a request."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            self._run(close)


def _found(fields: Callable[[Any], Mapping[str, Any]], request: Any) -> dict[str, Any]:
    try:
        return {name: value for name, value in fields(request).items() if isinstance(name, str) and value is not None}
    except Exception:
        # An event without its tenant is better than a request without its answer.
        return {}
