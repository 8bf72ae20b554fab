"""A maker of lamps without an API: its clerk reads mails in the sandbox's mailbox. What it was mailed is its ledger."""

from local.sandbox.factory.answers import Answer, AnswerSource, Known, nobody
from local.sandbox.factory.desk import ADDRESS, Factory, Mailed

__all__ = ["ADDRESS", "Answer", "AnswerSource", "Factory", "Known", "Mailed", "nobody"]
