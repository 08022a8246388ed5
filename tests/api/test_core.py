"""The frame every request passes through."""

from flask.testing import FlaskClient


def test_health_answers_without_a_database_and_with_every_header(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/healthz")

    assert answer.json == {"status": "ok"}
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]
