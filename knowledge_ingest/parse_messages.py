"""What the parser's process is told, and what it answers: JSON behind its length, over two pipes."""

import struct

from msgspec import Struct

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.metadata import Defaults

LENGTHS = struct.Struct("!QQ")
"""Before a request: bytes of the order, bytes of the file's content."""
LENGTH = struct.Struct("!Q")
"""Before an answer: its bytes."""


class Order(Struct, frozen=True, kw_only=True):
    """A file to parse; its content follows."""

    ending: str
    uri: str
    defaults: Defaults
    cpu_s: int
    """Computing time after which the process ends itself, should nobody be left to end it."""
    result_bytes: int


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One result: either of the two."""

    document: Document | None = None
    unreadable: Unreadable | None = None

    @classmethod
    def of(cls, result: Document | Unreadable) -> "Item":
        """As it travels."""
        return cls(document=result) if isinstance(result, Document) else cls(unreadable=result)


class Answer(Struct, frozen=True, kw_only=True):
    """What the file gave."""

    items: list[Item]
    failure: str | None = None
    """Why there is nothing more; for people."""
