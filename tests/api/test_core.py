"""The frame every request passes through."""

from flask.testing import FlaskClient


def test_health_answers_without_a_database_and_with_every_header(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/healthz")

    assert answer.json == {"status": "ok"}
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]


def test_static_files_come_with_their_type_and_nothing_else_is_served(
    anonymous: FlaskClient,
) -> None:
    with anonymous.get("/static/seal.svg") as mark:  # an open file
        assert mark.status_code == 200
        assert mark.mimetype == "image/svg+xml"
        assert mark.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/static/../app.py", "/static/", "/.git/config", "/console", "/metrics", "/docs"):
        answer = anonymous.get(path, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        assert answer.status_code == 404
