"""The error root for everything outside this process: models, indexes, vendors."""


class UpstreamError(Exception):
    """A service outside this process failed.

    Attributes:
        service: stable name of the service, for logs and metrics ("qdrant", "embedding", "openai").
        retryable: True when the same call may succeed later without anything being changed.
    """

    def __init__(self, service: str, message: str, *, retryable: bool) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service
        self.retryable = retryable
