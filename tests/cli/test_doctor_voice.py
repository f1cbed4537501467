"""`assist doctor` tells what spoken calls lack, and asks every part whether it answers."""

import pytest
from aiohttp import web

from assist.cli.doctor_voice import examine_voice
from assist.cli.findings import Finding
from assist.settings import Settings
from tests.serving import free_port

LIVEKIT = {
    "livekit_url": "ws://127.0.0.1:9",
    "livekit_api_key": "devkey",
    "livekit_api_secret": "canary-secret-of-thirty-two-characters",
}


async def findings(**given: object) -> dict[str, Finding]:
    found = await examine_voice(Settings.model_validate(given))
    assert "canary" not in str(found)
    return {one.name: one for one in found}


async def test_without_livekit_nothing_else_is_looked_at() -> None:
    assert {name: one.state for name, one in (await findings()).items()} == {"livekit": "off"}


async def test_half_a_configuration_is_a_failure_that_names_the_variables() -> None:
    found = (await findings(livekit_url="ws://127.0.0.1:9"))["livekit"]
    assert found.state == "failed"
    assert "LIVEKIT_API_SECRET" in found.detail


async def test_parts_that_are_missing_name_what_sets_them() -> None:
    found = await findings(**LIVEKIT, stt="scripted")
    assert found["livekit"].state == "failed"
    assert "LIVEKIT_URL" in found["livekit"].detail
    assert "LIVEKIT_SIP_TRUNK" in found["outbound calls"].detail
    assert "ASSIST_API_KEY" in found["workers' server"].detail
    assert "ASSIST_STT_SCRIPT" in found["recogniser"].detail
    assert "DEEPGRAM_API_KEY" in found["voice"].detail


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (401, "failed")])
async def test_deepgram_and_the_server_are_asked_for_their_opinion_of_the_keys(status: int, state: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({}, status=status)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        url = f"http://127.0.0.1:{port}"
        given = {
            "deepgram_url": f"{url}/v1",
            "deepgram_api_key": "canary",
            "server_url": url,
            "server_api_key": "canary",
        }
        found = await findings(**LIVEKIT, **given)
    finally:
        await runner.cleanup()
    assert (found["recogniser"].state, found["workers' server"].state) == (state, state)
