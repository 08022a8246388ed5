"""What a browser loads first is small, and every file stands in the manifest with its hash."""

import gzip
import json
import re

from tests.browser.conftest import ROOT

BUILD = ROOT / "web/static/build"
FIRST = ("app.js", "app.css", "fonts.css")


def test_the_first_page_loads_less_than_200_kilobytes(assets: None) -> None:
    manifest = json.loads((BUILD / "manifest.json").read_text())
    sizes = {name: (BUILD / f"{manifest[name]}.gz").stat().st_size for name in FIRST}
    assert sum(sizes.values()) < 200_000, sizes


def test_every_bundle_has_a_hash_and_a_gzipped_twin(assets: None) -> None:
    manifest = json.loads((BUILD / "manifest.json").read_text())
    assert {"app.js", "app.css", "fonts.css", "charts.js", "sale.js"} == set(manifest)
    for name, file in manifest.items():
        assert re.fullmatch(r"[a-z]+-[0-9A-Z]{8}\.(js|css)", file), name
        assert gzip.decompress((BUILD / f"{file}.gz").read_bytes()) == (BUILD / file).read_bytes()
