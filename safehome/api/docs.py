"""The OpenAPI description, as a file for programs and as a page for people.

The page is rendered here, from that same description: the ready-made ones need inline scripts, which our content
security policy refuses, and are hard to use without sight. It holds no personal data and is open to anybody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from safehome.api.problems import MEDIA_TYPE
from safehome.api.schema import REFUSALS

Schema = dict[str, Any]

LANGUAGE = "en"
"""The names in the API are English, and so is their description, whatever the reader has chosen."""


class OpenApi(SpectacularAPIView):
    """The description as YAML, or as JSON when that is what is accepted."""

    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with translation.override(LANGUAGE):
            return super().get(request, *args, **kwargs)  # type: ignore[no-any-return, no-untyped-call]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """How to get in, every operation with an example, every shape."""
    described = description()
    context = {
        "groups": groups(described, request.build_absolute_uri("/").rstrip("/")),
        "shapes": [Shape.of(name, schema) for name, schema in shown_shapes(described)],
        "refusals": [(status.value, prose(text)) for status, text in REFUSALS.items()],
        "schemes": schemes(described),
    }
    return render(request, "api/docs.html", context)


@cache
def description() -> Schema:
    """Made once: it changes only with the code."""
    with translation.override(LANGUAGE):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return json.loads(json.dumps(made, default=str))  # type: ignore[no-any-return]


def shown_shapes(described: Schema) -> Iterator[tuple[str, Schema]]:
    """What is an object; plain choices are written out where they are used."""
    for name, schema in described["components"]["schemas"].items():
        if "properties" in schema:
            yield name, schema


# --- Types in words ----------------------------------------------------------------------------------------


def in_words(schema: Schema) -> SafeString:
    """`text`, `list of Named`, `one of a, b`: the type of a value, with links to the shapes."""
    words = _in_words(schema)
    return format_html("{} or null", words) if schema.get("nullable") else words


def _in_words(schema: Schema) -> SafeString:
    if "$ref" in schema:
        return _named(schema["$ref"].rsplit("/", 1)[1])
    if alternatives := schema.get("allOf") or schema.get("oneOf"):
        words = (in_words(one) for one in alternatives)
        return format_html_join(" or ", "{}", ((word,) for word in words if word))
    if "enum" in schema:
        return _choices(schema["enum"])
    if schema.get("type") == "array":
        return format_html("list of {}", in_words(schema["items"]))
    return format_html("{}", schema.get("format") or schema.get("type") or "anything")


def _named(name: str) -> SafeString:
    schema = description()["components"]["schemas"][name]
    if "properties" in schema:
        return format_html('<a class="ds-link" href="#shape-{0}">{0}</a>', name)
    return in_words(schema)


def _choices(values: list[Any]) -> SafeString:
    return format_html_join(" | ", "<code>{}</code>", ((value,) for value in values if value not in ("", None)))


def prose(text: str) -> SafeString:
    """Paragraphs, lists, and `code`: as much of Markdown as the descriptions use. Lists of choices, which have stars,
    are left out: the type says them."""
    blocks = (block for block in text.strip().split("\n\n") if block and not block.startswith("* "))
    return format_html_join("", "{}", ((_block(block),) for block in blocks))


def _block(block: str) -> SafeString:
    lines = block.splitlines()
    if all(line.startswith("- ") for line in lines):
        items = format_html_join("", "<li>{}</li>", ((_inline(line[2:]),) for line in lines))
        return format_html("<ul>{}</ul>", items)
    return format_html("<p>{}</p>", _inline(block))


def _inline(text: str) -> SafeString:
    parts = enumerate(re.split(r"`([^`]+)`", text))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if place % 2 else part,) for place, part in parts)
    )


# --- What the page shows -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """A parameter, or a property of a shape. `mark` says what is out of the ordinary: a parameter that is required, a
    property that is optional."""

    name: str
    type: SafeString
    mark: str
    text: SafeString


@dataclass(frozen=True)
class Shape:
    name: str
    text: SafeString
    fields: list[Field]

    @classmethod
    def of(cls, name: str, schema: Schema) -> "Shape":
        required = set(schema.get("required", ()))
        fields = [
            Field(key, in_words(inner), "" if key in required else "optional", prose(inner.get("description", "")))
            for key, inner in schema["properties"].items()
        ]
        return cls(name, prose(schema.get("description", "")), fields)


@dataclass(frozen=True)
class Answer:
    status: str
    text: SafeString
    type: SafeString

    @classmethod
    def of(cls, status: str, answer: Schema) -> "Answer":
        media: list[Schema] = list(answer.get("content", {}).values())
        shape = in_words(media[0]["schema"]) if media else SafeString()
        return cls(status, prose(answer.get("description", "")), shape)


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    text: SafeString
    parameters: list[Field]
    body: SafeString | None
    answers: list[Answer]
    curl: str


@dataclass(frozen=True)
class Scheme:
    """A way to say who is asking."""

    title: str
    text: SafeString
    example: str

    @classmethod
    def of(cls, scheme: Schema) -> "Scheme":
        if scheme["type"] == "http":
            return cls(scheme["x-title"], prose(scheme["description"]), "Authorization: Bearer $TOKEN")
        words = "Pages of Safehome itself speak as whoever has signed in; what changes anything needs the CSRF token."
        return cls("A browser's session", prose(words), f"Cookie: {scheme['name']}=…")


def schemes(described: Schema) -> list[Scheme]:
    """Tokens first: the page is for those who write programs."""
    found = described["components"]["securitySchemes"].values()
    return [Scheme.of(scheme) for scheme in sorted(found, key=lambda scheme: scheme["type"] != "http")]


@dataclass(frozen=True)
class Group:
    name: str
    operations: list[Operation]


def groups(described: Schema, base: str) -> list[Group]:
    """Operations by the first word of their path, in the order of the description."""
    found: dict[str, list[Operation]] = {}
    for path, item in described["paths"].items():
        for method, operation in item.items():
            found.setdefault(operation["tags"][0], []).append(_operation(method.upper(), path, operation, base))
    return [Group(name.replace("-", " ").capitalize(), operations) for name, operations in found.items()]


def _operation(method: str, path: str, operation: Schema, base: str) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    return Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        text=prose(operation.get("description", "")),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", ())],
        body=in_words(content["application/json"]["schema"]) if content else None,
        answers=[Answer.of(status, answer) for status, answer in operation["responses"].items() if not _common(answer)],
        curl=_curl(method, f"{base}{path}", content, public={} in operation.get("security", [{}])),
    )


def _common(answer: Schema) -> bool:
    """A refusal that the page tells of once for all operations."""
    media: Schema = answer.get("content", {}).get(MEDIA_TYPE, {})
    return media == {"schema": {"$ref": "#/components/schemas/Problem"}}


def _parameter(parameter: Schema) -> Field:
    mark = "required" if parameter.get("required") else ""
    return Field(parameter["name"], in_words(parameter["schema"]), mark, prose(parameter.get("description", "")))


def _curl(method: str, url: str, content: Schema, *, public: bool) -> str:
    """A command to try, in which what stands in capitals is to be filled in."""
    words = [f"curl -X {method}" if method != "GET" else "curl"]
    if not public:
        words.append('-H "Authorization: Bearer $TOKEN"')
    if content:
        words += ['-H "Content-Type: application/json"', f"-d '{json.dumps(_example(content), ensure_ascii=False)}'"]
    words.append(f'"{re.sub("{([a-z_]+)}", lambda match: match[1].upper(), url)}"')
    return " \\\n  ".join(words)


def _example(content: Schema) -> Any:
    """The first example in the description of the body."""
    return next(iter(content["application/json"]["examples"].values()))["value"]
