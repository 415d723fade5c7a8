"""Where parcels are: ``flask --app examples.flask_service.app run``. A whole product is in ``examples/chat_service``.

Who asks says in the header ``X-Session`` for which session; it is bound for all events of the request.
"""

from flask import Flask

from emitter import QueryTracking, get_logger
from emitter.web import WsgiEventContext

log = get_logger("ai_chatbot")
app = Flask(__name__)
app.wsgi_app = WsgiEventContext(  # type: ignore[method-assign] # Flask's own way of putting a middleware in
    app.wsgi_app, fields=lambda environ: {"session_id": environ.get("HTTP_X_SESSION", "unknown")}
)

_PARCELS = {"SF0000000001": "delivered", "SF0000000002": "on its way"}


@app.get("/parcels/<number>")
def track(number: str) -> tuple[dict[str, str | None], int]:
    """Where a parcel is; every question becomes an event with its time and whether it succeeded."""
    with log.timed(QueryTracking, tracking_number=number, carrier="sf") as query:
        status = _PARCELS.get(number)
        query.set(success=status is not None, status=status)
    return {"status": status}, 200 if status else 404
