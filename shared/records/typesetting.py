"""Set a paper as PDF, by our own template and with data that is never read as code."""

import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

import typst

from shared.records.paper import Paper

_TEMPLATE = Path(__file__).with_name("paper.typ")
_MAGIC = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}


def pdf(paper: Paper, pictures: Mapping[str, bytes]) -> bytes:
    """Set a paper; `pictures` are the files of its boxes by id, others stay empty."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "paper.typ")
        source.write_bytes(_TEMPLATE.read_bytes())
        names = {}
        for number, (key, content) in enumerate(pictures.items()):
            kind = next((ext for magic, ext in _MAGIC.items() if content.startswith(magic)), None)
            if kind is not None:
                names[key] = f"{number}.{kind}"
                Path(folder, names[key]).write_bytes(content)
        made: bytes = typst.compile(
            str(source),
            root=folder,
            font_paths=_fonts(),
            sys_inputs={"paper": json.dumps(paper.plain), "pictures": json.dumps(names)},
        )
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read the font once; those of the machine never count, so that every page is the same."""
    folder = resources.files("pylopdf_fonts_zh_cn")
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )
