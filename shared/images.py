"""Pictures that people send: made anew from what can be seen in them, or refused.

Shape: JPEG, PNG and WebP by their first bytes, whatever the sender calls them. Made anew, a picture
has no place or camera in it, nothing hidden behind its end, and no more size than a screen shows.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from shared import errors

MAX_BYTES = 12_000_000
MAX_PIXELS = 50_000_000  # 150 MB while it is read
LONGEST_SIDE = 1600
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class PictureRefused(errors.FormInvalid):
    """This is no picture that can be kept."""

    zh = "无法保存该图片"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew."""

    content: bytes
    content_type: str


def made_anew(content: bytes, *, field: str) -> Picture:
    """Read a picture and write it anew, turned upright, at most 1600 pixels a side.

    Raises: PictureRefused.
    """
    if len(content) > MAX_BYTES:
        raise _refused(field, "RANGE", f"图片超过 {MAX_BYTES // 10**6} MB", "larger than 12 MB")
    try:
        with Image.open(io.BytesIO(content), formats=list(_TYPES)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise _refused(field, "RANGE", "图片像素过多", "too many pixels")
            opened.draft(
                "RGB", (LONGEST_SIDE, LONGEST_SIDE)
            )  # a JPEG is read at a part of its size
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _written(upright, opened.format or "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        zh, en = "不是 JPEG、PNG 或 WebP 图片", "not a JPEG, PNG or WebP picture"
        raise _refused(field, "TYPE", zh, en) from error


def _written(picture: Image.Image, kind: str) -> Picture:
    mode = "RGB" if kind == "JPEG" else "RGBA"
    bare = Image.new(mode, picture.size)
    bare.paste(picture.convert(mode))  # pixels alone: no EXIF, no colour profile, no comment
    out = io.BytesIO()
    bare.save(out, kind, **({"optimize": True} if kind == "PNG" else {"quality": 85}))
    return Picture(out.getvalue(), _TYPES[kind])


def _refused(field: str, code: str, zh: str, en: str) -> PictureRefused:
    return PictureRefused(problems=(errors.problem(field, code, zh=zh, en=en),))
