"""Real PDF and Word files, made for the tests."""

import io
import zipfile
from collections.abc import Mapping, Sequence

import docx
import docx.document
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject


def pdf(
    *pages: Sequence[str] | bytes,
    title: str | None = None,
    outline: Mapping[str, int] | None = None,
    password: str | None = None,
    language: str | None = None,
) -> bytes:
    """A PDF of pages: lines of text, or the bytes of a content stream (drawings).

    Args:
        pages: in order.
        title: in its properties.
        outline: page, from 0, by the name of a bookmark.
        password: to open it.
        language: of the whole file.
    """
    plain = _plain_pdf([page if isinstance(page, bytes) else _shown(page) for page in pages])
    if all(given is None for given in (title, outline, password, language)):
        return plain
    writer = PdfWriter(clone_from=io.BytesIO(plain))
    if title is not None:
        writer.add_metadata({"/Title": title})
    for name, page in (outline or {}).items():
        writer.add_outline_item(title=name, page_number=page)
    if language is not None:
        writer.root_object.update({NameObject("/Lang"): TextStringObject(language)})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def drawing() -> bytes:
    """What a scanned page holds: a picture, no text."""
    return b"q 100 0 0 100 50 500 cm 0 0 1 rg 0 0 1 1 re f Q"


def _shown(lines: Sequence[str]) -> bytes:
    parts = ["BT /F1 11 Tf 14 TL 50 780 Td"]
    for line in lines:
        escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        parts.append(f"({escaped}) Tj T*")
    return " ".join([*parts, "ET"]).encode("cp1252")


def _plain_pdf(streams: Sequence[bytes]) -> bytes:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        font,
    ]
    for number, stream in enumerate(streams):
        page = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)]
    written = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(written)


def saved(word: docx.document.Document) -> bytes:
    """The bytes of a Word document."""
    written = io.BytesIO()
    word.save(written)
    return written.getvalue()


def word_of(*paragraphs: str) -> bytes:
    """A Word document of plain paragraphs."""
    word = docx.Document()
    for paragraph in paragraphs:
        word.add_paragraph(paragraph)
    return saved(word)


def zip_bomb(megabytes: int) -> bytes:
    """A Word document whose text would be that large."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_of("x"))) as good,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bad,
    ):
        for part in good.infolist():
            if part.filename != "word/document.xml":
                bad.writestr(part, good.read(part))
        with bad.open("word/document.xml", "w", force_zip64=True) as stream:
            for _ in range(megabytes):
                stream.write(b" " * 1_000_000)
    return written.getvalue()


def xml_bomb() -> bytes:
    """A Word document with entities that multiply."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE d [<!ENTITY e0 "boom">{entities}]><d>&e11;</d>'
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_of("x"))) as good,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.infolist():
            bad.writestr(part, text if part.filename == "word/document.xml" else good.read(part))
    return written.getvalue()
