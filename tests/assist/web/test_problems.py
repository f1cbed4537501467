"""What a failure on our side looks like from outside."""

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from assist.db.errors import DatabaseError, DataError, IntegrityError, OperationalError
from assist.errors import ConflictError
from assist.web.problems import HANDLERS
from pipeline.errors import UpstreamError
from tests.assist.web.clients import assert_problem

SECRET = "SELECT secret FROM customers WHERE name = 'Grace'"

FAILURES = [
    (OperationalError(SECRET, {"name": "Grace"}, ConnectionError(SECRET)), 503, "database_unavailable", "2"),
    (DatabaseError(SECRET), 503, "database_unavailable", "2"),
    (UpstreamError("qdrant", SECRET, retryable=True), 503, "qdrant_unavailable", "2"),
    (UpstreamError("embedding", SECRET, retryable=False), 503, "embedding_unavailable", "2"),
    (DataError(SECRET, {"name": "Grace"}, ValueError(SECRET)), 422, "invalid_field", None),
    (IntegrityError(SECRET, {"name": "Grace"}, ValueError(SECRET)), 500, "internal_error", None),
    (RecursionError(SECRET), 500, "internal_error", None),
    (RuntimeError(SECRET), 500, "internal_error", None),
    (ConflictError("call_ended", "This call has ended."), 409, "call_ended", None),
]


@pytest.mark.parametrize(("error", "status", "code", "retry_after"), FAILURES, ids=lambda value: str(value)[:30])
def test_a_failure_is_told_without_our_insides(
    error: Exception, status: int, code: str, retry_after: str | None
) -> None:
    @get("/fails", sync_to_thread=False)
    def fails() -> None:
        raise error

    with TestClient(Litestar([fails], exception_handlers=HANDLERS, logging_config=None)) as client:
        answer = client.get("/fails")
    assert_problem(answer, status, code)
    assert answer.headers.get("Retry-After") == retry_after
    assert "secret" not in answer.text
    assert "Grace" not in answer.text
