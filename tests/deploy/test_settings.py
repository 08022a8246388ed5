"""Settings from the environment and from files of secrets."""

from pathlib import Path

import pytest

from shared.config import SettingsInvalid, load

LEAST = {"ROLLBOOK_DATABASE_URL": "postgresql:///rollbook", "ROLLBOOK_SECRET_KEY": "s" * 32}


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    (tmp_path / "broker").write_text("amqp://rollbook:secret@broker/rollbook\n")

    read = load(
        {
            **LEAST,
            "ROLLBOOK_DATABASE_AUTH": "scram",
            "ROLLBOOK_MASTER_KEY_FILE": str(tmp_path / "key"),
            "ROLLBOOK_BROKER_URL_FILE": str(tmp_path / "broker"),
        }
    )

    assert read.master_key == "k" * 40
    assert read.broker_url == "amqp://rollbook:secret@broker/rollbook"


def test_a_missing_file_and_a_secret_given_twice_are_told_without_the_secret(
    tmp_path: Path,
) -> None:
    given = {
        **LEAST,
        "ROLLBOOK_SECRET_KEY_FILE": str(tmp_path / "twice"),
        "ROLLBOOK_MASTER_KEY_FILE": str(tmp_path / "nowhere"),
    }
    with pytest.raises(SettingsInvalid) as refused:
        load(given)

    assert "ROLLBOOK_SECRET_KEY and ROLLBOOK_SECRET_KEY_FILE" in str(refused.value)
    assert "ROLLBOOK_MASTER_KEY_FILE" in str(refused.value)
    assert "s" * 32 not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROLLBOOK_METRICS_TOKEN", "short"),
        ("ROLLBOOK_WORKER_LISTEN", "9101"),
        ("ROLLBOOK_TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name.removeprefix("ROLLBOOK_")):
        load({**LEAST, name: value})
