"""The scripted recogniser: a voice detector says when somebody spoke, a file says what. For demos and tests, offline.

A line of the file is `customer: what they say` or `agent: what they say`; with a name, as in `agent bob: Hello`, it is
for the participant of that identity only. Empty lines and lines that begin with # are left out.
"""

import re
from collections import deque
from collections.abc import Sequence
from typing import Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, LanguageCode, stt
from livekit.agents.types import TimedString
from msgspec import Struct

from integrations.livekit.vad_stream import SpeechStream, Stretch, make_detector

_LINE = re.compile(r"(?P<role>customer|agent)(?: (?P<identity>\S+))?:\s+(?P<text>\S.*)")
_WORDS_A_SECOND = 2.5
_CONFIDENCE, _INTERIM_CONFIDENCE = 0.95, 0.6


class ScriptError(ValueError):
    """The script cannot be understood; the message names the line."""


class Line(Struct, frozen=True, kw_only=True):
    """One utterance of the script."""

    role: str
    identity: str | None
    """Only this participant says it; None: whoever has the role."""
    text: str


def parse_script(text: str) -> list[Line]:
    """All lines in order.

    Raises:
        ScriptError: a line is neither speech nor comment, or nobody says anything.
    """
    lines = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ScriptError(f"line {number} is not `customer: text` or `agent: text`")
        lines.append(Line(role=found["role"], identity=found["identity"], text=found["text"]))
    if not lines:
        raise ScriptError("nobody says anything in it")
    return lines


def spoken_by(lines: Sequence[Line], *, role: str, identity: str) -> list[str]:
    """What one leg says. An unknown role is the customer's."""
    role = "customer" if role == "unknown" else role
    return [line.text for line in lines if line.role == role and line.identity in (None, identity)]


class ScriptedSTT(stt.STT[Any]):
    """One leg. Its streams use up the lines together: a stream that follows another goes on where that ended."""

    def __init__(self, texts: Sequence[str], *, language: str) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True, interim_results=True, aligned_transcript="word", offline_recognize=False
            )
        )
        self._texts = deque(texts)
        self._language = LanguageCode(language)
        self._detector = make_detector()

    @property
    def model(self) -> str:
        """Of metrics."""
        return "scripted"

    def stream(
        self, *, language: Any = None, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> SpeechStream:
        """Another stream of this leg; the script decides its language."""
        return SpeechStream(recogniser=self, interpreter=self, detector=self._detector, conn_options=conn_options)

    def so_far(self, start_s: float, now_s: float) -> stt.SpeechData | None:
        """As many words of the next line as can have been said."""
        if not self._texts:
            return None
        words = self._texts[0].split()[: 1 + int(_WORDS_A_SECOND * (now_s - start_s))]
        return self._said(words, start_s, now_s, _INTERIM_CONFIDENCE)

    async def whole(self, stretch: Stretch) -> stt.SpeechData | None:
        """Uses up the next line."""
        if not self._texts:
            return None
        return self._said(self._texts.popleft().split(), stretch.start_s, stretch.end_s, _CONFIDENCE)

    def _said(self, words: Sequence[str], start_s: float, end_s: float, confidence: float) -> stt.SpeechData:
        each = (end_s - start_s) / len(words)
        timed = [
            TimedString(
                word,
                start_time=start_s + place * each,
                end_time=start_s + (place + 1) * each,
                confidence=confidence,
            )
            for place, word in enumerate(words)
        ]
        return stt.SpeechData(
            language=self._language,
            text=" ".join(words),
            start_time=start_s,
            end_time=end_s,
            confidence=confidence,
            words=timed,
        )

    async def _recognize_impl(self, buffer: Any, *, language: Any = None, conn_options: Any) -> stt.SpeechEvent:
        raise NotImplementedError("The scripted recogniser only streams.")
