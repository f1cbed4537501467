"""Workers of agents: the WebSocket at /agent, and who gets which job."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web
from livekit import api
from livekit.protocol import agent, models
from livekit.protocol.agent_dispatch import AgentDispatch, AgentDispatchState, RoomAgentDispatch

from tests.doubles.livekit.access import Gate, RefusedError
from tests.doubles.livekit.background import Background
from tests.doubles.livekit.participants import new_sid
from tests.doubles.livekit.rooms import Reason, Room, Rooms
from tests.doubles.livekit.signalling import SERVER_INFO, refused

_ANSWER_TIMEOUT_S = 10.0
_RUNNING = ("JS_PENDING", "JS_RUNNING")


@dataclass(kw_only=True)
class Worker:
    """One process that takes jobs."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    asked: agent.RegisterWorkerRequest
    """How it registered."""
    id: str = field(default_factory=lambda: new_sid("AW_"))
    is_available: bool = True
    load: float = 0.0
    answers: dict[str, asyncio.Future[agent.AvailabilityResponse]] = field(default_factory=dict)
    """By the id of the job that it was asked about."""

    def forget(self) -> None:
        """It is gone; what it was asked, it will not answer."""
        for job_id, answer in self.answers.items():
            if not answer.done():
                answer.set_result(agent.AvailabilityResponse(job_id=job_id, available=False))

    async def send(self, message: agent.ServerMessage) -> None:
        """A worker that has gone is told nothing."""
        with suppress(ConnectionError):
            await self.socket.send_bytes(message.SerializeToString())


@dataclass(kw_only=True)
class JobRecord:
    """One attempt to get an agent into a room."""

    job: agent.Job
    outcome: str = "asking"
    """asking; lost: no worker was there; declined: none wanted it; then what the worker reports (JS_…)."""
    worker_id: str = ""
    identity: str = ""


@dataclass(kw_only=True)
class Workers:
    """All workers and all jobs."""

    gate: Gate
    rooms: Rooms
    background: Background
    url: str = ""
    """Where agents join; told with each job."""
    registered: dict[str, Worker] = field(default_factory=dict)
    jobs: list[JobRecord] = field(default_factory=list)
    dispatches: dict[str, AgentDispatch] = field(default_factory=dict)
    to_decline: int = 0
    """So many dispatches to come are treated as if every worker had declined."""

    def dispatch_all(self, room: Room, agents: Sequence[RoomAgentDispatch]) -> None:
        """Those which a token or the one who made the room asks for."""
        for asked in agents:
            self.dispatch(room, asked.agent_name, asked.metadata)

    def dispatch(self, room: Room, agent_name: str, metadata: str) -> AgentDispatch:
        """Looks for a worker at once, and not again: when none takes the job it is lost."""
        dispatch = AgentDispatch(id=new_sid("AD_"), agent_name=agent_name, room=room.name, metadata=metadata)
        dispatch.state.created_at = time.time_ns()
        self.dispatches[dispatch.id] = dispatch
        job = agent.Job(
            id=new_sid("AJ_"),
            dispatch_id=dispatch.id,
            type=agent.JobType.JT_ROOM,
            room=room.info(),
            metadata=metadata,
            agent_name=agent_name,
        )
        record = JobRecord(job=job)
        self.jobs.append(record)
        self.background.run(self._assign(record))
        return dispatch

    def listed(self, room: str) -> list[AgentDispatch]:
        """The dispatches of a room, with their jobs."""
        found = [dispatch for dispatch in self.dispatches.values() if dispatch.room == room]
        for dispatch in found:
            jobs = [record.job for record in self.jobs if record.job.dispatch_id == dispatch.id]
            dispatch.state.CopyFrom(AgentDispatchState(jobs=jobs, created_at=dispatch.state.created_at))
        return found

    def withdraw(self, dispatch_id: str) -> AgentDispatch | None:
        """Forgets a dispatch and ends its jobs."""
        dispatch = self.dispatches.pop(dispatch_id, None)
        self._terminate([record for record in self.jobs if record.job.dispatch_id == dispatch_id])
        return dispatch

    def room_finished(self, room: Room) -> None:
        """Its jobs end."""
        self._terminate([record for record in self.jobs if record.job.room.sid == room.sid])
        self.dispatches = {key: kept for key, kept in self.dispatches.items() if kept.room != room.name}

    def cut(self) -> None:
        """All workers lose their connection, without a farewell."""
        for worker in self.registered.values():
            if worker.transport is not None:
                worker.transport.abort()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A worker's connection."""
        try:
            access = self.gate.admit(request)
            if not access.grants.agent:
                raise RefusedError("the token is not one of a worker")
        except RefusedError as error:
            return refused(error)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        worker: Worker | None = None
        try:
            async for frame in socket:
                if frame.type != WSMsgType.BINARY:
                    continue
                message = agent.WorkerMessage.FromString(frame.data)
                if message.HasField("register"):
                    worker = Worker(socket=socket, transport=request.transport, asked=message.register)
                    self.registered[worker.id] = worker
                    answer = agent.RegisterWorkerResponse(worker_id=worker.id, server_info=SERVER_INFO)
                    await worker.send(agent.ServerMessage(register=answer))
                elif worker is not None:
                    await self._handle(worker, message)
        finally:
            if worker is not None:
                del self.registered[worker.id]
                worker.forget()
        return socket

    async def _handle(self, worker: Worker, message: agent.WorkerMessage) -> None:
        match message.WhichOneof("message"):
            case "availability":
                answer = worker.answers.pop(message.availability.job_id, None)
                if answer is not None and not answer.done():
                    answer.set_result(message.availability)
            case "update_worker":
                worker.is_available = message.update_worker.status == agent.WorkerStatus.WS_AVAILABLE
                worker.load = message.update_worker.load
            case "update_job":
                self._update(message.update_job)
            case "migrate_job":
                self._migrate(worker, message.migrate_job)
            case "ping":
                pong = agent.WorkerPong(last_timestamp=message.ping.timestamp, timestamp=int(time.time() * 1000))
                await worker.send(agent.ServerMessage(pong=pong))

    def _migrate(self, worker: Worker, asked: agent.MigrateJobRequest) -> None:
        for record in self.jobs:
            if record.job.id in asked.job_ids:
                record.worker_id = worker.id

    def _update(self, update: agent.UpdateJobStatus) -> None:
        for record in self.jobs:
            if record.job.id != update.job_id:
                continue
            record.job.state.status = update.status
            record.job.state.error = update.error
            record.outcome = agent.JobStatus.Name(update.status)
            room = self.rooms.by_name.get(record.job.room.name)
            participant = room.participants.get(record.identity) if room else None
            if room is not None and participant is not None and record.outcome == "JS_FAILED":
                self.rooms.leave(room, participant, Reason.AGENT_ERROR)

    async def _assign(self, record: JobRecord) -> None:
        if self.to_decline:
            self.to_decline -= 1
            record.outcome = "declined"
            return
        suitable = [
            worker
            for worker in self.registered.values()
            if worker.asked.agent_name == record.job.agent_name and worker.is_available
        ]
        for worker in sorted(suitable, key=lambda worker: worker.load):
            if await self._offer(record, worker):
                return
        record.outcome = "declined" if suitable else "lost"

    async def _offer(self, record: JobRecord, worker: Worker) -> bool:
        future: asyncio.Future[agent.AvailabilityResponse] = asyncio.get_running_loop().create_future()
        worker.answers[record.job.id] = future
        await worker.send(agent.ServerMessage(availability=agent.AvailabilityRequest(job=record.job)))
        try:
            answer = await asyncio.wait_for(future, _ANSWER_TIMEOUT_S)
        except TimeoutError:
            return False
        if not answer.available:
            return False
        record.outcome = "JS_PENDING"
        record.worker_id = worker.id
        record.identity = answer.participant_identity or f"agent-{record.job.id}"
        record.job.state.participant_identity = record.identity
        token = self._token(record, worker.asked.allowed_permissions, answer)
        await worker.send(
            agent.ServerMessage(assignment=agent.JobAssignment(job=record.job, url=self.url, token=token))
        )
        return True

    def _token(
        self, record: JobRecord, allowed: models.ParticipantPermission, answer: agent.AvailabilityResponse
    ) -> str:
        sources = [models.TrackSource.Name(source).lower() for source in allowed.can_publish_sources]
        grants = api.VideoGrants(
            room_join=True,
            room=record.job.room.name,
            can_publish=allowed.can_publish,
            can_subscribe=allowed.can_subscribe,
            can_publish_data=allowed.can_publish_data,
            can_publish_sources=sources or None,
            can_update_own_metadata=allowed.can_update_metadata,
            hidden=allowed.hidden,
            agent=True,
        )
        token = api.AccessToken(self.gate.api_key, self.gate.api_secret).with_identity(record.identity)
        token = token.with_kind("agent").with_name(answer.participant_name).with_metadata(answer.participant_metadata)
        return token.with_attributes(dict(answer.participant_attributes)).with_grants(grants).to_jwt()

    def _terminate(self, records: list[JobRecord]) -> None:
        for record in records:
            worker = self.registered.get(record.worker_id)
            if worker is not None and record.outcome in _RUNNING:
                termination = agent.JobTermination(job_id=record.job.id)
                self.background.run(worker.send(agent.ServerMessage(termination=termination)))
