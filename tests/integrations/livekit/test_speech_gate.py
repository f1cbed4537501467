"""Words pass only where somebody spoke."""

import numpy as np
import pytest

from integrations.livekit.speech_gate import SAMPLE_RATE, WINDOW_SAMPLES, Samples, SpeechGate, voice_detector

WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE


def energetic(samples: Samples) -> float:
    return float(np.abs(samples).mean() > 300)


def loud(seconds: float) -> Samples:
    return np.full(round(seconds * SAMPLE_RATE), 3000, dtype=np.int16)


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def test_words_pass_where_somebody_spoke_and_not_elsewhere() -> None:
    gate = SpeechGate(energetic)
    gate.hear(quiet(5.0), 100.0)
    gate.hear(loud(2.0), 105.0)
    gate.hear(quiet(5.0), 107.0)
    assert gate.lets_pass(105.0, 107.0)
    assert gate.lets_pass(104.0, 108.0)
    assert not gate.lets_pass(100.0, 104.5)
    assert not gate.lets_pass(107.5, 111.0)


def test_the_share_of_speech_is_measured_in_the_time_of_the_words() -> None:
    gate = SpeechGate(energetic)
    gate.hear(loud(1.0), 0.0)
    gate.hear(quiet(3.0), 1.0)
    assert gate.speech_share(0.0, 4.0) == pytest.approx(0.25, abs=0.02)


def test_frames_need_not_be_whole_windows() -> None:
    gate = SpeechGate(energetic)
    heard = [gate.hear(loud(0.05), 0.05 * number) for number in range(40)]
    assert all(heard[1:])
    assert gate.speech_share(0.0, 2.0) == 1.0


def test_a_time_that_nobody_heard_lets_words_pass() -> None:
    gate = SpeechGate(energetic)
    assert gate.speech_share(0.0, 1.0) is None
    assert gate.lets_pass(0.0, 1.0)


def test_only_the_last_minutes_are_kept() -> None:
    gate = SpeechGate(energetic)
    for number in range(10_000):
        gate.note(number * WINDOW_S, is_speech=True)
    assert gate.speech_share(0.0, 10.0) is None
    assert gate.speech_share(9_990 * WINDOW_S, 10_000 * WINDOW_S) == 1.0


def test_the_bundled_detector_hears_no_speech_in_silence_tones_and_noise() -> None:
    seconds = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    chord = np.sum([np.sin(2 * np.pi * pitch * seconds) for pitch in (262, 330, 392)], axis=0)
    noise = np.random.default_rng(1).normal(0.0, 1.0, len(seconds))
    for samples in (seconds * 0, chord * 4000, noise * 2000):
        gate = SpeechGate(voice_detector())
        gate.hear(samples.astype(np.int16), 0.0)
        assert not gate.lets_pass(0.0, 3.0)
