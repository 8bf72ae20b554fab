"""What EasyPost accepts in each request: closed, so that a misspelt field is found."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from local.sandbox.kit.api import Body

Text = Annotated[str, Field(min_length=1, max_length=300)]


class TrackerFields(Body):
    """Without `carrier` EasyPost derives it from the number."""

    tracking_code: Text
    carrier: Text | None = None


class CreateTracker(Body):
    tracker: TrackerFields


class CustomHeader(Body):
    name: Text
    value: str


class WebhookFields(Body):
    url: Text
    webhook_secret: str | None = None
    custom_headers: list[CustomHeader] | None = None


class CreateWebhook(Body):
    webhook: WebhookFields


class UpdateWebhook(Body):
    """An address cannot be changed."""

    webhook_secret: str | None = None
