"""`assist doctor` on everything spoken: LiveKit, its workers' way to the server, recogniser and voice."""

import asyncio
import importlib.util
import shutil

import httpx

from assist.cli.findings import Finding
from assist.settings import Settings, SettingsError
from assist.voice.service import connect_rooms
from pipeline.errors import UpstreamError

_TIMEOUT_S = 10.0


async def examine_voice(configured: Settings) -> list[Finding]:
    """A line for each part; nothing is spoken and nobody is rung."""
    if configured.livekit is None:
        missing = "not configured: LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
        given = (configured.livekit_url, configured.livekit_api_key, configured.livekit_api_secret)
        state = "failed" if any(given) else "off"
        return [Finding(name="livekit", state=state, detail=missing)]
    found = [await _livekit(configured), _telephone(configured), await _server(configured)]
    return [*found, await _recogniser(configured), _voice(configured)]


async def _livekit(configured: Settings) -> Finding:
    assert configured.livekit is not None  # looked at by the caller
    try:
        rooms = connect_rooms(configured.livekit)
    except SettingsError as error:
        return Finding(name="livekit", state="failed", detail=str(error))
    try:
        await rooms.people("assist-doctor")
    except UpstreamError as error:
        hint = "Check LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."
        return Finding(name="livekit", state="failed", detail=f"{configured.livekit.url}: {error}. {hint}")
    finally:
        await rooms.close()
    return Finding(name="livekit", state="ok", detail=f"{configured.livekit.url} answers")


def _telephone(configured: Settings) -> Finding:
    if configured.sip_trunk is None:
        detail = "not configured: LIVEKIT_SIP_TRUNK names the outbound trunk. Nobody is called back by itself"
        return Finding(name="outbound calls", state="off", detail=detail)
    calling = configured.call_back_hours
    hours = "at any hour: ASSIST_CALL_BACK_HOURS sets when"
    if calling is not None:
        hours = f"from {calling.opens:%H:%M} to {calling.closes:%H:%M} {calling.time_zone}"
    detail = f"trunk {configured.sip_trunk}; nobody is rung to try it. Customers are called back {hours}"
    return Finding(name="outbound calls", state="ok", detail=detail)


async def _server(configured: Settings) -> Finding:
    """What `assist listen` and `assist receptionist` need."""
    key = configured.worker.api_key
    if key is None:
        detail = "ASSIST_API_KEY is not set: make one with assist keys create voice --scope ingest --scope read"
        return Finding(name="workers' server", state="off", detail=detail)
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
    try:
        async with httpx.AsyncClient(base_url=configured.worker.url, timeout=_TIMEOUT_S, headers=headers) as client:
            status = (await client.get("/api/voice/keyterms")).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        detail = f"{configured.worker.url} cannot be reached ({type(error).__name__}). Check ASSIST_URL"
        return Finding(name="workers' server", state="failed", detail=detail)
    if status != httpx.codes.OK:
        detail = f"{configured.worker.url} answered {status}. Check ASSIST_API_KEY and its scopes (ingest, read)"
        return Finding(name="workers' server", state="failed", detail=detail)
    return Finding(name="workers' server", state="ok", detail=f"{configured.worker.url} knows the key")


async def _recogniser(configured: Settings) -> Finding:
    speech = configured.speech
    if speech.recogniser == "scripted":
        is_there = speech.script is not None and speech.script.is_file()
        detail = f"scripted, for demos: {speech.script}" if is_there else "ASSIST_STT_SCRIPT names no file"
        return Finding(name="recogniser", state="ok" if is_there else "failed", detail=detail)
    if speech.recogniser == "pocketsphinx":
        is_there = importlib.util.find_spec("pocketsphinx") is not None
        detail = "pocketsphinx, demo quality" if is_there else "not installed: pip install 'assist[sphinx]'"
        return Finding(name="recogniser", state="ok" if is_there else "failed", detail=detail)
    if speech.deepgram_api_key is None:
        return Finding(name="recogniser", state="failed", detail="DEEPGRAM_API_KEY is not set")
    return await _deepgram(speech.deepgram_url, speech.deepgram_api_key.get_secret_value(), speech.model)


async def _deepgram(url: str, key: str, model: str) -> Finding:
    headers = {"Authorization": f"Token {key}"}
    try:
        async with asyncio.timeout(_TIMEOUT_S), httpx.AsyncClient(timeout=_TIMEOUT_S, headers=headers) as client:
            status = (await client.get(f"{url}/projects")).status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return Finding(name="recogniser", state="failed", detail="Deepgram cannot be reached. Check DEEPGRAM_URL")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Finding(name="recogniser", state="failed", detail="Deepgram refuses the key. Check DEEPGRAM_API_KEY")
    return Finding(name="recogniser", state="ok", detail=f"Deepgram {model}; it knows the key")


def _voice(configured: Settings) -> Finding:
    if configured.tts == "flite":
        is_there = shutil.which("flite") is not None
        detail = "flite, demo quality" if is_there else "flite is not installed (Debian: apt-get install flite)"
        return Finding(name="voice", state="ok" if is_there else "failed", detail=detail)
    is_set = configured.deepgram_api_key is not None
    detail = f"Deepgram {configured.tts_model}" if is_set else "DEEPGRAM_API_KEY is not set"
    return Finding(name="voice", state="ok" if is_set else "failed", detail=detail)
