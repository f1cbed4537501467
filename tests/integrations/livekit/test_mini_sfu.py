"""The double of the LiveKit server, driven by what it is for: LiveKit's own clients and API."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import jwt
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from livekit import api, rtc

from tests.doubles.livekit.callers import Caller, Pcm, eventually, token_for
from tests.doubles.livekit.control import OnlyDoubleError, Sfu
from tests.doubles.livekit.mini_sfu import mini_sfu, sfu_process

pytestmark = pytest.mark.spoken

ROOM = "call-1"


def tone(seconds: float, hertz: float = 440.0, rate: int = 16000) -> Pcm:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.int16)


def pitch(pcm: Pcm, rate: int = 16000) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(pcm.astype(np.float64)))
    return float(np.argmax(spectrum) * rate / len(pcm))


@pytest.fixture
async def sfu(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sfu]:
    monkeypatch.delenv("LIVEKIT_TEST_URL", raising=False)
    async with mini_sfu(departure_timeout_s=0.3) as running:
        yield running


@pytest.fixture
async def livekit(sfu: Sfu) -> AsyncIterator[api.LiveKitAPI]:
    async with api.LiveKitAPI(sfu.url, sfu.api_key, sfu.api_secret) as client:
        yield client


async def test_two_clients_hear_each_other(sfu: Sfu) -> None:
    alice = await Caller.join(sfu, ROOM, "alice", "agent")
    bob = await Caller.join(sfu, ROOM, "bob", "customer")
    await alice.publish()
    listening = asyncio.gather(alice.hears("bob", spoken_s=0.4), bob.hears("alice", spoken_s=0.4))
    await asyncio.gather(alice.speak(tone(0.8)), bob.speak(tone(0.8, 1000.0, 24000), 24000))
    from_bob, from_alice = await listening
    assert pitch(from_bob.pcm) == pytest.approx(1000.0, abs=20.0)
    assert pitch(from_alice.pcm) == pytest.approx(440.0, abs=20.0)
    await asyncio.gather(alice.leave(), bob.leave())


async def test_a_client_whose_signalling_is_cut_comes_back_and_is_heard_again(sfu: Sfu) -> None:
    alice = await Caller.join(sfu, ROOM, "alice", "agent")
    bob = await Caller.join(sfu, ROOM, "bob", "customer")
    await bob.publish()
    before = sfu.participants(ROOM)[1]["sid"]
    sfu.cut(ROOM, "bob")
    await eventually(lambda: alice.departed == ["bob"])
    await eventually(lambda: "bob" in sfu.identities(ROOM))
    assert sfu.participants(ROOM)[1]["sid"] != before
    listening = asyncio.create_task(alice.hears("bob"))
    while not listening.done():  # a client is back before its sound is
        await bob.speak(tone(0.6))
    await listening
    await asyncio.gather(alice.leave(), bob.leave())


async def test_a_second_client_of_the_same_identity_puts_the_first_one_out(sfu: Sfu) -> None:
    first = await Caller.join(sfu, ROOM, "alice")
    second = await Caller.join(sfu, ROOM, "alice")
    await asyncio.wait_for(first.disconnected.wait(), 10)
    assert sfu.identities(ROOM) == {"alice"}
    await asyncio.gather(first.leave(), second.leave())


async def test_a_muted_and_an_ended_track_are_told_to_the_others(sfu: Sfu) -> None:
    alice = await Caller.join(sfu, ROOM, "alice")
    bob = await Caller.join(sfu, ROOM, "bob")
    muted, gone = asyncio.Event(), asyncio.Event()
    alice.room.on("track_muted", lambda participant, publication: muted.set())
    alice.room.on("track_unpublished", lambda publication, participant: gone.set())
    await bob.publish()
    publication = next(iter(bob.room.local_participant.track_publications.values()))
    await asyncio.wait_for(publication.wait_for_subscription(), 10)
    assert isinstance(publication.track, rtc.LocalAudioTrack)
    publication.track.mute()
    await asyncio.wait_for(muted.wait(), 10)
    await bob.room.local_participant.unpublish_track(publication.sid)
    await asyncio.wait_for(gone.wait(), 10)
    assert sfu.events("track_unpublished")[0]["track"]["sid"] == publication.sid
    await asyncio.gather(alice.leave(), bob.leave())


async def test_data_reaches_only_whom_it_names(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    alice, bob, carol = [await Caller.join(sfu, ROOM, name, topics=["t"]) for name in ("alice", "bob", "carol")]
    sender = alice.room.local_participant
    await sender.publish_data(b"for bob", topic="a", destination_identities=["bob"])
    await sender.publish_data(b"for all", topic="b")
    await livekit.room.send_data(
        api.SendDataRequest(room=ROOM, data=b"{}", topic="c", destination_identities=["carol"])
    )
    await sender.send_text("x" * 33_000, topic="t", destination_identities=["carol"])
    await eventually(lambda: len(bob.data) == len(carol.data) == 2 and carol.texts)
    assert [(message.identity, message.payload) for message in bob.data] == [
        ("alice", b"for bob"),
        ("alice", b"for all"),
    ]
    assert sorted((message.topic, message.identity) for message in carol.data) == [("b", "alice"), ("c", None)]
    assert carol.texts[0].text == "x" * 33_000
    assert (bob.texts, alice.data) == ([], [])
    await asyncio.gather(alice.leave(), bob.leave(), carol.leave())


async def test_an_altered_or_expired_token_is_refused(sfu: Sfu) -> None:
    token = token_for(sfu, ROOM, "bob", role="customer")
    header, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    claims["attributes"]["aa.role"] = "supervisor"
    payload = jwt.encode(claims, "another secret of thirty-two bytes").split(".")[1]
    async with aiohttp.ClientSession() as http:
        for bad in (f"{header}.{payload}.{signature}", token_for(sfu, ROOM, "bob", ttl_s=-120.0), "", "x"):
            for path in ("/rtc/validate", "/rtc"):
                async with http.get(sfu.http_url + path, params={"access_token": bad}) as response:
                    assert response.status == 401
        async with http.get(sfu.http_url + "/rtc/validate", params={"access_token": token}) as response:
            assert await response.text() == "success"
    with pytest.raises(rtc.ConnectError):
        await Caller.join(sfu, ROOM, "bob", token=f"{header}.{payload}.{signature}")
    assert sfu.participants(ROOM) == []


async def test_nobody_changes_a_role_that_was_signed(sfu: Sfu) -> None:
    bob = await Caller.join(sfu, ROOM, "bob", "customer")
    grants = api.VideoGrants(can_update_own_metadata=True)
    carol = await Caller.join(sfu, ROOM, "carol", "customer", grants=grants)
    for caller in (bob, carol):
        await caller.room.local_participant.set_attributes({"aa.role": "supervisor"})
        await caller.room.local_participant.set_name("Boss")
    await eventually(lambda: sfu.participants(ROOM)[1]["name"] == "Boss")
    assert [(found["attributes"], found["name"]) for found in sfu.participants(ROOM)] == [
        ({"aa.role": "customer"}, ""),
        ({"aa.role": "supervisor"}, "Boss"),
    ]
    await asyncio.gather(bob.leave(), carol.leave())


async def test_a_hidden_listener_hears_and_is_not_seen(sfu: Sfu) -> None:
    grants = api.VideoGrants(can_publish=False, can_publish_data=False, hidden=True)
    listener = await Caller.join(sfu, ROOM, "supervisor", "supervisor", grants=grants)
    bob = await Caller.join(sfu, ROOM, "bob", "customer")
    deaf = await Caller.join(sfu, ROOM, "deaf", grants=api.VideoGrants(can_subscribe=False))
    listening = asyncio.create_task(listener.hears("bob"))
    await bob.speak(tone(0.6))
    await listening
    assert set(bob.room.remote_participants) == {"deaf"}
    assert "bob" not in deaf.heard
    await listener.room.local_participant.publish_data(b"not allowed")
    await deaf.room.local_participant.publish_data(b"allowed")
    await eventually(lambda: bob.data)
    assert [message.payload for message in bob.data] == [b"allowed"]
    await asyncio.gather(listener.leave(), bob.leave(), deaf.leave())


async def test_whoever_may_not_publish_has_no_track(sfu: Sfu) -> None:
    listener = await Caller.join(sfu, ROOM, "supervisor", grants=api.VideoGrants(can_publish=False))
    source = rtc.AudioSource(48000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    publishing = asyncio.create_task(listener.room.local_participant.publish_track(track))
    done, _ = await asyncio.wait([publishing], timeout=1.0)
    assert not done or publishing.exception() is not None
    assert sfu.participants(ROOM)[0]["tracks"] == []
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    await listener.leave()


async def test_the_room_ends_after_the_last_has_left(sfu: Sfu) -> None:
    alice = await Caller.join(sfu, ROOM, "alice")
    await alice.publish()
    await eventually(lambda: sfu.events("track_published"))
    await alice.leave()
    await eventually(lambda: sfu.events("room_finished"))
    assert [event["event"] for event in sfu.events()] == [
        "room_started",
        "participant_joined",
        "track_published",
        "track_unpublished",
        "participant_left",
        "room_finished",
    ]


async def test_who_goes_before_the_media_stands_has_aborted(sfu: Sfu) -> None:
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(sfu.url + "/rtc", params={"access_token": token_for(sfu, ROOM, "bob")})
        await socket.receive_bytes()
        await socket.close()
    await eventually(lambda: sfu.events("participant_connection_aborted"))
    assert not sfu.events("participant_joined", "participant_left")


async def test_webhooks_are_signed_tried_again_and_repeated_on_demand(sfu: Sfu) -> None:
    receiver = api.WebhookReceiver(api.TokenVerifier(sfu.api_key, sfu.api_secret))
    taken: list[api.WebhookEvent] = []
    failures = [503]

    async def receive(request: web.Request) -> web.Response:
        if failures:
            return web.Response(status=failures.pop())
        assert request.content_type == "application/webhook+json"
        taken.append(receiver.receive(await request.text(), request.headers["Authorization"]))
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    async with TestServer(application) as server:
        sfu.send_webhooks_to(str(server.make_url("/hook")))
        alice = await Caller.join(sfu, ROOM, "alice", "agent")
        await alice.leave()
        await eventually(lambda: any(event.event == "room_finished" for event in taken))
        assert [event.event for event in taken][:2] == ["room_started", "participant_joined"]
        assert taken[1].participant.attributes["aa.role"] == "agent"
        assert len({event.id for event in taken}) == len(taken)
        again = sfu.send_webhook_again("participant_left")
        await eventually(lambda: sum(event.id == again for event in taken) == 2)
        sfu.send_webhooks_to(None)


async def test_the_api_lists_removes_mutes_and_deletes(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    await livekit.room.create_room(api.CreateRoomRequest(name=ROOM))
    alice = await Caller.join(sfu, ROOM, "alice", "agent")
    bob = await Caller.join(sfu, ROOM, "bob", "customer")
    await bob.publish()
    await eventually(lambda: sfu.participants(ROOM)[1]["tracks"])
    rooms = await livekit.room.list_rooms(api.ListRoomsRequest())
    assert [(room.name, room.num_participants, room.num_publishers) for room in rooms.rooms] == [(ROOM, 2, 1)]
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=ROOM))
    assert [(found.identity, found.attributes["aa.role"]) for found in listed.participants] == [
        ("alice", "agent"),
        ("bob", "customer"),
    ]
    mute = api.MuteRoomTrackRequest(room=ROOM, identity="bob", track_sid=listed.participants[1].tracks[0].sid)
    mute.muted = True
    assert (await livekit.room.mute_published_track(mute)).track.muted
    change = api.UpdateParticipantRequest(room=ROOM, identity="bob", name="Robert")
    assert (await livekit.room.update_participant(change)).name == "Robert"
    await livekit.room.remove_participant(api.RoomParticipantIdentity(room=ROOM, identity="bob"))
    await asyncio.wait_for(bob.disconnected.wait(), 10)
    await livekit.room.delete_room(api.DeleteRoomRequest(room=ROOM))
    await asyncio.wait_for(alice.disconnected.wait(), 10)
    with pytest.raises(api.TwirpError, match="not_found"):
        await livekit.room.get_participant(api.RoomParticipantIdentity(room=ROOM, identity="bob"))
    assert sfu.twirp_calls("RemoveParticipant")[0]["request"] == {"room": ROOM, "identity": "bob"}
    await asyncio.gather(alice.leave(), bob.leave())


async def test_the_api_refuses_another_key(sfu: Sfu) -> None:
    async with api.LiveKitAPI(sfu.url, sfu.api_key, "another secret of thirty-two bytes") as livekit:
        with pytest.raises(api.TwirpError, match="unauthenticated"):
            await livekit.room.list_rooms(api.ListRoomsRequest())


def call(identity: str) -> api.CreateSIPParticipantRequest:
    return api.CreateSIPParticipantRequest(
        sip_trunk_id="ST_1",
        sip_call_to="+15550100",
        room_name=ROOM,
        participant_identity=identity,
        wait_until_answered=True,
    )


async def test_calls_end_as_the_test_has_said(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    alice = await Caller.join(sfu, ROOM, "alice")
    sfu.calls_end("486", "408", "603", "answered")
    for status in (486, 408, 603):
        with pytest.raises(api.SipCallError) as raised:
            await livekit.sip.create_sip_participant(call("phone"))
        assert raised.value.sip_status_code == status
    assert (await livekit.sip.create_sip_participant(call("phone"))).participant_identity == "phone"
    await eventually(lambda: "phone" in alice.room.remote_participants)
    phone = alice.room.remote_participants["phone"]
    assert phone.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    assert phone.attributes["sip.phoneNumber"] == "+15550100"
    await alice.leave()


async def test_a_test_may_answer_a_call_itself(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    alice = await Caller.join(sfu, ROOM, "alice")
    sfu.calls_end("joins")
    ringing = asyncio.create_task(livekit.sip.create_sip_participant(call("phone")))
    await eventually(lambda: sfu.twirp_calls("CreateSIPParticipant"))
    assert not ringing.done()
    phone = await Caller.join(sfu, ROOM, "phone", kind="sip", attributes={"sip.callStatus": "active"})
    await ringing
    await asyncio.gather(alice.leave(), phone.leave())


async def test_a_transfer_takes_the_caller_out_of_the_room_or_fails(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    phone = await Caller.join(sfu, ROOM, "phone", kind="sip")
    asked = api.TransferSIPParticipantRequest(room_name=ROOM, participant_identity="phone", transfer_to="tel:+15550111")
    sfu.transfers_end("486", "failed_quietly", "answered")
    with pytest.raises(api.SipCallError, match="486"):
        await livekit.sip.transfer_sip_participant(asked)
    statuses = [(await livekit.sip.transfer_sip_participant(asked)).status for _ in range(2)]
    assert statuses == [
        api.SIPTransferStatus.STS_TRANSFER_FAILED,
        api.SIPTransferStatus.STS_TRANSFER_SUCCESSFUL,
    ]
    await asyncio.wait_for(phone.disconnected.wait(), 10)
    await phone.leave()


def test_in_a_process_of_its_own_it_takes_the_same_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEKIT_TEST_URL", raising=False)
    with sfu_process() as sfu:

        async def talk() -> None:
            alice = await Caller.join(sfu, ROOM, "alice")
            bob = await Caller.join(sfu, ROOM, "bob")
            listening = asyncio.create_task(bob.hears("alice"))
            await alice.speak(tone(0.6))
            await listening
            assert sfu.identities(ROOM) == {"alice", "bob"}
            await asyncio.gather(alice.leave(), bob.leave())

        asyncio.run(talk())
        assert sfu.events("participant_left")


def test_a_real_server_is_used_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("URL", "ws://real:7880"), ("KEY", "k"), ("SECRET", "s")):
        monkeypatch.setenv(f"LIVEKIT_TEST_{name}", value)
    with sfu_process() as sfu:
        assert (sfu.url, sfu.http_url, sfu.is_double) == ("ws://real:7880", "http://real:7880", False)
        with pytest.raises(OnlyDoubleError):
            sfu.cut(ROOM, "bob")
