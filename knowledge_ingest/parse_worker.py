"""The process that parses files which nobody vouches for. Started by `ParserProcess`, never imported."""

import os
import resource
import sys
from typing import BinaryIO

import msgspec

from knowledge_ingest.formats import READERS
from knowledge_ingest.parse_messages import LENGTH, LENGTHS, Answer, Item, Order

_OPEN_FILES_MAX = 64


def main() -> None:
    """Answers orders until there are no more. Takes the limit of memory, in bytes, as its only argument."""
    requests, answers = _pipes()
    _limit(resource.RLIMIT_AS, int(sys.argv[1]))
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES_MAX)
    while head := requests.read(LENGTHS.size):
        order_bytes, content_bytes = LENGTHS.unpack(head)
        order = msgspec.json.decode(requests.read(order_bytes), type=Order)
        content = requests.read(content_bytes)
        _bound_time(order.cpu_s)
        try:
            encoded, usable = _answer(order, content), True
        except MemoryError:
            content = b""
            failure = "It needs more memory to read than is allowed. Split it, or save it in a simpler form."
            encoded, usable = msgspec.json.encode(Answer(items=[], failure=failure)), False
        answers.write(LENGTH.pack(len(encoded)))
        answers.write(encoded)
        answers.flush()
        if not usable:
            # What is left of the memory may be in pieces.
            return


def _answer(order: Order, content: bytes) -> bytes:
    items: list[Item] = []
    failure = None
    try:
        items.extend(Item.of(result) for result in READERS[order.ending](content, order.uri, order.defaults))
    except MemoryError:
        raise
    except RecursionError:
        failure = "It is nested too deeply. Save it in a simpler form."
    except Exception as error:  # noqa: BLE001 - no file may end the ingest
        failure = f"It cannot be parsed ({type(error).__name__}). Save it anew, or in another format."
    encoded = msgspec.json.encode(Answer(items=items, failure=failure))
    if len(encoded) > order.result_bytes:
        failure = f"It gives more than {order.result_bytes // 1_000_000} MB of text. Split it."
        return msgspec.json.encode(Answer(items=[], failure=failure))
    return encoded


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, out of reach of whatever prints or asks."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return requests, answers


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, hard))


def _bound_time(cpu_s: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + cpu_s)


if __name__ == "__main__":
    main()
