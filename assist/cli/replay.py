"""`assist replay`"""

from pathlib import Path

import msgspec
import rich_click as click

from assist.cli.running import run
from assist.recordings import RecordingError, read_recording
from assist.replay import Replay, ReplayError, Summary


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Base address of the server.")
@click.option("--key", required=True, envvar="ASSIST_API_KEY", help="API key with the scope ingest.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01, max=10_000.0))
@click.option("--calls", default=1, show_default=True, type=click.IntRange(1, 1000), help="Calls side by side.")
def command(file: Path, url: str, key: str, speed: float, calls: int) -> None:
    """Play the recorded call FILE (JSON lines) through the public API and print what was seen, as JSON.

    Latency is the time from the HTTP send of a segment to the arrival of its suggestions over the WebSocket.
    """
    click.echo(msgspec.json.format(msgspec.json.encode(run(_replay(file, url, key, speed, calls)))).decode())


async def _replay(file: Path, url: str, key: str, speed: float, calls: int) -> Summary:
    try:
        return await Replay(url=url.rstrip("/"), key=key, speed=speed).run([read_recording(file)], calls)
    except (RecordingError, ReplayError) as error:
        raise click.ClickException(str(error)) from None
