"""Pages keep the content policy: no inline script or style, nothing fetched from elsewhere."""

import re

from tests.house.code import ROOT
from web.frame.home import PARTS
from web.frame.search import SOURCES
from web.headers import CSP

TEMPLATES = sorted((ROOT / "web").rglob("*.html"))
STYLES = sorted((ROOT / "web" / "assets" / "css").glob("*.css"))
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=["']|javascript:""")
ELSEWHERE = re.compile(r"""(?:src|href|@import|url\()\s*=?\s*["']?(?:https?:)?//""")
LONGEST_STYLE = 120


def test_the_policy_has_no_exception() -> None:
    assert "unsafe" not in CSP
    assert "*" not in CSP
    assert "http" not in CSP


def test_no_template_has_inline_script_or_style() -> None:
    found = {path.name: INLINE.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: all_of_it for name, all_of_it in found.items() if all_of_it} == {}


def test_nothing_is_fetched_from_elsewhere() -> None:
    read = {path.name: path.read_text(encoding="utf-8") for path in (*TEMPLATES, *STYLES)}
    assert [name for name, text in read.items() if ELSEWHERE.search(text)] == []


def test_colours_stand_among_the_tokens_alone() -> None:
    bare = re.compile(r"(?<!&)#[0-9a-f]{6}\b", re.I)
    offences = {
        path.name: found
        for path in STYLES
        if path.name != "tokens.css" and (found := bare.findall(path.read_text(encoding="utf-8")))
    }
    assert offences == {}


def test_css_files_are_small() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in STYLES}
    assert {name: count for name, count in lengths.items() if count > LONGEST_STYLE} == {}


def test_whatever_capabilities_give_the_frame_is_listed() -> None:
    for name, listed in (("home", len(PARTS) - 1), ("search", len(SOURCES))):  # jobs have no room
        assert len(list((ROOT / "web").glob(f"*/{name}.py"))) == listed, name
