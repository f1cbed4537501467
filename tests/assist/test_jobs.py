"""Jobs are part of the transaction that enqueues them."""

from sqlalchemy import text

from assist.db.engine import Sessions
from assist.jobs import enqueue_indexing

_JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
_MARK = text("UPDATE deployment SET epoch = gen_random_uuid() RETURNING epoch")
_EPOCH = text("SELECT epoch FROM deployment")


async def test_a_job_that_is_there_already_leaves_the_callers_work_alone(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await enqueue_indexing(session)
    async with sessions.begin() as session:
        written = (await session.execute(_MARK)).scalar_one()
        await enqueue_indexing(session)
        await enqueue_indexing(session)
        await session.execute(text("SELECT 1"))
    async with sessions() as session:
        assert (await session.execute(_EPOCH)).scalar_one() == written
        assert (await session.execute(_JOBS)).scalar_one() == 1


async def test_a_job_is_gone_with_the_transaction_that_was_rolled_back(sessions: Sessions) -> None:
    async with sessions() as session:
        await enqueue_indexing(session)
        await session.rollback()
    async with sessions() as session:
        assert (await session.execute(_JOBS)).scalar_one() == 0
