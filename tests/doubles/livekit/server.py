"""The small SFU put together: its HTTP application and what a test may tell it."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from google.protobuf.json_format import MessageToDict
from livekit.protocol import models

from tests.doubles.livekit.access import Gate
from tests.doubles.livekit.background import Background
from tests.doubles.livekit.rooms import Rooms
from tests.doubles.livekit.signalling import Signalling, not_here
from tests.doubles.livekit.sip import Telephone
from tests.doubles.livekit.twirp import Twirp
from tests.doubles.livekit.webhooks import Webhooks
from tests.doubles.livekit.workers import Workers

API_KEY = "devkey"
API_SECRET = "secret-of-the-small-sfu-32-bytes-long"

_HOST = "127.0.0.1"
_STOP_PATIENCE_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running SFU; `run` makes one."""

    runner: web.AppRunner
    port: int
    background: Background
    deliveries: Background
    rooms: Rooms
    workers: Workers
    telephone: Telephone
    twirp: Twirp
    webhooks: Webhooks

    async def close(self) -> None:
        """Everybody out, nothing is left running."""
        await self.rooms.close()
        await self.background.close(_STOP_PATIENCE_S)
        await self.deliveries.close()
        await self.runner.cleanup()

    def perform(self, name: str, given: Mapping[str, Any]) -> Any:
        """A test's command; what it answers can be written as JSON."""
        commands: dict[str, Callable[..., Any]] = {
            "cut": self._cut,
            "cut_workers": self.workers.cut,
            "participants": self._participants,
            "jobs": self._jobs,
            "workers": self._workers,
            "decline": self._decline,
            "telephone": self._telephone,
            "webhook_url": self._webhook_url,
            "webhook_again": self.webhooks.send_again,
            "events": lambda: [MessageToDict(event) for event in self.webhooks.events],
            "delivered": lambda: list(self.webhooks.delivered),
            "twirp_calls": lambda: list(self.twirp.calls),
        }
        return commands[name](**given)

    def _cut(self, room: str, identity: str) -> None:
        session = self.rooms.by_name[room].participants[identity].session
        assert session is not None
        session.cut()

    def _participants(self, room: str) -> list[dict[str, Any]]:
        found = self.rooms.by_name.get(room)
        return [
            {
                "identity": participant.identity,
                "sid": participant.sid,
                "name": participant.name,
                "kind": participant.access.kind,
                "state": models.ParticipantInfo.State.Name(participant.state),
                "attributes": participant.attributes,
                "tracks": [
                    {
                        "sid": track.info.sid,
                        "muted": track.info.muted,
                        "packets": track.incoming.packets if track.incoming else 0,
                        "fewest": track.incoming.fewest if track.incoming else 0,
                    }
                    for track in participant.tracks.values()
                ],
            }
            for participant in (found.participants.values() if found else ())
        ]

    def _jobs(self) -> list[dict[str, Any]]:
        return [
            {
                "id": record.job.id,
                "dispatch_id": record.job.dispatch_id,
                "room": record.job.room.name,
                "agent_name": record.job.agent_name,
                "metadata": record.job.metadata,
                "identity": record.identity,
                "worker_id": record.worker_id,
                "outcome": record.outcome,
            }
            for record in self.workers.jobs
        ]

    def _workers(self) -> list[dict[str, Any]]:
        return [
            {"id": worker.id, "agent_name": worker.asked.agent_name, "is_available": worker.is_available}
            for worker in self.workers.registered.values()
        ]

    def _decline(self, count: int) -> None:
        self.workers.to_decline = count

    def _telephone(self, calls: list[str] | None, transfers: list[str] | None) -> None:
        if calls is not None:
            self.telephone.calls = deque(calls)
        if transfers is not None:
            self.telephone.transfers = deque(transfers)

    def _webhook_url(self, url: str | None) -> None:
        self.webhooks.url = url


async def run(*, port: int, webhook_url: str | None, departure_timeout_s: float) -> Server:
    """Starts a server. Port 0: one that is free."""
    background, deliveries = Background(), Background()
    gate = Gate(api_key=API_KEY, api_secret=API_SECRET)
    webhooks = Webhooks(api_key=API_KEY, api_secret=API_SECRET, url=webhook_url)
    rooms = Rooms(webhooks=webhooks, background=background, departure_timeout_s=departure_timeout_s)
    workers = Workers(gate=gate, rooms=rooms, background=background)
    rooms.on_created, rooms.on_finished = workers.dispatch_all, workers.room_finished
    telephone = Telephone(rooms=rooms)
    twirp = Twirp(gate=gate, rooms=rooms, workers=workers, telephone=telephone)
    signalling = Signalling(gate=gate, rooms=rooms, background=background)

    async def command(request: web.Request) -> web.Response:
        return web.json_response(server.perform(request.match_info["name"], await request.json()))

    runner = await _listen(port, signalling, workers, twirp, command)
    bound = runner.addresses[0][1]
    workers.url = f"ws://{_HOST}:{bound}"
    deliveries.run(webhooks.deliver())
    server = Server(
        runner=runner,
        port=bound,
        background=background,
        deliveries=deliveries,
        rooms=rooms,
        workers=workers,
        telephone=telephone,
        twirp=twirp,
        webhooks=webhooks,
    )
    return server


async def _listen(
    port: int,
    signalling: Signalling,
    workers: Workers,
    twirp: Twirp,
    command: Callable[[web.Request], Awaitable[web.Response]],
) -> web.AppRunner:
    application = web.Application()
    application.add_routes(
        [
            web.get("/rtc", signalling.serve),
            web.get("/rtc/validate", signalling.validate),
            web.route("*", "/rtc/{rest:.*}", not_here),
            web.get("/agent", workers.serve),
            web.post("/twirp/{service}/{method}", twirp.serve),
            web.post("/test/{name}", command),
        ]
    )
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_STOP_PATIENCE_S)
    await runner.setup()
    await web.TCPSite(runner, _HOST, port).start()
    return runner
