"""Which reader takes which format. Every reader is a function of bytes, so that it can run in another process."""

from collections.abc import Callable, Iterator

from knowledge_ingest.decoding import Decoded, UndecodableError, decode
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.docx_format import read_docx
from knowledge_ingest.html import declared_encoding, read_html
from knowledge_ingest.markdown import read_markdown, read_text
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.pdf import read_pdf
from knowledge_ingest.tables import read_csv, read_json, read_jsonl

Reader = Callable[[bytes, str, Defaults], Iterator[Document | Unreadable]]
"""Takes a file's content and its uri. Never raises for what it finds in there, but for want of memory."""

TextReader = Callable[[Decoded, str, Defaults], Iterator[Document | Unreadable]]


def _decoding(reader: TextReader, declared: Callable[[bytes], str | None] = lambda _: None) -> Reader:
    def read_bytes(content: bytes, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
        try:
            decoded = decode(content, declared(content))
        except UndecodableError as error:
            yield Unreadable(uri=uri, reason=str(error))
            return
        yield from reader(decoded, uri, defaults)

    return read_bytes


READERS: dict[str, Reader] = {
    ".md": _decoding(read_markdown),
    ".markdown": _decoding(read_markdown),
    ".html": _decoding(read_html, declared_encoding),
    ".htm": _decoding(read_html, declared_encoding),
    ".txt": _decoding(read_text),
    ".csv": _decoding(read_csv),
    ".tsv": _decoding(read_csv),
    ".jsonl": _decoding(read_jsonl),
    ".ndjson": _decoding(read_jsonl),
    ".json": _decoding(read_json),
    ".pdf": read_pdf,
    ".docx": read_docx,
}
"""By the ending of the file's name, lower case."""

BINARY = frozenset({".pdf", ".docx"})
"""Formats whose files are large for the text in them."""

ISOLATED = frozenset({".pdf", ".docx", ".html", ".htm"})
"""Formats with parsers that a file can break, or keep busy for hours. Those of the others read from front to end."""
