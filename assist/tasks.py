"""The bodies of the durable jobs, and the worker that runs them inside the server."""

import asyncio
from dataclasses import dataclass
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ProcrastinateException

from assist.indexing import Indexer
from assist.jobs import INDEX_KNOWLEDGE, KNOWLEDGE_QUEUE, job_app
from pipeline.errors import UpstreamError

_STALLED_S = 6.0
_SWEEP_S = 5.0
_MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Runs jobs until cancelled; jobs of a process that died are started again."""

    conninfo: str
    indexer: Indexer

    async def run(self) -> None:
        """Works until cancelled."""
        app = job_app(self.conninfo)
        self._register(app)
        async with app.open_async(), asyncio.TaskGroup() as group:
            group.create_task(self._sweep(app))
            group.create_task(
                app.run_worker_async(
                    queues=[KNOWLEDGE_QUEUE],
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=2.0,
                    stalled_worker_timeout=_STALLED_S,
                    delete_jobs="successful",
                )
            )

    def _register(self, app: procrastinate.App) -> None:
        retry = procrastinate.RetryStrategy(
            max_attempts=20, wait=1, exponential_wait=2, retry_exceptions={UpstreamError, OSError}
        )

        @app.task(name=INDEX_KNOWLEDGE, queue=KNOWLEDGE_QUEUE, retry=retry)
        async def index_knowledge() -> None:
            await self.indexer.run()

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
