"""A supervisor's session with a running server: signed in once, kept in a file that only its owner can read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import rich_click as click
from msgspec import Struct

_COOKIE = "assist_session"
_CSRF = "X-CSRF-Token"
_TIMEOUT_S = 30.0
_FOUND_BY_PREFIX = 200

Json = dict[str, Any]


class Login(Struct, frozen=True, kw_only=True):
    """What is kept between commands."""

    url: str
    email: str
    token: str
    csrf_token: str


class Refused(click.ClickException):
    """The server refused, and says why; `current` is what is there instead."""

    def __init__(self, problem: Json) -> None:
        super().__init__(str(problem.get("detail") or "The server refused this."))
        self.code = str(problem.get("code", ""))
        self.current: Json = problem.get("current") or {}


def login_file() -> Path:
    """Where the session is kept."""
    return Path(click.get_app_dir("assist")) / "supervise.json"


def save(login: Login) -> None:
    """Writes the session, for its owner only."""
    path = login_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(login))


def forget() -> None:
    """Removes the session."""
    login_file().unlink(missing_ok=True)


def saved() -> Login:
    """The session.

    Raises:
        ClickException: nobody has signed in here.
    """
    try:
        return msgspec.json.decode(login_file().read_bytes(), type=Login)
    except (OSError, msgspec.DecodeError):
        raise click.ClickException("Nobody is signed in here. Run `assist supervise login` first.") from None


@dataclass(frozen=True, kw_only=True)
class Client:
    """Requests of one signed-in supervisor."""

    login: Login

    def get(self, path: str, **query: Any) -> Json:
        """An answer of the server."""
        return self._send("GET", path, params={name: value for name, value in query.items() if value not in (None, "")})

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Does something."""
        return self._send("POST", path, json=dict(body or {}))

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Sets something."""
        return self._send("PUT", path, json=dict(body))

    def delete(self, path: str) -> Json:
        """Ends something."""
        return self._send("DELETE", path)

    def request_id(self, given: str) -> str:
        """The whole id of a request of which the beginning is given.

        Raises:
            ClickException: no request, or more than one, begins so.
        """
        if len(given) == 36:
            return given
        listed = [
            *self.get("/api/help-requests", status="pending,in_progress", limit=_FOUND_BY_PREFIX)["items"],
            *self.get("/api/help-requests", status="resolved,unresolved", limit=_FOUND_BY_PREFIX)["items"],
        ]
        found = sorted({one["id"] for one in listed if one["id"].startswith(given.lower())})
        if len(found) != 1:
            how_many = "No request begins" if not found else f"{len(found)} requests begin"
            raise click.ClickException(f"{how_many} with {given}. `assist supervise list` shows them.")
        return str(found[0])

    def _send(self, method: str, path: str, **options: Any) -> Json:
        headers = {"Cookie": f"{_COOKIE}={self.login.token}", _CSRF: self.login.csrf_token}
        try:
            answer = httpx.request(
                method, self.login.url + path, headers=headers, timeout=_TIMEOUT_S, follow_redirects=False, **options
            )
        except httpx.HTTPError as error:
            raise _unreachable(self.login.url, error) from None
        if answer.status_code == 401:
            raise click.ClickException("The session has ended. Run `assist supervise login` again.")
        return _read(answer)


def sign_in(url: str, email: str, password: str) -> Login:
    """A new session.

    Raises:
        ClickException: wrong password, or no server there.
    """
    base = url.rstrip("/")
    try:
        answer = httpx.post(f"{base}/api/session", json={"email": email, "password": password}, timeout=_TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(base, error) from None
    reply = _read(answer)
    return Login(url=base, email=email, token=answer.cookies.get(_COOKIE) or "", csrf_token=reply["csrf_token"])


def _read(answer: httpx.Response) -> Json:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = {"detail": f"The server answered {answer.status_code} without saying why. Is this Assist's address?"}
        raise Refused(body) from None
    if answer.status_code >= 400 or not isinstance(body, dict):
        raise Refused(body if isinstance(body, dict) else {})
    return body


def _unreachable(url: str, error: Exception) -> click.ClickException:
    return click.ClickException(f"No server answers at {url} ({type(error).__name__}). Check --url.")
