"""`assist serve`"""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import rich_click as click
import structlog
import uvicorn

from assist.cli.running import run, settings
from assist.logs import set_up_logs
from assist.services import Services
from assist.settings import Settings, SettingsError
from assist.web.app import create_app
from assist.wiring import open_services

MAX_SOCKET_MESSAGE_BYTES = 64 * 1024
_STOP_TIMEOUT_S = 8
_UNREAD_TIMEOUT_MS = 15_000
"""The kernel gives up a connection whose other side takes nothing for so long."""

log = structlog.get_logger(__name__)


@click.command()
@click.option("--host", help="Address to listen on (ASSIST_HOST, default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (ASSIST_PORT, default 8000).")
def command(host: str | None, port: int | None) -> None:
    """Start the server. Everything it needs comes from the environment or from the file that ASSIST_CONFIG names."""
    configured = settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    configured = configured.model_copy(update=changes)
    set_up_logs(configured.log_level, configured.log_format)
    run(serve(configured))


async def serve(configured: Settings) -> None:
    """Runs until SIGINT or SIGTERM."""
    stop = stop_signal()
    async with running_server(configured) as (server, address, _):
        log.info("listening", address=address)
        await server.until(stop)


def stop_signal() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to us: ours close the services too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


class RunningServer:
    """uvicorn on a socket of ours, inside this event loop."""

    def __init__(self, services: Services, listener: socket.socket) -> None:
        self._server = _Uvicorn(
            uvicorn.Config(
                create_app(services, livekit_url=services.settings.livekit_url),
                lifespan="on",
                log_config=None,
                access_log=False,
                ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=_STOP_TIMEOUT_S,
                server_header=False,
            )
        )
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def until(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, or the server ends by itself."""
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((self._serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def stop(self) -> None:
        """Lets requests end, closes sockets, and waits."""
        self._server.should_exit = True
        await self._serving


@asynccontextmanager
async def running_server(configured: Settings) -> AsyncIterator[tuple[RunningServer, str, Services]]:
    """The server, its base URL, and the services behind it.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    listener = _listen(configured.web.host, configured.web.port)
    try:
        async with open_services(configured) as services:
            server = RunningServer(services, listener)
            host, port = listener.getsockname()[:2]
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only to print it
            try:
                yield server, f"http://{shown}:{port}", services
            finally:
                await server.stop()
    finally:
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), reuse_port=False, backlog=2048)
    except OSError as error:
        detail = f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port or ASSIST_PORT."
        raise SettingsError(detail) from None
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Else a connection that was closed here stays until its reader takes what was sent, perhaps never.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_TIMEOUT_MS)
    return listener
