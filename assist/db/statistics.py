"""Figures about help requests, one statement each, over requests that were created within a period."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextClause, text

from assist.db.engine import Session

_VOLUME = text(
    """
    WITH bounds AS (
      SELECT date_trunc(:bucket, CAST(:since AS timestamptz), :time_zone) AS first,
             CAST(:until AS timestamptz) - interval '1 microsecond' AS last)
    SELECT b.at, count(r.id) AS total,
           count(r.id) FILTER (WHERE r.priority = 'low') AS low,
           count(r.id) FILTER (WHERE r.priority = 'medium') AS medium,
           count(r.id) FILTER (WHERE r.priority = 'high') AS high,
           count(r.id) FILTER (WHERE r.priority = 'urgent') AS urgent
    FROM bounds, generate_series(bounds.first, bounds.last, CAST('1 ' || :bucket AS interval), :time_zone) AS b(at)
    LEFT JOIN help_requests r ON date_trunc(:bucket, r.created_at, :time_zone) = b.at
      AND r.created_at >= :since AND r.created_at < :until
    GROUP BY b.at ORDER BY b.at
    """
)

_TAGS = text(
    """
    SELECT tag, count(*) AS total FROM help_requests r, jsonb_array_elements_text(r.tags) AS tag
    WHERE r.created_at >= :since AND r.created_at < :until GROUP BY tag ORDER BY total DESC, tag LIMIT 20
    """
)

_COUNTS = text(
    """
    SELECT status, priority, origin, count(*) AS total FROM help_requests r
    WHERE r.created_at >= :since AND r.created_at < :until GROUP BY status, priority, origin
    """
)

_TIMES = text(
    """
    WITH took AS (
      SELECT r.priority,
             extract(epoch FROM r.first_response_at - r.created_at)::float8 AS response,
             (CASE WHEN r.status = 'resolved' THEN extract(epoch FROM r.resolved_at - r.created_at) END)::float8
               AS resolution
      FROM help_requests r WHERE r.created_at >= :since AND r.created_at < :until)
    SELECT priority,
           count(response) AS response_count, avg(response) AS response_mean,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY response) AS response_p50,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY response) AS response_p90,
           count(resolution) AS resolution_count, avg(resolution) AS resolution_mean,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY resolution) AS resolution_p50,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY resolution) AS resolution_p90
    FROM took GROUP BY GROUPING SETS ((priority), ())
    """
)

_LIMITS = text(
    """
    SELECT count(*) FILTER (WHERE r.first_response_at <= first.due_at) AS response_kept,
           count(*) FILTER (WHERE r.first_response_at > first.due_at
             OR (r.first_response_at IS NULL AND first.due_at < clock_timestamp())) AS response_missed,
           count(*) FILTER (WHERE r.status = 'resolved' AND r.resolved_at <= r.due_at) AS resolution_kept,
           count(*) FILTER (WHERE r.status = 'unresolved' OR (r.status = 'resolved' AND r.resolved_at > r.due_at)
             OR (r.resolved_at IS NULL AND r.due_at < clock_timestamp())) AS resolution_missed
    FROM help_requests r
    LEFT JOIN help_request_timers t ON t.request_id = r.id AND t.kind = 'first_response' AND t.ordinal = 0
    CROSS JOIN LATERAL (SELECT coalesce(t.due_at, r.first_response_due_at) AS due_at) AS first
    WHERE r.created_at >= :since AND r.created_at < :until
    """
)

_SUPERVISORS = text(
    """
    WITH answered AS (
      SELECT answered_by, extract(epoch FROM resolved_at - created_at)::float8 AS resolution
      FROM help_requests WHERE created_at >= :since AND created_at < :until AND status = 'resolved')
    SELECT u.id, u.name, count(a.answered_by) AS answered, avg(a.resolution) AS resolution_mean,
           (SELECT count(*) FROM help_requests o WHERE o.assigned_to = u.id AND o.resolved_at IS NULL) AS open
    FROM users u LEFT JOIN answered a ON a.answered_by = u.id
    WHERE u.role IN ('supervisor', 'admin') AND (u.is_active OR a.answered_by IS NOT NULL)
    GROUP BY u.id, u.name ORDER BY answered DESC, u.name
    """
)

_LEARNED = text(
    """
    SELECT count(*) FILTER (WHERE r.status = 'resolved') AS answered,
           count(*) FILTER (WHERE r.status = 'resolved' AND r.learned_article_id IS NOT NULL) AS learned,
           (SELECT count(*) FROM knowledge_drafts WHERE state = 'open') AS open_drafts
    FROM help_requests r WHERE r.created_at >= :since AND r.created_at < :until
    """
)

_REUSED = text(
    """
    WITH cited AS (
      SELECT s.session_id, bool_or(EXISTS (
        SELECT 1 FROM jsonb_array_elements(s.citations) AS c
        JOIN knowledge_article_versions v ON v.article_id = CAST(c ->> 'article_id' AS uuid)
          AND v.version <= CAST(c ->> 'version' AS integer)
        WHERE jsonb_exists(v.provenance, 'request_id'))) AS from_learned
      FROM suggestions s WHERE s.created_at >= :since AND s.created_at < :until AND jsonb_array_length(s.citations) > 0
      GROUP BY s.session_id)
    SELECT count(*) AS answered_calls, count(*) FILTER (WHERE from_learned) AS from_learned FROM cited
    """
)


async def volume(
    session: Session, since: datetime, until: datetime, *, bucket: str, time_zone: str
) -> Sequence[Row[Any]]:
    """Requests by hour or day of a time zone and by priority; empty buckets too."""
    values = {"since": since, "until": until, "bucket": bucket, "time_zone": time_zone}
    return (await session.execute(_VOLUME, values)).all()


async def by_tag(session: Session, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """The most frequent tags."""
    return await _rows(session, _TAGS, since, until)


async def counts(session: Session, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Requests by status, priority and origin."""
    return await _rows(session, _COUNTS, since, until)


async def times(session: Session, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Seconds to first response and to resolution, by priority; over all under the priority None."""
    return await _rows(session, _TIMES, since, until)


async def limits(session: Session, since: datetime, until: datetime) -> Row[Any]:
    """How many limits were kept and missed; those that are still open count as neither. The first response is measured
    against the limit of the first level: that of the request moves on with every level.
    """
    return (await _rows(session, _LIMITS, since, until))[0]


async def supervisors(session: Session, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """What each has answered, and has open now."""
    return await _rows(session, _SUPERVISORS, since, until)


async def learned(session: Session, since: datetime, until: datetime) -> Row[Any]:
    """Answers given, and how many of them became knowledge."""
    return (await _rows(session, _LEARNED, since, until))[0]


async def reused(session: Session, since: datetime, until: datetime) -> Row[Any]:
    """Calls that got cited suggestions in the period, and how many of them one from a learned answer."""
    return (await _rows(session, _REUSED, since, until))[0]


async def _rows(session: Session, statement: TextClause, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    return (await session.execute(statement, {"since": since, "until": until})).all()
