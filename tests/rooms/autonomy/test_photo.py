import base64
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import InputError
from madang.rooms.autonomy.formats.photo import MAX_BYTES, PhotoKind, photo_clean

# A picture of 16 x 8 pixels, written by a browser.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh"
    "Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB"
    "UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA"
    "AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y"
    "WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM"
    "ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0o"
    "OjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2Nj"
    "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAIABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/"
    "xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAbEQABBQEBAAAAAAAAAAAAAAABAAIDEUEhcf/a"
    "AAwDAQACEQMRAD8AgAHMlsDKHuq+I6kL7Pcxf//Z"
)
WEBP = base64.b64decode(
    "UklGRjQCAABXRUJQVlA4WAoAAAAgAAAADwAABwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh"
    "Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB"
    "UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA"
    "AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y"
    "WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM"
    "ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggRgAAADACAJ0BKhAACAACwEwlsAJ0WQBMM37A"
    "BFyAAP7o1n+AeTypwhATkdwaBe2SeT1R/tK59HnqMec/mJmBfcAOkD/3ydDgAAA="
)

SECRET = b"GPS 35.1523N 126.8514E, taken by KIM Minjun"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(turn: int) -> bytes:
    entries = struct.pack("<HHII", 0x010E, 2, len(SECRET), 64) + struct.pack("<HHIHH", 0x0112, 3, 1, turn, 0)
    tiff = b"II" + struct.pack("<HIH", 42, 8, 2) + entries + struct.pack("<I", 0)
    return segment(0xE1, b"Exif\x00\x00" + tiff.ljust(64, b"\x00") + SECRET)


def jpeg_with(*segments: bytes, tail: bytes = b"") -> bytes:
    return JPEG[:2] + b"".join(segments) + JPEG[2:] + tail


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 3, 8, 2, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\x00" + b"\xff\x00\x00" * 4 for _row in range(3)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_jpeg_keeps_its_picture_and_its_turn_and_nothing_else() -> None:
    photo = photo_clean(jpeg_with(exif(6), segment(0xFE, SECRET), segment(0xED, SECRET), tail=SECRET))
    assert (photo.kind, photo.width, photo.height) == (PhotoKind.JPEG, 16, 8)
    assert SECRET[:8] not in photo.data
    assert b"ICC_PROFILE" not in photo.data
    assert photo.data.endswith(b"\xff\xd9")
    # The turn is there, alone: one entry of the tag 0x0112 with the value 6.
    assert struct.pack(">HHHIHH", 1, 0x0112, 3, 1, 6, 0) in photo.data
    scan = JPEG[JPEG.index(b"\xff\xda") :]
    assert photo.data.endswith(scan)


def test_an_upright_jpeg_carries_no_exif() -> None:
    assert b"Exif" not in photo_clean(jpeg_with(exif(1))).data
    assert b"Exif" not in photo_clean(JPEG).data


def test_cleaning_twice_changes_nothing() -> None:
    for raw in (jpeg_with(exif(8)), png(chunk(b"tEXt", b"Author\x00" + SECRET)), WEBP):
        once = photo_clean(raw).data
        assert photo_clean(once).data == once


def test_a_jpeg_with_a_thumbnail_of_what_was_cut_away_loses_it() -> None:
    jfif = segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x04\x04" + SECRET[:48].ljust(48, b"x"))
    cleaned = photo_clean(JPEG[:2] + jfif + JPEG[20:]).data
    assert SECRET[:8] not in cleaned
    assert cleaned[2:20] == b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def test_a_png_keeps_what_makes_the_picture() -> None:
    photo = photo_clean(png(chunk(b"tEXt", b"Author\x00" + SECRET), chunk(b"eXIf", SECRET), chunk(b"gAMA", b"1234")))
    assert (photo.kind, photo.width, photo.height) == (PhotoKind.PNG, 4, 3)
    assert photo.data == png(chunk(b"gAMA", b"1234"))
    assert photo_clean(png() + SECRET).data == png()


def test_a_webp_loses_its_metadata_and_says_so_in_its_header() -> None:
    start = WEBP.index(b"VP8 ")
    picture = WEBP[start:]
    header = b"VP8X" + struct.pack("<I", 10) + bytes([0x2C, 0, 0, 0]) + (15).to_bytes(3, "little") + b"\x07\x00\x00"
    raw = riff(header, b"EXIF" + struct.pack("<I", len(SECRET) + 1) + SECRET + b"x", picture, b"XMP \x02\x00\x00\x00ab")
    photo = photo_clean(raw)
    assert (photo.kind, photo.width, photo.height) == (PhotoKind.WEBP, 16, 8)
    assert SECRET[:8] not in photo.data
    assert photo.data == riff(header.replace(bytes([0x2C, 0, 0, 0]), bytes(4)), picture)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "photo_unknown"),
        (b"GIF89a" + bytes(20), "photo_unknown"),
        (b"<svg onload=alert(1)>", "photo_unknown"),
        (JPEG[:-40], "photo_broken"),
        (JPEG[:200], "photo_broken"),
        (JPEG[:2] + JPEG[-2:] + b"\xff\xd8\xff", "photo_broken"),
        (png()[:-30], "photo_broken"),
        (png().replace(b"IDAT", b"IDAX"), "photo_broken"),
        (WEBP[:60], "photo_broken"),
        (JPEG + bytes(MAX_BYTES), "photo_too_large"),
        (png().replace(struct.pack(">II", 4, 3), struct.pack(">II", 60000, 60000)), "photo_broken"),
    ],
)
def test_what_is_no_sound_photo_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        photo_clean(raw, "IMG_1.jpg")
    assert refusal.value.code == code
    assert "IMG_1.jpg" in str(refusal.value)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    bomb = png()[:8] + header + png()[33:]
    with pytest.raises(InputError) as refusal:
        photo_clean(bomb)
    assert refusal.value.code == "photo_too_large"


@given(st.sampled_from([JPEG, WEBP, png()]), st.data())
def test_damage_is_refused_or_harmless_but_never_a_crash(raw: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = bytearray(raw)
    damaged[at] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(raw)))])
    for attempt in (bytes(damaged), cut):
        with suppress(InputError):
            assert photo_clean(attempt).width > 0
