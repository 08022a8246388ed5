"""Files and functions a reader can hold in the head. Medians tell nothing; the tail does."""

import ast

from tests.house.code import Function, Source, product, sources

LONGEST_FILE, USUAL_FILE, LONG_FILE = 400, 250, 300
LONGEST_FUNCTION, USUAL_FUNCTION = 60, 40
MOST_BRANCHES, MOST_ARGUMENTS = 10, 6
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


def test_no_file_is_too_long() -> None:
    lengths = {source.name: _lines(source) for source in (*product(), *sources("tests"))}
    assert {name: count for name, count in lengths.items() if count > LONGEST_FILE} == {}


def test_nearly_all_files_are_short() -> None:
    lengths = [_lines(source) for source in product()]
    short = sum(1 for count in lengths if count <= USUAL_FILE)
    assert short >= 0.95 * len(lengths)
    assert sum(count for count in lengths if count > LONG_FILE) < 0.1 * sum(lengths)


def test_no_function_is_too_long() -> None:
    lengths = {name: _length(function) for name, function in _functions()}
    assert {name: count for name, count in lengths.items() if count > LONGEST_FUNCTION} == {}
    short = sum(1 for count in lengths.values() if count <= USUAL_FUNCTION)
    assert short >= 0.95 * len(lengths)


def test_no_function_branches_too_often() -> None:
    branches = {
        name: sum(isinstance(node, BRANCHES) for node in ast.walk(function))
        for name, function in _functions()
    }
    assert {name: count for name, count in branches.items() if count > MOST_BRANCHES} == {}


def test_no_function_takes_too_much() -> None:
    counts = {}
    for name, function in _functions():
        given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        counts[name] = len([one for one in given if one.arg not in ("self", "cls")])
    assert {name: count for name, count in counts.items() if count > MOST_ARGUMENTS} == {}


def _functions() -> list[tuple[str, Function]]:
    return [
        (f"{source.name}:{function.lineno} {function.name}", function)
        for source in product()
        for function in source.functions()
    ]


def _lines(source: Source) -> int:
    return len(source.text.splitlines())


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
