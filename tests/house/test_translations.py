"""Every text of a page exists in Chinese; English is written in the code itself."""

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from web.frame.catalogues import TRANSLATIONS

WEB = Path(__file__).parents[2] / "web"
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "_l": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_p": ((1, "c"), 2),
}
METHODS = [("**/templates/**.html", "jinja2"), ("**.html", "jinja2"), ("**.py", "python")]


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """What the code and the templates say."""
    found = Catalog()
    for _file, _line, text, _notes, context in extract_from_dir(
        WEB, method_map=METHODS, options_map={}, keywords=KEYWORDS
    ):
        found.add(text, context=context)
    return found


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    """What the catalogue holds."""
    with (TRANSLATIONS / "zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as po:
        return read_po(po)


def _key(message: Message) -> tuple[object, object]:
    return message.id, message.context


def _texts(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    return {_key(message): message for message in catalogue if message.id}


def test_every_text_is_in_the_catalogue_and_nothing_else(wanted: Catalog, chinese: Catalog) -> None:
    assert len(_texts(wanted)) > 100
    assert _texts(wanted).keys() == _texts(chinese).keys()


def test_no_translation_is_empty_or_doubtful(chinese: Catalog) -> None:
    for message in _texts(chinese).values():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not message.fuzzy, message.id


def test_a_translation_names_the_same_things(chinese: Catalog) -> None:
    def named(text: object) -> set[str]:
        bare = str(text).replace("%(", "{").replace(")s", "}")
        return {name for _, name, _, _ in Formatter().parse(bare) if name}

    for message in _texts(chinese).values():
        source = message.id[0] if isinstance(message.id, tuple) else message.id
        target = message.string[0] if isinstance(message.string, tuple) else message.string
        assert named(source) == named(target), source
