"""What starts Rollbook on a server is read here as its own programs would read it.

Docker, systemd as the first process and a machine to spare are not at hand in a test; a wrong name,
a setting nobody reads and a forgotten file are found all the same.
"""

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.broker_definitions import definitions
from deploy.local.server_files import SETTINGS as EMBEDDED
from deploy.setup.packages import UV
from shared.config import SECRETS, SettingsInvalid, load
from tenants.logins import SERVICE_LOGINS
from workers.run import PARTS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
SETTING = re.compile(r"\b(?:ROLLBOOK_[A-Z_]+|PROMETHEUS_MULTIPROC_DIR)\b")
NGINX_NAMES = {"ROLLBOOK_HOST", "ROLLBOOK_UPSTREAM", "ROLLBOOK_TLS"}


def compose() -> dict[str, Any]:
    text = (DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def example() -> dict[str, str]:
    """Read env.example: every setting, also those that are commented out."""
    lines = (DEPLOY / "env.example").read_text(encoding="utf-8").splitlines()
    found = [re.match(r"#?((?:ROLLBOOK|PROMETHEUS)_[A-Z_]+)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def read_by_the_code() -> set[str]:
    """List the settings that shared/config.py and gunicorn.conf.py read."""
    config = (ROOT / "shared" / "config.py").read_text(encoding="utf-8")
    own = re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", config)
    gunicorn = SETTING.findall((DEPLOY / "gunicorn.conf.py").read_text(encoding="utf-8"))
    return {f"ROLLBOOK_{name}" for name in own} | {f"{name}_FILE" for name in SECRETS} | {*gunicorn}


def options(path: Path) -> dict[str, str]:
    """Read lines like `name = value`, without comments."""
    parser = configparser.ConfigParser(
        inline_comment_prefixes=None, delimiters=("=",), interpolation=None
    )
    parser.read_string("[all]\n" + path.read_text(encoding="utf-8"))
    return {name: value.strip("'") for name, value in parser["all"].items()}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(example()) == read_by_the_code()


def test_the_example_is_a_valid_environment_once_its_secrets_are_there() -> None:
    made = dict.fromkeys(SECRETS, "x" * 40) | {
        "ROLLBOOK_BROKER_URL": "amqp://u:p@h/v",
        "ROLLBOOK_MAIL_URL": "smtps://u:p@h",
    }
    plain = {name: value for name, value in example().items() if not name.endswith("_FILE")}

    read = load({**plain, **made})

    assert read.is_https
    assert read.worker_listen
    assert not read.is_embedded


def test_no_file_sets_what_nobody_reads() -> None:
    known = read_by_the_code() | NGINX_NAMES
    offences = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("systemd", "container", "nginx", "rabbitmq", "postgresql")
        for path in sorted((DEPLOY / folder).iterdir())
        if path.is_file()
        for name in SETTING.findall(path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert offences == []


def test_no_secret_stands_in_a_file() -> None:
    for name in SECRETS:
        value = re.compile(rf"^[^#\n]*\b{name}[=:][ \t]*\S", re.M)
        for path in DEPLOY.rglob("*"):
            if path.suffix in {".service", ".yaml", ".conf", ".example", ".template"}:
                assert not value.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_each_unit_starts_what_exists_as_nobody_special(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    service = parser["Service"]

    assert service["User"] == "rollbook"
    assert service["NoNewPrivileges"] == "true"
    assert service["ProtectSystem"] == "strict"
    program, *arguments = service["ExecStart"].removeprefix("/usr/lib/rollbook/.venv/bin/").split()
    assert (Path(sys.executable).parent / program).exists()
    for argument in arguments:
        assert "/" not in argument or (ROOT / argument).exists()
    credentials = set(re.findall(r"^LoadCredential=(\w+):", text, re.M))
    assert credentials == set(re.findall(r"_FILE=%d/(\w+)$", text, re.M))
    always = {*SECRETS} - {"ROLLBOOK_FORMER_SECRET_KEY"}  # there while keys change, else not
    assert {f"ROLLBOOK_{name.upper()}" for name in credentials} == always
    assert ("Restart" in service) == (service["Type"] != "oneshot")


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("no systemd-analyze here")
    programs = f"{Path(sys.executable).parent}/"
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/usr/lib/rollbook/.venv/bin/", programs)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / unit.name.replace("@.", "@1.")) for unit in UNITS]

    said = subprocess.run(
        [analyze, "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )

    ours = [line for line in said.stderr.splitlines() if "rollbook" in line]
    assert ours == []


def test_the_target_wants_every_lasting_unit() -> None:
    target = (DEPLOY / "systemd" / "rollbook.target").read_text(encoding="utf-8")
    wanted = {re.sub(r"@\d+", "@", name) for name in re.findall(r"rollbook-[\w@.]+", target)}
    lasting = {unit.name for unit in UNITS} - {"rollbook.target", "rollbook-migrate.service"}
    assert wanted == lasting


def test_every_part_has_its_unit_and_its_container() -> None:
    lasting = {part for part in PARTS if part != "all"}
    started = {
        part
        for unit in SERVICES
        for part in re.findall(r"workers\.run (\w+)", unit.read_text(encoding="utf-8"))
    }
    contained = {
        service["command"][3]
        for service in compose()["services"].values()
        if "workers.run" in service.get("command", [])
    }
    assert started == contained == lasting


def test_every_container_is_bounded_and_none_has_a_secret_in_its_environment() -> None:
    read = compose()
    for name, service in read["services"].items():
        assert "logging" in service, name
        assert "privileged" not in service, name
        assert set(service.get("secrets", [])) <= set(read["secrets"]), name
        for needed in service.get("depends_on", {}):
            assert needed in read["services"], name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "container" / source).exists(), volume
            else:
                assert source in read["volumes"], volume
        given = service.get("environment", {})
        assert not {*given} & {*SECRETS, "POSTGRES_PASSWORD"}, name
        if service["image"] == "rollbook:local":
            assert service["cap_drop"] == ["ALL"], name
            assert service["read_only"] is True, name
            assert "ports" not in service, name
    assert [name for name, service in read["services"].items() if "ports" in service] == ["proxy"]


def test_the_containers_settings_make_a_rollbook(tmp_path: Path) -> None:
    secrets = {"broker_url": "amqp://rollbook:p@rabbitmq:5672/rollbook", "mail_url": ""}
    for name in compose()["secrets"]:
        (tmp_path / name).write_text(secrets.get(name, "k" * 40))
    for name, service in compose()["services"].items():
        if service["image"] != "rollbook:local":
            continue
        given = {
            key: value.replace("/run/secrets", str(tmp_path)).partition("${")[0]
            for key, value in service["environment"].items()
        }
        read = load(given)
        assert read.master_key == read.secret_key == "k" * 40, name
        assert read.worker_listen.endswith(":9100") == (name in PARTS)


def test_the_image_holds_the_tested_versions_and_runs_as_nobody() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    steps = re.sub(r"\\\n", " ", text)
    instructions = [line.split(maxsplit=1) for line in steps.splitlines() if line[:1].isupper()]

    assert {word for word, _ in instructions} <= {
        *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "CMD")
    }
    (user,) = [rest for word, rest in instructions if word == "USER"]
    assert user == "10001"
    assert [word for word, _ in instructions].index("USER") > len(instructions) - 5
    assert f"uv=={UV} " in steps
    assert "-c constraints.txt -r pyproject.toml" in steps
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for word, rest in instructions:
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source.split('/')[0]}" in ignored, source
    *_, (word, command) = instructions
    assert word == "CMD"
    assert (ROOT / json.loads(command)[-1]).exists()


def test_database_settings_keep_what_the_embedded_one_needs() -> None:
    here = options(DEPLOY / "postgresql" / "postgresql.conf")

    assert here["fsync"] == here["full_page_writes"] == here["synchronous_commit"] == "on"
    sizes = {"max_connections", "unix_socket_permissions"}
    assert {name: here.get(name) for name in EMBEDDED if name not in sizes} == {
        name: value for name, value in EMBEDDED.items() if name not in sizes
    }


def test_nobody_is_trusted_and_every_login_is_admitted() -> None:
    text = (DEPLOY / "postgresql" / "pg_hba.conf").read_text(encoding="utf-8")
    rules = [line.split() for line in text.splitlines() if line and not line.startswith("#")]

    assert {rule[-1] for rule in rules} == {"peer", "scram-sha-256", "reject"}
    admitted = {name for rule in rules if rule[0] == "host" for name in rule[2].split(",")}
    assert admitted == {"+tenant_login", *SERVICE_LOGINS, "all"}
    assert [rule[-1] for rule in rules[-2:]] == ["reject", "reject"]


def test_the_broker_is_told_a_hash_and_a_policy_that_loses_nothing() -> None:
    least = {"ROLLBOOK_DATABASE_URL": "postgresql:///r", "ROLLBOOK_SECRET_KEY": "s" * 32}
    made = definitions(load({**least, "ROLLBOOK_BROKER_URL": "amqp://u:pass%2Fword@h/v"}))

    assert "pass/word" not in json.dumps(made)
    assert made["vhosts"] == [{"name": "v", "metadata": {"default_queue_type": "quorum"}}]
    (policy,) = made["policies"]
    assert policy["definition"]["dead-letter-strategy"] == "at-least-once"
    assert policy["definition"]["overflow"] == "reject-publish"  # what the strategy asks for
    rights = made["permissions"][0]["configure"]
    assert all(re.search(rights, name) for name in ("now", "reports.DQ", "bulk.XQ"))
    assert not re.search(rights, "amq.topic")

    for nobody in ("stub://", "amqp://h/v", "amqp://u:p@h/"):
        with pytest.raises(SettingsInvalid, match="BROKER_URL"):
            definitions(load({**least, "ROLLBOOK_BROKER_URL": nobody}))


def test_the_node_loads_what_compose_prepares() -> None:
    read = options(DEPLOY / "rabbitmq" / "rabbitmq.conf")
    folder, _, name = read["load_definitions"].rpartition("/")
    services = compose()["services"]
    assert f"prepared:{folder}:ro" in services["rabbitmq"]["volumes"]
    assert f"> /prepared/{name}" in services["prepare"]["command"][-1]
    assert int(read["consumer_timeout"]) > 900_000
