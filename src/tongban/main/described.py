"""The description of the API says of each operation also how it refuses: a program must be ready for these answers, and a test
that knows only the description (``tests/api/test_anything_sent.py``) finds every other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

__all__ = ["PROBLEM", "DescribedAPI"]

PROBLEM = "application/problem+json"
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "A refusal (RFC 9457). `code` is stable; the reference lists all. Some carry facts of their own.",
    "type": "object",
    "required": ["type", "code", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "description": "Which fields are wrong, and why.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "object"}},
            },
        },
        "retry_after": {"type": "integer", "description": "Seconds, as in the header Retry-After."},
        "trace": {"type": "string", "description": "Under this id the log tells more."},
    },
}
WORDS = {
    400: "Malformed: not JSON, or a character that no text of ours has",
    401: "No token, or one that is not valid (any more)",
    403: "This actor may not do it",
    404: "No such thing, or one that this actor may not know of",
    409: "The thing is in another state, or changed in between",
    413: "Too large",
    415: "A kind of file that is not taken",
    422: "Something in the request is wrong: `errors` says what",
    429: "Too much or too often: come again after `Retry-After` seconds",
    503: "Not now: come again after `Retry-After` seconds",
}
WRITING = {"post", "put", "patch", "delete"}


def refusals_of(method: str, path: str, operation: dict[str, Any]) -> Iterator[int]:
    """Yield the statuses with which an operation may refuse."""
    yield from (400, 401, 429, 503)
    if "{" in path or method in WRITING or operation.get("security"):
        yield from (403, 404)
    if "{" in path or method in WRITING or operation.get("parameters"):
        yield 422
    if method in WRITING:
        yield 409
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        yield from (413, 415)


class DescribedAPI(NinjaAPI):
    """Ninja's API with its refusals in the description."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**kwargs)
        described["components"].setdefault("schemas", {})["Problem"] = SCHEMA
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                for status in refusals_of(method, path, operation):
                    answer: dict[str, Any] = {"description": WORDS[status], "content": content}
                    if status in (429, 503):
                        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
                    operation["responses"].setdefault(status, answer)
        return described
