"""The copies of the worked examples say what the specification says."""

from pathlib import Path

import pytest

from tests import golden

needs_spec = pytest.mark.skipif(
    not golden.SPEC.exists(), reason="the specification is not beside this checkout"
)


@needs_spec
@pytest.mark.parametrize("path", golden.copied(), ids=lambda path: path.name)
def test_a_copied_example_equals_the_specification(path: Path) -> None:
    assert golden.here(path) == golden.in_spec(path)
