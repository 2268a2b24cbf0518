"""Allows only requests from browsers on this machine, and only those that the review page itself makes.

Listening on loopback is not enough: any page that the same browser has open can send requests to 127.0.0.1, and a name server
can resolve a foreign page's host to 127.0.0.1. So the guard checks the headers that browsers set and pages cannot change: the
host, the origin, and how the request was made.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = Mapping[str, list[str]]

NONCE = "synthsweep.nonce"
OWN_SITE = ("same-origin", "none")
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Guard:
    """Wraps an application: refuses requests with 403 and one line, and adds security headers to every response.

    For each request, `scope[NONCE]` holds a new nonce for the application's scripts and styles.
    """

    def __init__(self, app: "ASGIApp", port: int) -> None:
        self.app = app
        self.hosts = frozenset(host + end for host in ("127.0.0.1", "localhost") for end in _port_suffixes(port))

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            return
        nonce = secrets.token_urlsafe(16)
        policy = POLICY.format(nonce=nonce)
        secured = [(b"content-security-policy", policy.encode()), *((k.encode(), v.encode()) for k, v in SECURITY.items())]

        async def send_secured(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *secured]}
            await send(message)

        refusal = refusal_reason(scope, self.hosts)
        app = PlainTextResponse(f"{refusal}\n", 403) if refusal else self.app
        await app({**scope, NONCE: nonce}, receive, send_secured)


def refusal_reason(scope: "Scope", hosts: frozenset[str]) -> str:
    """Why a request is refused; empty if it is allowed."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").lower())
    if not _is_loopback((scope.get("client") or ("", 0))[0]):
        return "only this machine may ask"
    if len(headers.get("host", [])) != 1 or headers["host"][0] not in hosts:
        return f"this page is http://{min(hosts)}, and no other host"
    if not {f"http://{host}" for host in hosts}.issuperset(headers.get("origin", [])):
        return "no other page may ask"
    if not set(headers.get("sec-fetch-site", [])).issubset(OWN_SITE) and not _opens_the_page(scope, headers):
        return "no other page may ask"
    return ""


def _opens_the_page(scope: "Scope", headers: Headers) -> bool:
    """Whether the browser opens the page itself, maybe by a link from another page, which cannot read it."""
    fetched = headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")
    return bool(scope["method"] == "GET" and scope["path"] == "/" and fetched == (["navigate"], ["document"]))


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


def _port_suffixes(port: int) -> tuple[str, ...]:
    """The possible ends of a host in an address; browsers omit the default port."""
    return (":80", "") if port == 80 else (f":{port}",)
