"""A proxy on the way to an endpoint: its answer to CONNECT is waited for no longer than a connection.

The HTTP client waits for that answer as long as for a reply. Its trace shows the request for a tunnel before it is sent, and
the times that it may take stand in it.
"""

import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

SILENT = "the proxy does not answer"
WAY_OUT = "see HTTPS_PROXY and NO_PROXY"


def tunnel_hooks() -> dict[str, Any]:
    """What the client is given where the environment names a proxy; a trace costs time, so nothing elsewhere."""
    return {"event_hooks": {"request": [bound_tunnel]}} if urllib.request.getproxies() else {}


async def bound_tunnel(request: "httpx2.Request") -> None:
    """Bounds the wait for a tunnel; a proxy that stays silent counts as a connection that was not made."""
    import httpx2

    state = {"tunnel": False}

    async def trace(event: str, info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            sent = info["request"]
            state["tunnel"] = sent.method == b"CONNECT"
            if state["tunnel"]:
                times = sent.extensions.get("timeout", {})
                sent.extensions["timeout"] = {**times, "read": times.get("connect"), "write": times.get("connect")}
        elif (
            state["tunnel"]
            and event.endswith(".failed")
            and type(info["exception"]).__name__ in {"ReadTimeout", "WriteTimeout"}
        ):
            raise httpx2.ConnectTimeout(SILENT, request=request) from info["exception"]

    request.extensions = {**request.extensions, "trace": trace}
