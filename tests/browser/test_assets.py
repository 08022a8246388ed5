"""What a browser loads first is small, and every file stands in the manifest with its hash."""

import gzip
import json
import re
from pathlib import Path

from shared.config import load
from tests.browser.conftest import ROOT
from web.app import create_app

ICONS = ROOT / "web/assets/icons.txt"
BUILD = ROOT / "web/static/build"
FIRST = ("app.js", "app.css", "fonts.css", "icons.svg")


def test_the_first_page_loads_less_than_200_kilobytes(assets: None) -> None:
    manifest = json.loads((BUILD / "manifest.json").read_text())
    sizes = {name: (BUILD / f"{manifest[name]}.gz").stat().st_size for name in FIRST}
    sizes["latin.woff2"] = (BUILD / manifest["latin.woff2"]).stat().st_size
    assert sum(sizes.values()) < 200_000, sizes


def test_every_bundle_has_a_hash_and_a_gzipped_twin(assets: None) -> None:
    manifest = json.loads((BUILD / "manifest.json").read_text())
    letters = manifest.pop("latin.woff2")  # compressed in itself
    assert re.fullmatch(r"noto-sans-sc-latin-wght-normal-[0-9A-Z]{8}\.woff2", letters)
    scripts = {"board.js", "charts.js", "count.js", "records.js", "sale.js", "whatif.js"}
    assert {*FIRST, *scripts, "board.css", "paper.css"} == set(manifest)
    for name, file in manifest.items():
        assert re.fullmatch(r"[a-z]+-[0-9A-Z]{8}\.(js|css|svg)", file), name
        assert gzip.decompress((BUILD / f"{file}.gz").read_bytes()) == (BUILD / file).read_bytes()


def test_the_sprite_holds_the_icons_that_pages_name(assets: None) -> None:
    pages = [path.read_text() for path in (ROOT / "web").rglob("*.html")]
    code = [path.read_text() for path in (ROOT / "web").rglob("*.py")]
    named = re.compile(r"\bicon(?:_name)?(?:=|\()'([\w-]+)'|\bicon=\"([\w-]+)\"")
    used = {one or other for text in (*pages, *code) for one, other in named.findall(text)}
    used |= set(re.findall(r"icon_button\('([\w-]+)'", "".join(pages)))
    assert used - set(ICONS.read_text().split()) == set()


def test_a_name_with_a_hash_is_kept_for_ever_and_any_other_for_an_hour(
    assets: None, tmp_path: Path
) -> None:
    settings = load(
        {
            "ROLLBOOK_DATABASE_URL": "postgresql:///nowhere",
            "ROLLBOOK_SECRET_KEY": "s" * 32,
            "ROLLBOOK_DATA": str(tmp_path),
        }
    )
    client = create_app(settings=settings).test_client()
    manifest = json.loads((BUILD / "manifest.json").read_text())
    for file in manifest.values():
        with client.get(f"/static/build/{file}", headers={"Accept-Encoding": "gzip"}) as answer:
            assert "immutable" in answer.headers["Cache-Control"], file
            assert "max-age=315360000" in answer.headers["Cache-Control"], file
            is_packed = answer.headers.get("Content-Encoding") == "gzip"
            assert is_packed != file.endswith(".woff2"), file  # a font is packed in itself
    for path in ("build/manifest.json", "seal.svg"):
        with client.get(f"/static/{path}") as answer:
            assert answer.headers["Cache-Control"] == "max-age=3600, public", path
