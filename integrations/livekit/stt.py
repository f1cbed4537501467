"""Who turns speech into text: Deepgram, a script, or pocketsphinx on this machine, as the settings say."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from livekit.agents import stt
from livekit.plugins import deepgram
from msgspec import Struct

from integrations.livekit.scripted_stt import ScriptedSTT, ScriptError, parse_script, spoken_by

_MOST_TERMS = 100
_MOST_TERM_CHARS = 1500
"""Of all terms: Deepgram refuses the connection beyond 500 tokens."""
_BOOST = 1.5
_ENDPOINTING_MS = 300


class RecogniserError(Exception):
    """The recogniser cannot work as it is configured; the message says what to do."""


class RecogniserOptions(Struct, frozen=True, kw_only=True):
    """Which recogniser, and what it needs."""

    recogniser: Literal["deepgram", "scripted", "pocketsphinx"] = "deepgram"
    model: str = "nova-3"
    language: str = "en-US"
    base_url: str = "https://api.deepgram.com/v1"
    """Of Deepgram, with its "/v1"."""
    api_key: str | None = None
    script: Path | None = None
    """What is said, for the scripted recogniser."""


def make_recogniser(
    options: RecogniserOptions, *, role: str, identity: str, keyterms: Sequence[str] = ()
) -> stt.STT[Any]:
    """The recogniser of one leg. Nothing is connected yet, so it also serves to check a configuration.

    Its streams are opened in a LiveKit job, or else inside `livekit.agents.utils.http_context.open()`. Retrying is the
    caller's: give `stream` connection options without retries. The keyterms are names that are likely to be said, the
    likeliest first; Deepgram listens for as many as it takes.

    Raises:
        RecogniserError: a key, a package or a script is missing or bad.
    """
    if options.recogniser == "scripted":
        return _scripted(options, role, identity)
    if options.recogniser == "pocketsphinx":
        return _pocketsphinx(options)
    return _deepgram(options, keyterms)


def _deepgram(options: RecogniserOptions, keyterms: Sequence[str]) -> stt.STT[Any]:
    if not options.api_key:
        raise RecogniserError("Deepgram needs a key: set DEEPGRAM_API_KEY, or ASSIST_STT to another recogniser.")
    return deepgram.STT(
        model=options.model,
        language=options.language,
        api_key=options.api_key,
        base_url=f"{options.base_url.rstrip('/')}/listen",
        interim_results=True,
        punctuate=True,
        smart_format=True,
        filler_words=False,
        profanity_filter=False,
        endpointing_ms=_ENDPOINTING_MS,
        mip_opt_out=True,
        **_boosts(options.model, _fitting(keyterms)),
    )


def _boosts(model: str, terms: Sequence[str]) -> dict[str, Any]:
    if not terms:
        return {}
    if model.startswith("nova-3"):
        return {"keyterm": list(terms)}
    return {"keywords": [(term, _BOOST) for term in terms if " " not in term]}


def _fitting(keyterms: Sequence[str]) -> list[str]:
    terms: list[str] = []
    chars = 0
    for term in dict.fromkeys(term.strip() for term in keyterms if term.strip()):
        chars += len(term)
        if chars > _MOST_TERM_CHARS or len(terms) == _MOST_TERMS:
            break
        terms.append(term)
    return terms


def _scripted(options: RecogniserOptions, role: str, identity: str) -> stt.STT[Any]:
    if options.script is None:
        raise RecogniserError("The scripted recogniser needs a script: set ASSIST_STT_SCRIPT to a file.")
    try:
        lines = parse_script(options.script.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecogniserError(
            f"The script {options.script} cannot be read ({error.strerror}): correct ASSIST_STT_SCRIPT."
        ) from error
    except UnicodeDecodeError as error:
        raise RecogniserError(f"The script {options.script} is not UTF-8 text: correct it.") from error
    except ScriptError as error:
        raise RecogniserError(f"The script {options.script} is wrong: {error}.") from error
    return ScriptedSTT(spoken_by(lines, role=role, identity=identity), language=options.language)


def _pocketsphinx(options: RecogniserOptions) -> stt.STT[Any]:
    if not options.language.lower().startswith("en"):
        raise RecogniserError("pocketsphinx understands English only: set ASSIST_STT_LANGUAGE to en-US.")
    try:
        module = importlib.import_module("integrations.livekit.sphinx_stt")
    except ModuleNotFoundError as error:
        if error.name != "pocketsphinx":
            raise
        raise RecogniserError(
            "pocketsphinx is not installed: run `pip install 'assist[sphinx]'`, or set ASSIST_STT to deepgram."
        ) from error
    recogniser: stt.STT[Any] = module.SphinxSTT()
    return recogniser
