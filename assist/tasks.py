"""The worker that runs durable jobs inside the server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ProcrastinateException

from assist.db.errors import DatabaseError
from assist.jobs import Job, job_app
from pipeline.errors import UpstreamError

_STALLED_S = 6.0
_SWEEP_S = 5.0
_MAX_ATTEMPTS = 3
_CONCURRENCY = {"notifications": 16}
_RETRY = procrastinate.RetryStrategy(
    max_attempts=20, wait=1, exponential_wait=2, retry_exceptions={UpstreamError, OSError, DatabaseError}
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Runs jobs until cancelled; jobs of a process that died are started again."""

    conninfo: str
    jobs: Sequence[Job]

    async def run(self) -> None:
        """Works until cancelled."""
        app = job_app(self.conninfo)
        for job in self.jobs:
            app.task(name=job.name, queue=job.queue, retry=_RETRY)(job.body)
        async with app.open_async(), asyncio.TaskGroup() as group:
            group.create_task(self._sweep(app))
            for queue in sorted({job.queue for job in self.jobs}):
                group.create_task(self._work(app, queue))

    async def _work(self, app: procrastinate.App, queue: str) -> None:
        await app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=_CONCURRENCY.get(queue, 1),
            install_signal_handlers=False,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=2.0,
            stalled_worker_timeout=_STALLED_S,
            delete_jobs="successful",
        )

    async def _sweep(self, app: procrastinate.App) -> None:
        """Starts jobs again whose worker was killed; one that keeps killing its worker is parked."""
        while True:
            try:
                for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_S):
                    await self._revive(app, job)
            except ProcrastinateException as error:
                log.warning("stalled_jobs_not_swept", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_S)

    async def _revive(self, app: procrastinate.App, job: Any) -> None:
        try:
            if job.attempts >= _MAX_ATTEMPTS:
                await app.job_manager.finish_job(job, status=procrastinate.jobs.Status.FAILED, delete_job=False)
                log.error("job_parked", task=job.task_name, job_id=job.id, attempts=job.attempts)
            else:
                await app.job_manager.retry_job(job)
        except ProcrastinateException as error:
            log.warning("job_not_revived", task=job.task_name, job_id=job.id, error=type(error).__name__)
