"""Photos from phones: only what makes the picture, nothing that says who took it, where or with what.

JPEG, PNG and WebP are told apart by their first bytes and walked segment by segment; what is not needed to show the
picture is left out, and so is everything after its end. A JPEG's turn (EXIF orientation) is kept, alone.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from madang.numerics.errors import InputError, Place

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 64_000_000
_MEND = "Choose a photo saved as JPEG, PNG or WebP."


class PhotoKind(StrEnum):
    """The three formats that are accepted."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


MEDIA_TYPES = {PhotoKind.JPEG: "image/jpeg", PhotoKind.PNG: "image/png", PhotoKind.WEBP: "image/webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture without its metadata.

    Attributes
    ----------
    kind : PhotoKind
        Format.
    data : bytes
        The file.
    width, height : int
        Size in pixels, before a JPEG's turn.
    """

    kind: PhotoKind
    data: bytes
    width: int
    height: int


def photo_clean(data: bytes, name: str = "photo") -> Photo:
    """Return a photo without its metadata.

    Parameters
    ----------
    data : bytes
        The file as it came.
    name : str
        What the person calls it, for the message.

    Raises
    ------
    InputError
        `photo_too_large`, `photo_unknown` (none of the three formats) or `photo_broken`.
    """
    at = Place(file=name)
    if len(data) > MAX_BYTES:
        raise InputError(
            "photo_too_large", at, found=f"{len(data)} bytes", expected=f"at most {MAX_BYTES}",
            mend="Choose a smaller photo, or take it at a lower resolution.",
        )  # fmt: skip
    kind = photo_kind(data)
    if kind is None:
        raise InputError("photo_unknown", at, found="another kind of file", expected="JPEG, PNG or WebP", mend=_MEND)
    try:
        photo = {PhotoKind.JPEG: _jpeg, PhotoKind.PNG: _png, PhotoKind.WEBP: _webp}[kind](data)
    except (ValueError, IndexError, struct.error) as error:
        raise InputError(
            "photo_broken", at, found=str(error) or "a cut-off file", expected=f"a whole {kind} file", mend=_MEND
        ) from error
    if not 0 < photo.width * photo.height <= MAX_PIXELS:
        raise InputError(
            "photo_too_large", at, found=f"{photo.width} x {photo.height} pixels",
            expected=f"at most {MAX_PIXELS} pixels", mend="Take the photo at a lower resolution.",
        )  # fmt: skip
    return photo


def photo_kind(data: bytes) -> PhotoKind | None:
    """Return which of the three formats some bytes begin like."""
    if data[:3] == b"\xff\xd8\xff":
        return PhotoKind.JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return PhotoKind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return PhotoKind.WEBP
    return None


# JPEG

_SOI, _EOI, _SOS, _COM, _APP0, _APP1, _APP14, _APP15 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xEE, 0xEF
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS = frozenset(range(0xD0, 0xD8))
_ORIENTATION_TAG = 0x0112


def _jpeg(data: bytes) -> Photo:
    head = bytearray(b"\xff\xd8")
    body = bytearray()
    size: tuple[int, int] | None = None
    turn, scanned, ended = 1, False, False
    for marker, segment in _jpeg_segments(data):
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", segment[5:9])
            size = (width, height)
        if marker == _APP1 and turn == 1:
            turn = _orientation(segment)
        scanned = scanned or marker == _SOS
        ended = marker == _EOI
        if marker == _APP0 and segment[4:9] == b"JFIF\x00" and len(head) == 2:
            # It has to stand first, before the turn; its thumbnail may show what was cut away since.
            head += b"\xff\xe0\x00\x10" + segment[4:16] + b"\x00\x00"
        elif marker == _APP14 or not (_APP0 <= marker <= _APP15 or marker == _COM):
            body += segment
    if size is None or not scanned or not ended:
        raise ValueError("a JPEG without a picture or an end")
    if turn != 1:
        head += _exif_of(turn)
    return Photo(kind=PhotoKind.JPEG, data=bytes(head + body), width=size[0], height=size[1])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, bytes with their marker) up to the end of the picture; a scan takes its coded data with it."""
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise ValueError(f"no marker at byte {at}")
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == _EOI:
            yield marker, data[at : at + 2]
            return
        if marker in _RESTARTS or marker in {0x01, _SOI}:
            raise ValueError(f"a marker {marker:#x} out of place")
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if end > len(data) or end < at + 4:
            raise ValueError(f"a segment that ends outside the file at byte {at}")
        if marker == _SOS:
            end = _scan_end(data, end)
        yield marker, data[at:end]
        at = end


def _scan_end(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("a picture that is cut off")
        if data[at + 1] != 0x00 and data[at + 1] not in _RESTARTS and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _orientation(segment: bytes) -> int:
    tiff = segment[10:]
    if segment[4:10] != b"Exif\x00\x00" or len(tiff) < 8 or tiff[:2] not in {b"II", b"MM"}:
        return 1
    order = "<" if tiff[:2] == b"II" else ">"
    start = struct.unpack(order + "I", tiff[4:8])[0]
    if start + 2 > len(tiff):
        return 1
    count = struct.unpack(order + "H", tiff[start : start + 2])[0]
    for entry in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag = struct.unpack(order + "H", tiff[entry : entry + 2])[0]
        if tag == _ORIENTATION_TAG:
            turn: int = struct.unpack(order + "H", tiff[entry + 8 : entry + 10])[0]
            return turn if 1 <= turn <= 8 else 1
    return 1


def _exif_of(turn: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION_TAG, 3, 1, turn, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body


# PNG

_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB"})


def _png(data: bytes) -> Photo:
    kept = bytearray(data[:8])
    at, size = 8, (0, 0)
    seen: set[bytes] = set()
    while b"IEND" not in seen:
        length, name = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        chunk = data[at:end]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise ValueError(f"a damaged chunk {name.decode('latin-1')!r}")
        if not seen:
            if name != b"IHDR":
                raise ValueError("a PNG that does not begin with its header")
            size = struct.unpack(">II", chunk[8:16])
        seen.add(name)
        if name in _PNG_KEPT:
            kept += chunk
        at = end
    if b"IDAT" not in seen:
        raise ValueError("a PNG without a picture")
    return Photo(kind=PhotoKind.PNG, data=bytes(kept), width=size[0], height=size[1])


# WebP

_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_METADATA_FLAGS = 0x20 | 0x08 | 0x04


def _webp(data: bytes) -> Photo:
    kept = bytearray()
    size: tuple[int, int] | None = None
    end_of_file = min(len(data), 8 + struct.unpack("<I", data[4:8])[0])
    at = 12
    while at + 8 <= end_of_file:
        name, length = struct.unpack("<4sI", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if len(body) != length:
            raise ValueError("a picture that is cut off")
        if name == b"VP8X":
            body = bytes([body[0] & ~_WEBP_METADATA_FLAGS & 0xFF]) + body[1:]
        if name in _WEBP_KEPT:
            kept += struct.pack("<4sI", name, length) + body + b"\x00" * (length % 2)
            size = size or _webp_size(name, body)
        at += 8 + length + length % 2
    if size is None:
        raise ValueError("a WebP without a picture")
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(kept), b"WEBP")
    return Photo(kind=PhotoKind.WEBP, data=head + bytes(kept), width=size[0], height=size[1])


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        if body[0] != 0x2F:
            raise ValueError("a lossless picture without its signature")
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise ValueError("a picture without its start code")
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None
