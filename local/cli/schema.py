"""The JSON Schema of orderwright.yaml for editors: made from the same models that check it. `orderwright schema`."""

from __future__ import annotations

import json
from typing import Any

from orderwright.domain.config import Config


def config_schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    made = Config.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Made by `orderwright schema`; do not edit.",
        **made,
        "title": "orderwright.yaml",
    }


def schema_text() -> str:
    """As it stands in docs/orderwright.schema.json."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"
