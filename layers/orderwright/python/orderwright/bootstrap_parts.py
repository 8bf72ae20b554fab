"""What one worker has: clock, settings, clients, storage, secrets, connectors. Made at first use; see bootstrap.py."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orderwright.aws.settings import TableNames, profile, queue_url, setting
from orderwright.messages import Message, NotAMessage, parse

if TYPE_CHECKING:
    from orderwright.aws.dynamo import DynamoStorage
    from orderwright.aws.notifier import NotifierClients
    from orderwright.aws.secrets import SecretStore, SsmCredentials
    from orderwright.aws.token_lease import TokenLeases
    from orderwright.connectors.deadline import Deadline
    from orderwright.connectors.http import Transport
    from orderwright.domain.config import Config, Connection
    from orderwright.domain.timing import Timing
    from orderwright.ports import Credentials


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


def new_token() -> str:
    """A token that no other worker has."""
    return uuid.uuid4().hex


def tell_failure(logger: Any, body: str, error: Exception) -> None:
    """One line of the log for a message that failed and comes again: ids and the code, never the error's own words (P8)."""
    try:
        message = parse(body)
        what, told = f"{message.type} failed", message.log_fields
    except NotAMessage as problem:
        what, told = "not a message", {"problem": str(problem)}
    logger.warning(what, extra={**told, "code": getattr(error, "code", "") or type(error).__name__})


class Parts:
    """One worker's world. `client_of` gives AWS clients by service name; `environ` the function's settings."""

    def __init__(
        self,
        *,
        client_of: Callable[[str], Any] | None = None,
        transport: Transport | None = None,
        clock: Any = None,
        token: Callable[[], str] = new_token,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] | None = None,
        notifier: Any = None,
    ) -> None:
        self._client_of = client_of
        self._transport = transport
        self.clock = clock or SystemClock()
        self.token = token
        self.sleep = sleep
        self._environ = environ
        self._notifier = notifier
        self._connectors: dict[str, tuple[Any, Any]] = {}
        self._config: tuple[float, Config] | None = None
        self._asked: set[str] = set()

    def setting(self, name: str) -> str:
        """One setting of the function."""
        return setting(name) if self._environ is None else self._environ.get(name, "")

    @property
    def _profile(self) -> str:
        return profile() if self._environ is None else self._environ.get("PROFILE", "aws")

    def client(self, service: str) -> Any:
        """An AWS client."""
        if self._client_of is not None:
            return self._client_of(service)
        from orderwright.aws.clients import client

        return client(service)

    @cached_property
    def timing(self) -> Timing:
        """The waits of this profile."""
        from orderwright.domain.timing import timing_of

        return timing_of(self._profile)

    @cached_property
    def storage(self) -> DynamoStorage:
        """The three tables; a function's role decides which of them it may really use."""
        from orderwright.aws.dynamo import DynamoStorage

        names = {"orders": "ORDERS_TABLE", "catalogue": "CATALOGUE_TABLE", "control": "CONTROL_TABLE"}
        tables = TableNames(names, self.setting)
        return DynamoStorage(self.client("dynamodb"), tables, self.clock.now, self.token, self.sleep)

    @cached_property
    def secrets(self) -> SecretStore:
        """Secrets in SSM."""
        from orderwright.aws.secrets import SecretStore

        return SecretStore(self.client("ssm"), self.setting("SECRETS_PREFIX"), self.clock.now)

    def credentials(self, connection: str) -> SsmCredentials:
        """One connection's secrets, and its token with the lease of those who renew it."""
        from orderwright.aws.secrets import SsmCredentials

        return SsmCredentials(self.secrets, connection, self.token_leases.claim)

    @cached_property
    def token_leases(self) -> TokenLeases:
        """Who may renew which connection's token."""
        from orderwright.aws.token_lease import TokenLeases

        return TokenLeases(self.storage, self.clock.now, self.token)

    def config(self) -> Config:
        """The applied configuration, read again after `timing.config_cache`."""
        from orderwright.config_store import read_config

        now = self.clock.now().timestamp()
        if self._config is None or now - self._config[0] >= self.timing.config_cache.total_seconds():
            self._config = (now, read_config(self.storage))
        return self._config[1]

    @cached_property
    def transport(self) -> Transport:
        """HTTP towards vendors."""
        if self._transport is not None:
            return self._transport
        from orderwright.connectors.http import requests_transport

        return requests_transport(self._profile)

    @cached_property
    def deadline(self) -> Deadline:
        """What is left of the invocation's time, for this profile's waits."""
        from orderwright.connectors.deadline import Deadline

        return Deadline(self.timing.reserve.total_seconds())

    def begin(self, context: object) -> None:
        """A new invocation, with Lambda's context."""
        self.deadline.begin(context)

    def each_in_time(self, context: object, take: Callable[[Any], None], logger: Any) -> Callable[[Any], None]:
        """A new invocation that takes records one by one. What is left when its time ends is given back at once: `take`

        is not called for it, and Retryable is raised, so that it comes again in another batch. What fails is told to `logger`.
        """
        from orderwright.errors import OUT_OF_TIME, Retryable

        self.begin(context)

        def take_in_time(record: Any) -> None:
            if not self.deadline.in_time():
                raise Retryable("no time was left to begin with this message", code=OUT_OF_TIME)
            try:
                take(record)
            except Exception as error:
                tell_failure(logger, str(record.body), error)
                raise

        return take_in_time

    @cached_property
    def snapshots(self) -> Any:
        """The last good stock files (ports_snapshots.Snapshots)."""
        from orderwright.aws.snapshots import S3Snapshots

        return S3Snapshots(self.client("s3"), self.setting("SNAPSHOTS_BUCKET"))

    def connector(self, connection: str) -> Any:
        """The connector of a connection, made once per process and setting. Raises Misconfigured for an unknown one."""
        settings = self._settings_of(connection)
        held = self._connectors.get(connection)
        if held is None or held[0] != settings:
            made = self.connector_with(connection, self.credentials(connection))
            held = self._connectors[connection] = (settings, made)
        return held[1]

    def connector_with(self, connection: str, credentials: Credentials) -> Any:
        """A connector of its own with these credentials, which may be another's than those that are kept."""
        from orderwright.connectors.registry import builder

        settings = self._settings_of(connection)
        timeout = self.timing.windows.http_timeout
        transport = self.deadline.transport(self.transport, connection)
        return builder(settings.kind)(connection, settings, credentials, transport, self.clock, timeout)

    def _settings_of(self, connection: str) -> Connection:
        from orderwright.errors import Misconfigured

        settings = self.config().connections.get(connection)
        if settings is None:
            raise Misconfigured(f"there is no connection called {connection} in the applied configuration")
        return settings

    def carrier(self) -> Any:
        """The first carrier service that is connected, or None."""
        names = sorted(self.config().of_role("carrier"))
        return self.connector(names[0]) if names else None

    def send(self, messages: Sequence[Message]) -> None:
        """Durably send messages to the queues they belong to."""
        from orderwright.aws.queues import send_all

        if self._environ is None:
            send_all(self.client("sqs"), queue_url, messages)
        else:
            send_all(self.client("sqs"), lambda name: self.setting(f"{name.upper()}_QUEUE_URL"), messages)

    @cached_property
    def notifier_in_time(self) -> Any:
        """The notifier, within this worker's time."""
        from orderwright.aws.notifier import LONGEST_SEND
        from orderwright.connectors.deadline import InTime

        return InTime(self.notifier, self.deadline, LONGEST_SEND)

    @cached_property
    def notifier(self) -> Any:
        """Mail, text messages and alerts, each with a single attempt."""
        if self._notifier is not None:
            return self._notifier
        from orderwright.aws.notifier import AwsNotifier

        merchant = None if not self.setting_or("CONTROL_TABLE") else self.config().merchant
        return AwsNotifier(
            self._notifier_clients(),
            sender=self.setting_or("SENDER_ADDRESS"),
            sender_name=merchant.name if merchant else "",
            reply_to=merchant.support_email if merchant else "",
            configuration_set=self.setting_or("MAIL_CONFIGURATION_SET"),
            alert_topic_arn=self.setting_or("OPERATOR_TOPIC_ARN"),
        )

    def _notifier_clients(self) -> NotifierClients:
        from orderwright.aws.notifier import NotifierClients, notifier_clients

        if self._client_of is not None:
            return NotifierClients(sesv2=self._client_of("sesv2"), sns=self._client_of("sns"))
        from orderwright.aws.clients import boto3_session

        return notifier_clients(boto3_session())

    def setting_or(self, name: str, default: str = "") -> str:
        """A setting that a function may lack."""
        import os

        return (os.environ if self._environ is None else self._environ).get(name, default)
