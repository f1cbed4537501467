"""Sounds for tests, 48 kHz mono: speech whose words a double can tell, silence, hold music, crosstalk."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import numpy as np
from scipy.signal import resample_poly

from tests.doubles import tone_marks
from tests.doubles.tone_marks import MARK_S, NUMBERS

Samples = tone_marks.Samples

RATE = 48_000
CUSTOMER, AGENT = "slt", "rms"
"""Two voices of flite."""

_STORE = Path(tempfile.gettempdir()) / f"assist-voices-1-{os.getuid()}"
_GAP_S = 0.03
_SPEECH_LEVEL = 2600.0
_MUSIC_LEVEL = 3277.0
"""-20 dBFS."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What everybody who hears an utterance's number knows of it."""

    number: int
    text: str
    voice: str
    duration_s: float

    def words(self, from_s: float = 0.0, to_s: float | None = None) -> list[str]:
        """Those whose middle lies between two times of the utterance."""
        words = self.text.split()
        until_s = self.duration_s if to_s is None else to_s
        ends = np.cumsum([len(word) + 1 for word in words])
        speech_s = self.duration_s - 2 * (MARK_S + _GAP_S)
        middles = MARK_S + _GAP_S + speech_s * (ends - [(len(word) + 1) / 2 for word in words]) / max(1, ends[-1])
        return [word for word, middle in zip(words, middles, strict=True) if from_s <= middle <= until_s]


@dataclass(frozen=True)
class Utterance:
    """Something said: marked at both ends, so that the Deepgram double recognises it on whichever socket it comes.

    It is made once a machine and kept in the temporary folder, where other processes find it by its number.
    """

    text: str
    voice: str = CUSTOMER

    @cached_property
    def known(self) -> Known:
        """Its number and length."""
        _STORE.mkdir(exist_ok=True)
        digest = hashlib.sha256(f"{self.voice}|{self.text}".encode()).digest()
        for step in range(NUMBERS):
            number = (int.from_bytes(digest[:2], "big") + step) % NUMBERS
            found = known(number) or self._claim(number)
            if (found.text, found.voice) == (self.text, self.voice):
                return found
        raise LookupError(f"All numbers are taken: remove {_STORE}.")

    @cached_property
    def pcm(self) -> Samples:
        """Samples: mark, speech, mark."""
        number = self.known.number
        gap = silence(_GAP_S)
        opening, closing = (tone_marks.sound(number, closing=closing, rate=RATE) for closing in (False, True))
        return np.concatenate([opening, gap, speech(self.text, self.voice), gap, closing])

    @property
    def duration_s(self) -> float:
        """With the marks."""
        return self.known.duration_s

    def _claim(self, number: int) -> Known:
        """Takes a free number; another process may have been faster."""
        duration_s = len(speech(self.text, self.voice)) / RATE + 2 * (MARK_S + _GAP_S)
        record = {"number": number, "text": self.text, "voice": self.voice, "duration_s": duration_s}
        draft = _STORE / f"{uuid4().hex}.draft"
        draft.write_text(json.dumps(record))
        try:
            os.link(draft, _STORE / f"{number:04}.json")
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        found = known(number)
        assert found is not None
        return found


def known(number: int) -> Known | None:
    """The utterance of this number, whichever process made it."""
    try:
        return Known(**json.loads((_STORE / f"{number:04}.json").read_text()))
    except FileNotFoundError:
        return None


def speech(text: str, voice: str = CUSTOMER) -> Samples:
    """A spoken text without marks, without silence at its ends."""
    _STORE.mkdir(exist_ok=True)
    kept = _STORE / f"{hashlib.sha256(f'{voice}|{text}'.encode()).hexdigest()}.wav"
    if not kept.exists():
        draft = _STORE / f"{uuid4().hex}.wav"
        save(draft, _levelled(_trimmed(_synthesised(text, voice)), _SPEECH_LEVEL))
        draft.replace(kept)
    return load(kept)


def silence(seconds: float) -> Samples:
    """Nothing."""
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def hold_music(seconds: float) -> Samples:
    """A melody over chords, -20 dBFS."""
    beat_s = 0.5
    sounds = np.zeros(round(seconds * RATE) + 4 * RATE)
    chords = ((48, 55, 60, 64), (45, 52, 57, 60), (41, 48, 53, 57), (43, 50, 55, 59))
    melody = (76, 79, 84, 83, 81, 79, 76, 72, 77, 81, 84, 86, 83, 79, 74, 71)
    for beat in range(int(seconds / beat_s) + 1):
        notes = [(melody[beat % len(melody)], 0.9, 1.0)]
        if beat % 4 == 0:
            notes += [(note, 3.0, 0.6) for note in chords[beat // 4 % len(chords)]]
        for note, length_s, level in notes:
            tone = level * _tone(440.0 * 2 ** ((note - 69) / 12), length_s)
            start = round(beat * beat_s * RATE)
            sounds[start : start + len(tone)] += tone
    return _levelled(sounds[: round(seconds * RATE)], _MUSIC_LEVEL)


def attenuate(pcm: Samples, decibels: float) -> Samples:
    """The same, quieter: as it comes out of somebody else's loudspeaker."""
    return np.asarray(pcm * 10 ** (-decibels / 20), dtype=np.int16)


def mix(*parts: Samples) -> Samples:
    """All at once, from the same moment on."""
    total = np.zeros(max(map(len, parts)), dtype=np.int32)
    for part in parts:
        total[: len(part)] += part
    return np.asarray(np.clip(total, -32768, 32767), dtype=np.int16)


def joined(*parts: Samples) -> Samples:
    """One after the other."""
    return np.concatenate(parts)


def resampled(pcm: Samples, rate: int) -> Samples:
    """At another rate."""
    return _as_int16(resample_poly(pcm.astype(np.float64), rate, RATE))


def texts(pcm: Samples) -> list[str]:
    """The utterances that begin in 48 kHz audio, by their marks: what a person would have heard."""
    heard = [known(mark.number) for mark in tone_marks.find(resampled(pcm, tone_marks.RATE)) if not mark.closing]
    return [found.text for found in heard if found is not None]


def save(path: Path, pcm: Samples) -> Path:
    """As a WAV file, for a browser's fake microphone among others."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    return path


def load(path: Path) -> Samples:
    """A WAV file of one channel."""
    with wave.open(str(path), "rb") as file:
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(-1), dtype=np.int16)
    return samples if rate == RATE else _as_int16(resample_poly(samples.astype(np.float64), RATE, rate))


def _synthesised(text: str, voice: str) -> Samples:
    with tempfile.TemporaryDirectory() as directory:
        written, spoken = Path(directory) / "text", Path(directory) / "speech.wav"
        written.write_text(text)
        if shutil.which("flite"):
            _run("flite", "-voice", voice, "-f", str(written), "-o", str(spoken))
        elif shutil.which("espeak-ng"):
            _run("espeak-ng", "-f", str(written), "-w", str(spoken))
        else:
            return _babble(text.split())
        return load(spoken)


def _run(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True, timeout=60)


def _babble(words: Sequence[str]) -> Samples:
    """A voice without words: a buzz through two formants, a syllable every 0.2 s."""
    noise = np.random.default_rng(0)
    syllables = []
    for word in words:
        times = np.arange(round(0.2 * RATE)) / RATE
        for _ in range(1 + len(word) // 4):
            first, second = noise.uniform(300, 800), noise.uniform(900, 2300)
            buzz = sum(
                np.sin(2 * np.pi * 120 * k * times) / (1 + min(abs(120 * k - first), abs(120 * k - second)) / 90)
                for k in range(1, 28)
            )
            syllables.append(buzz * np.sin(np.pi * times / 0.2) ** 0.5)
    return _levelled(np.concatenate(syllables), _SPEECH_LEVEL)


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 400)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples


def _levelled(samples: np.ndarray[tuple[int], np.dtype[np.float64]] | Samples, level: float) -> Samples:
    power = np.sqrt(np.mean(samples.astype(np.float64) ** 2))
    return _as_int16(samples * (level / max(1e-9, power)))


def _as_int16(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Samples:
    return np.asarray(np.clip(samples, -32768, 32767), dtype=np.int16)


def _tone(hertz: float, length_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A plucked string."""
    times = np.arange(round(length_s * RATE)) / RATE
    partials = sum(np.sin(2 * np.pi * hertz * k * times) * np.exp(-k * times) / k**1.5 for k in range(1, 6))
    tone: np.ndarray[tuple[int], np.dtype[np.float64]] = partials * np.minimum(1.0, times / 0.01) * np.exp(-2 * times)
    return tone
