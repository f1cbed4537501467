"""Who speaks: Deepgram, or the command `flite` on this machine; and an apology that needs neither."""

import asyncio
import io
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    APIConnectionError,
    APIConnectOptions,
    APITimeoutError,
    tts,
    utils,
)
from livekit.plugins import deepgram
from msgspec import Struct

APOLOGY = "I am sorry, I have a technical problem. Your question is noted and somebody will call you back."
"""What the recording says."""

_RATE = 16_000
_FRAME = _RATE // 50
_FLITE_VOICE = "slt"


class VoiceError(Exception):
    """The voice cannot be used as it is configured; the message says what to do."""


class VoiceOptions(Struct, frozen=True, kw_only=True):
    """Which voice, and what it needs."""

    voice: Literal["deepgram", "flite"] = "deepgram"
    model: str = "aura-2-andromeda-en"
    base_url: str = "https://api.deepgram.com/v1"
    """Of Deepgram, with its "/v1"."""
    api_key: str | None = None


def make_voice(options: VoiceOptions) -> tts.TTS[Any]:
    """The voice of one job. Nothing is connected yet, so it also serves to check a configuration.

    Deepgram's is used in a LiveKit job, or else inside `livekit.agents.utils.http_context.open()`.

    Raises:
        VoiceError: a key or a command is missing.
    """
    if options.voice == "flite":
        command = shutil.which("flite")
        if command is None:
            raise VoiceError("flite is not installed: run `apt install flite`, or set ASSIST_TTS to deepgram.")
        return FliteVoice(command)
    if not options.api_key:
        raise VoiceError("Deepgram needs a key: set DEEPGRAM_API_KEY, or ASSIST_TTS to flite.")
    return deepgram.TTS(
        model=options.model,
        api_key=options.api_key,
        base_url=f"{options.base_url.rstrip('/')}/speak",
        mip_opt_out=True,
    )


async def apology() -> AsyncIterator[rtc.AudioFrame]:
    """The recorded apology (16 kHz, mono, 20 ms a frame), for when no voice answers: audio for `session.say`."""
    samples = _samples((files("integrations.livekit") / "apology.wav").read_bytes())
    for start in range(0, len(samples), 2 * _FRAME):
        piece = samples[start : start + 2 * _FRAME]
        yield rtc.AudioFrame(piece, sample_rate=_RATE, num_channels=1, samples_per_channel=len(piece) // 2)


class FliteVoice(tts.TTS[Any]):
    """Speaks offline, in demo quality."""

    def __init__(self, command: str) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=_RATE, num_channels=1)
        self.command = command

    @property
    def model(self) -> str:
        """Of metrics."""
        return f"flite-{_FLITE_VOICE}"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """The whole text at once."""
        return _FliteStream(tts=self, input_text=text, conn_options=conn_options, command=self.command)


class _FliteStream(tts.ChunkedStream):
    def __init__(self, *, tts: FliteVoice, input_text: str, conn_options: APIConnectOptions, command: str) -> None:
        super().__init__(tts=tts, input_text=input_text, conn_options=conn_options)
        self._command = command

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        try:
            async with asyncio.timeout(self._conn_options.timeout):
                spoken = await _spoken(self._command, self._input_text)
        except TimeoutError:
            raise APITimeoutError("flite takes too long") from None
        except OSError as error:
            raise APIConnectionError("flite cannot be run") from error
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=_RATE, num_channels=1, mime_type="audio/pcm"
        )
        output_emitter.push(spoken)
        output_emitter.flush()


async def _spoken(command: str, text: str) -> bytes:
    """Samples of a text, which goes by a file: command lines can be seen by everybody on the machine."""
    with tempfile.TemporaryDirectory(prefix="assist-flite-") as directory:
        written, recorded = Path(directory) / "text", Path(directory) / "speech.wav"
        written.write_text(text, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            command, "-voice", _FLITE_VOICE, "-f", str(written), "-o", str(recorded),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _samples(recorded.read_bytes())


def _samples(recording: bytes) -> bytes:
    with wave.open(io.BytesIO(recording)) as file:
        samples: bytes = file.readframes(file.getnframes())
        return samples
