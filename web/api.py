"""The JSON API's frame: flask-smorest, strict parsing, problem JSON, OpenAPI 3.1.

Shape: every route lies under /api/v1/s/<slug>/; lists answer {items, next} and are asked again
with `cursor=next`; money is whole fen; unknown fields are refused.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import flask
import flask_smorest
from marshmallow import Schema, fields

from shared.forms.dumping import builder
from shared.forms.fields import Day, Key, Month
from shared.forms.kinds import BirthDay, Hours, Instant, PersonName, Phone
from web.converters import DayConverter, IdConverter, MonthConverter, YearConverter
from web.parsing import StrictParser, plain_object

View = TypeVar("View", bound=Callable[..., Any])
PROBLEM_TYPE = "application/problem+json"
PREFIX = "/api/v1/s/<slug>"


class FieldProblem(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    message_zh = fields.String(required=True)
    message_en = fields.String(required=True)
    severity = fields.String(metadata={"description": "`warning`: may be confirmed"})
    permission = fields.String(metadata={"description": "who may confirm needs it"})
    roles = fields.List(fields.String(), metadata={"description": "the roles that have it"})
    needs_second = fields.Boolean(metadata={"description": "somebody else has to sign"})


class ProblemAnswer(Schema):
    """An error, after RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem), required=True)
    permission = fields.String(metadata={"description": "the missing one, with 403"})
    request_id = fields.String(metadata={"description": "absent in a 404"})


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """One capability's part of the API."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, description: str) -> None:
        super().__init__(f"{name}_api", import_name, url_prefix=PREFIX, description=description)

    def call(self, method: str, rule: str) -> Callable[[View], View]:
        """Serve one method of one address."""
        made: Callable[[View], View] = self.route(rule, methods=[method])
        return made

    def takes(
        self, form: type[Schema], location: str = "json", **options: Any
    ) -> Callable[[View], View]:
        """Read a form from the body, the query string or files; the view gets it loaded, first."""
        made: Callable[[View], View] = self.arguments(form, location=location, **options)
        return made

    def takes_plain(self, form: type[Schema]) -> Callable[[View], View]:
        """Read a JSON object for a verb that loads it itself; the view gets it, first."""
        content = {"application/json": {"schema": form}}

        def take(view: View) -> View:
            @wraps(view)
            def taking(*args: Any, **named: Any) -> Any:
                return view(plain_object(flask.request), *args, **named)

            return taking  # type: ignore[return-value]

        documented = self.says(
            requestBody={"required": True, "content": content},
            responses={"422": "UNPROCESSABLE_ENTITY"},
        )
        return lambda view: documented(take(view))

    def gives(
        self, status: int, schema: type[Schema] | None = None, **documented: Any
    ) -> Callable[[View], View]:
        """Answer with a schema's dump of what the view returns."""
        answer = None if schema is None else _built(schema)
        made: Callable[[View], View] = self.response(status, answer, **documented)
        return made

    def says(self, **documented: Any) -> Callable[[View], View]:
        """Tell the description something more about a call."""
        made: Callable[[View], View] = self.doc(**documented)
        return made

    def gives_file(self, *content_types: str) -> Callable[[View], View]:
        """Answer with a file of one of these types."""
        binary = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(content_types, binary)
        answer = {"description": "The file", "content": content}
        return self.says(responses={"200": answer})


def _built(schema: type[Schema]) -> Schema:
    """Make a schema that dumps by plain functions; to everybody else it is the same."""
    made = schema()
    build = builder(schema)
    made.dump = lambda row, **_: build(row)  # type: ignore[method-assign]
    return made


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest whose errors are ours (web/errors.py) and documented as problem JSON."""

    ERROR_SCHEMA = ProblemAnswer

    def _register_error_handlers(self) -> None:
        """Leave errors to web/errors.py."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self.spec.components.response(status.name, _documented(status), lazy=True)
        self.spec.components.response("DEFAULT_ERROR", _documented(None), lazy=True)


def _documented(status: HTTPStatus | None) -> dict[str, Any]:
    text = status.phrase if status is not None else "Refused; the code says why"
    if status is not None and (status < 400):
        return {"description": text}
    return {"description": text, "content": {PROBLEM_TYPE: {"schema": ProblemAnswer}}}


def init_app(app: flask.Flask) -> Api:
    """Make the API of this app; blueprints are registered on it afterwards."""
    app.config.update(
        API_TITLE="Rollbook 连锁簿",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "security": [{"token": []}, {"session": [], "csrf": []}],
            "components": {
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": app.config["SESSION_COOKIE_NAME"],
                    },
                    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
                }
            },
        },
    )
    api = Api(app)
    api.ma_plugin.converter.add_attribute_function(_described)
    api.register_field(Month, "string", None)
    number = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    api.register_converter(IdConverter, lambda _: dict(number))
    api.register_converter(DayConverter, lambda _: {"type": "string", "format": "date"})
    api.register_converter(
        MonthConverter, lambda _: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
    )
    year = {"type": "integer", "minimum": 1901, "maximum": 2998}
    api.register_converter(YearConverter, lambda _: dict(year))
    return api


_EXAMPLES: tuple[tuple[type[fields.Field[Any]], Any], ...] = (
    (Phone, "13800001234"),
    (PersonName, "王小丽"),
    (BirthDay, "1990-05-20"),
    (Month, "2025-06"),
    (Instant, "2025-06-10T14:00:00+08:00"),
    (Day, "2025-06-10"),
    (Key, "6f9619ff-8b86-4011-b42d-00cf4fc964ff"),
    (Hours, ["12:00-14:00"]),
)


def _described(converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Tell of a declared field what it is called in both languages, its unit and an example."""
    told: dict[str, Any] = {}
    if "label" in field.metadata:
        zh, en = field.metadata["label"]
        told = {"title": zh, "description": f"{zh} · {en}"}
    if "help" in field.metadata:
        told["description"] += f" ({'; '.join(field.metadata['help'])})"
    for name in ("unit", "class"):
        if field.metadata.get(name, "none") != "none":
            told[f"x-{name}"] = field.metadata[name]
    choices = getattr(field, "choices", None)
    if isinstance(choices, dict):
        told["x-labels"] = {str(code): list(label) for code, label in choices.items()}
    example = next((given for kind, given in _EXAMPLES if isinstance(field, kind)), None)
    if example is not None:
        told["examples"] = [example]
    return told
