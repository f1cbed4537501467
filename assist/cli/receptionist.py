"""`assist receptionist`: answers calls over LiveKit, or in this terminal."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from uuid import uuid4

import rich_click as click
from msgspec import Struct

from assist.cli.running import run, settings
from assist.cli.voice_worker import run_worker_command, worker_options
from assist.logs import set_up_logs
from assist.receptionist.assist_server import AssistServer, Json, ServerError
from assist.receptionist.console import ConsoleCall, InputLines
from assist.receptionist.opening import connect_tool_model, open_conversation
from assist.receptionist.transcript import CallTranscript
from assist.settings import Settings

_NO_KEY = (
    "No API key is given. Make one by `assist keys create receptionist --scope ingest --scope read` where the server "
    "runs, and set ASSIST_API_KEY or give --key."
)


class _Caller(Struct, frozen=True, kw_only=True):
    """Who is at the keyboard."""

    name: str | None
    number: str | None
    session_id: str | None
    wait_s: float


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Answer calls by itself: from the knowledge base alone, and what it does not know it asks supervisors.

    Without a command it works as `start`.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(start)


@command.command("start")
@worker_options
def start(port: int, max_load: float, drain_s: int) -> None:
    """Answer calls over LiveKit until it is stopped (a worker; needs the voice extra).

    LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET name the LiveKit server, ASSIST_URL and ASSIST_API_KEY the
    server of Assist.
    """
    run_worker_command("assist.reception", port=port, max_load=max_load, drain_s=drain_s)


@command.command("console")
@click.option("--url", help="Base address of the server.  [env: ASSIST_URL; default: http://127.0.0.1:8000]")
@click.option("--key", help="API key with the scopes ingest and read.  [env: ASSIST_API_KEY]")
@click.option("--name", help="The caller's name, as a telephone system would know it.")
@click.option("--number", help="The caller's number, likewise.")
@click.option(
    "--session", "session_id", help="Go on with this call, which was interrupted, instead of starting another one."
)
@click.option(
    "--wait",
    "wait_s",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0.0, 86_400.0),
    help="Seconds to wait at the end of the input for supervisors' answers to open questions.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log to stderr what is looked up, cited and passed on.")
def console(url: str | None, key: str | None, verbose: bool, **caller: str | float | None) -> None:
    """Talk to the receptionist by typing, against a running server. No LiveKit, no microphone.

    One line is one turn. The input may come from a pipe: it is read to its end. Ctrl-D, Ctrl-C and "goodbye" end the
    call. With a language model (OPENAI_API_KEY or OPENAI_BASE_URL, and ASSIST_MODEL) the model speaks, else it
    answers in the knowledge base's own sentences.
    """
    configured = settings()
    if verbose or not sys.stderr.isatty():
        set_up_logs("INFO" if verbose else configured.log_level, configured.log_format)
    given = configured.worker.api_key.get_secret_value() if configured.worker.api_key else None
    if not (key or given):
        raise click.ClickException(_NO_KEY)
    server_url = (url or configured.worker.url).rstrip("/")
    try:
        run(_converse(configured, server_url, key or given or "", _Caller(**caller)))  # type: ignore[arg-type]
    except ServerError as error:
        raise click.ClickException(str(error)) from None


async def _converse(configured: Settings, url: str, key: str, caller: _Caller) -> None:
    stop = _stopped_by_signals()
    server, model = AssistServer(url, key), connect_tool_model(configured.writing)
    try:
        session_id = caller.session_id or await server.start_call(_new_call(caller))
        began_s = await _seconds_since_start(server, session_id) if caller.session_id else 0.0
        call = ConsoleCall(
            conversation=await open_conversation(server, session_id, configured, model),
            server=server,
            transcript=CallTranscript(server, session_id, began_s=began_s),
            lines=InputLines(sys.stdin.fileno()),
            show=_show,
            prompt=_prompt,
            wait_s=caller.wait_s,
        )
        lost = await call.run(stop)
    finally:
        await server.close()
        if model is not None:
            await model.close()
    if lost:
        raise click.ClickException(f"Questions that could not be passed on to a supervisor: {lost}. See ASSIST_URL.")


def _new_call(caller: _Caller) -> Json:
    known = {"customer_name": caller.name, "customer_phone": caller.number}
    return {
        "call_id": f"console-{uuid4().hex}",
        "agent_name": "Receptionist",
        "acd_metadata": {"source": "receptionist", "answered_by": "receptionist", "channel": "console"},
        **{name: value for name, value in known.items() if value},
    }


async def _seconds_since_start(server: AssistServer, session_id: str) -> float:
    started = (await server.call(session_id)).call.started_at
    return max(0.0, (datetime.now(UTC) - started).total_seconds())


def _stopped_by_signals() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; a second one ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def interrupt(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt, number)
    return stop


def _show(line: str) -> None:
    """On a terminal in place of the prompt that stands there."""
    click.echo(f"\r\033[K{line}" if _is_typed() else line)


def _prompt() -> None:
    if _is_typed():
        click.echo("You: ", nl=False)


def _is_typed() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
