"""What the operator was told: a queue at the operator's topic, as a merchant may subscribe one."""

from __future__ import annotations

import json

from local.stack import Stack

QUEUE = "demo-alerts"


class Alerts:
    """Alerts that went out since this was made, oldest first."""

    def __init__(self, stack: Stack) -> None:
        sns, self._sqs = stack.client("sns"), stack.client("sqs")
        (topic,) = (row["TopicArn"] for row in sns.list_topics()["Topics"] if "OperatorTopic" in row["TopicArn"])
        self._url = self._sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": json.dumps(policy)})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self._heard: list[str] = []

    def about(self, order: str) -> list[str]:
        """The texts of those that concern an order, by its name (#1001)."""
        while found := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self._heard.append(json.loads(message["Body"])["Message"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [text for text in self._heard if order in text.split()]
