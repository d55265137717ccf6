"""What the OpenAPI description says about `POST /api/v1/readings/`, which is no Django view (http.py)."""

from typing import Any

from django.conf import settings

from devices.intake.http import PATH
from devices.kinds import KINDS

Described = dict[str, Any]

AT = "2026-03-01T07:45:00+01:00"
PRESS: Described = {"device": "A8:40:41:00:01:02:03:04", "kind": "button", "value": 1, "at": AT}
WARMTH: Described = {"device": "thermometer-1", "kind": "temperature", "value": 21.5, "at": AT, "id": "4711"}


def describe() -> Described:
    """Paths and components to add to the description of the Django views."""
    return {
        "paths": {PATH: {"post": _operation()}},
        "components": {
            "schemas": {"SentReading": _reading(), "IntakeReceipt": _receipt(), "IntakeProblem": _problem()},
            "securitySchemes": {
                "gatewayToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "x-title": "A gateway's token",
                    "description": "A gateway's token. It speaks for the gateway's own devices only.",
                }
            },
        },
    }


def _operation() -> Described:
    return {
        "operationId": "readings_send",
        "summary": "Send readings",
        "description": (
            "One reading, a list of them, or NDJSON (one a line). Answered once they are durably stored. The good "
            "readings of a batch are kept even when others are not, and the answer says which. Sending the same "
            "again has no further effect: a reading is known by its `id`, or else by device, kind, value and time.\n\n"
            f"At most {settings.INTAKE_MAX_READINGS} readings and {settings.INTAKE_MAX_BYTES} bytes in one request."
        ),
        "tags": ["readings"],
        "security": [{"gatewayToken": []}],
        "requestBody": {"required": True, "content": _body()},
        "responses": _answers(),
    }


def _body() -> Described:
    one = {"$ref": "#/components/schemas/SentReading"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": settings.INTAKE_MAX_READINGS}
    examples = {
        "one": {"summary": "One reading", "value": PRESS},
        "list": {"summary": "A list", "value": [PRESS, WARMTH]},
    }
    return {
        "application/json": {"schema": {"oneOf": [one, many]}, "examples": examples},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One reading a line, each as JSON."},
            "example": '{"device": "door-1", "kind": "door", "value": "open", "at": "2026-03-01T02:14:09Z"}\n',
        },
    }


def _reading() -> Described:
    return {
        "type": "object",
        "description": "What a device has measured. Fields beyond these are ignored.",
        "required": ["device", "kind"],
        "properties": {
            "device": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "description": "The device's id. Case and the separators of a MAC address or EUI-64 don't matter.",
            },
            "kind": {"type": "string", "enum": list(KINDS), "description": "See `/api/v1/reading-kinds/`."},
            "value": {
                "nullable": True,
                "description": "A number, true or false, or one of the kind's words; within the kind's range.",
                "oneOf": [{"type": "number"}, {"type": "boolean"}, {"type": "string"}],
            },
            "at": {
                "type": "string",
                "format": "date-time",
                "description": "When it was measured (RFC 3339, with offset). Needed unless there is an `id`.",
            },
            "id": {
                "description": "The sender's own number of the message, unique for the gateway.",
                "oneOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "integer"}],
            },
        },
    }


def _receipt() -> Described:
    return {
        "type": "object",
        "required": ["receipt", "accepted", "duplicates", "reused_ids"],
        "properties": {
            "receipt": {"type": "string", "format": "uuid"},
            "accepted": {"type": "integer", "description": "How many are now stored that were not before."},
            "duplicates": {"type": "integer", "description": "How many had come before."},
            "reused_ids": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Ids that came again with another time: the gateway has lost count. They are stored.",
            },
        },
    }


def _problem() -> Described:
    """The problem details of the intake, which say what became of each reading."""
    error = {
        "type": "object",
        "required": ["index", "field", "reason"],
        "properties": {
            "index": {"type": "integer", "description": "Which reading, counted from 0."},
            "field": {"type": "string"},
            "reason": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            **_receipt()["properties"],
            "stored": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "The indexes of the readings that were kept.",
            },
            "errors": {"type": "array", "items": error, "description": "Those that were not, and why."},
            "limit": {"type": "integer", "description": "The greatest size that is taken, in bytes."},
        },
    }


def _answers() -> Described:
    wait = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before sending again."}}
    receipt = {"schema": {"$ref": "#/components/schemas/IntakeReceipt"}}
    return {
        "202": {"description": "All are durably stored.", "content": {"application/json": receipt}},
        "400": _refusal("Some or all could not be read; `stored` and `errors` say which."),
        "401": _refusal("No token, or one that is unknown or revoked."),
        "403": _refusal("The devices belong to another gateway."),
        "413": _refusal("Too many bytes."),
        "429": {**_refusal("Too much at once."), "headers": wait},
        "503": {**_refusal("The store is down: nothing was kept."), "headers": wait},
    }


def _refusal(description: str) -> Described:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/IntakeProblem"}}}
    return {"description": description, "content": content}
