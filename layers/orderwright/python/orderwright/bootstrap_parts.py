"""What one worker has: clock, settings, clients, storage, secrets, connectors. Made at first use; see bootstrap.py."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from orderwright.aws.settings import TableNames, profile, setting
from orderwright.messages import Message, NotAMessage, parse

if TYPE_CHECKING:
    from orderwright.aws.dynamo import DynamoStorage
    from orderwright.aws.files import S3Files
    from orderwright.aws.notifier import NotifierClients
    from orderwright.aws.secrets import SecretStore, SsmCredentials
    from orderwright.aws.token_lease import TokenLeases
    from orderwright.bootstrap_connectors import Connectors
    from orderwright.connectors.context import Context
    from orderwright.connectors.deadline import Deadline
    from orderwright.connectors.http import Transport
    from orderwright.domain.config import Config
    from orderwright.domain.connection_settings import Connection
    from orderwright.domain.timing import Timing
    from orderwright.ports.connection import Credentials
    from orderwright.ports.out import Files, RemoteFiles
    from orderwright.tracking_links import TrackingLinks
    from orderwright.usecases.repricing.kept import KeptInputs
    from orderwright.usecases.routing.lately import Lately


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
    def lately(self) -> Lately:
        """Kill switches and scorecards, as read in the last minute."""
        from orderwright.usecases.routing.lately import Lately

        return Lately(self.storage, self.clock)

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
        """The last good stock files (ports.feed.Snapshots)."""
        from orderwright.aws.snapshots import S3Snapshots

        return S3Snapshots(self.client("s3"), self.setting("SNAPSHOTS_BUCKET"))

    @cached_property
    def kept_inputs(self) -> KeptInputs:
        """All that prices were made of, day by day."""
        from orderwright.aws.kept_inputs import S3KeptInputs

        return S3KeptInputs(self.client("s3"), self.setting("SNAPSHOTS_BUCKET"))

    @cached_property
    def connectors(self) -> Connectors:
        """The typed ways to the connectors."""
        from orderwright.bootstrap_connectors import Connectors

        return Connectors(self.config, self._built, self.credentials)

    def _built(self, connection: str, settings: Connection, credentials: Credentials) -> Any:
        from orderwright.bootstrap_connectors import builder

        return builder(settings.kind)(self.context(connection, settings, credentials))

    def context(self, connection: str, settings: Connection, credentials: Credentials) -> Context[Any]:
        """One connection's world, with the ways out that its kind declares."""
        from orderwright.connectors.context import Context
        from orderwright.declarations import Way
        from orderwright.registry import declaration

        declared = declaration(settings.kind)
        ways = declared.ways
        return Context(
            connection,
            settings,
            credentials,
            self.deadline.transport(self.transport, connection),
            self.clock,
            self.timing.windows.http_timeout,
            (lambda: self.orders_by_mail) if Way.MAIL in ways else None,
            (lambda: self._files(connection)) if Way.FILES in ways else None,
            self._sftp(connection, settings, credentials) if Way.SFTP in ways else None,
            page=(lambda: self._page(connection)) if declared.page else None,
            shop=lambda: self.config().merchant.name,
        )

    def _sftp(
        self, connection: str, settings: Connection, credentials: Credentials
    ) -> Callable[[str, str], RemoteFiles]:
        def sign_in(address: str, host_key: str) -> RemoteFiles:
            from orderwright.connectors import sftp

            timeout = self.timing.windows.http_timeout.total_seconds()
            old = bool(getattr(settings, "old_algorithms", False))
            # A server of an incremental file that hangs is not the one of the full file.
            whom = f"{connection} at {address.rpartition('@')[2].partition('/')[0]}"
            within = partial(self.deadline.call, whom)
            way = sftp.SftpWay(connection, credentials, self._profile, timeout, within, old)
            return sftp.sign_in(way, address, host_key)

        return sign_in

    def _files(self, connection: str) -> Files:
        from orderwright.aws.files import S3Files

        return S3Files(self.client("s3"), self.setting("FILES_BUCKET"), connection)

    def bill_files(self, connection: str) -> S3Files:
        """The bills that a supplier sent."""
        from orderwright.aws.files import S3Files

        return S3Files(self.client("s3"), self.setting("FILES_BUCKET"), connection, "bills")

    def tracking_links(self, *, fresh: bool = False) -> TrackingLinks:
        """How the links to customers' pages are made; the parameter is read once in some minutes. Raises Retryable."""
        from orderwright.tracking_links import PARAMETER, TrackingLinks

        return TrackingLinks.of(self.secrets.read_or_later(*PARAMETER, fresh=fresh))

    def page_link(self, pk: str, mark: str) -> str:
        """The link to an order's page, "" where it has none. A key that is newer than what was read is looked for at once."""
        if not mark:
            return ""
        return self.tracking_links().link(pk, mark) or self.tracking_links(fresh=True).link(pk, mark)

    def _page(self, connection: str) -> str:
        """Where the supplier's page is, as `connect` kept it."""
        from orderwright.errors import Misconfigured

        url = str((self.secrets.read(connection, "webhook") or {}).get("url", ""))
        if not url:
            raise Misconfigured(
                f"connection {connection} has no page yet: run `orderwright connect {connection}`", code="NOT_CONNECTED"
            )
        return url

    def send(self, messages: Sequence[Message]) -> None:
        """Durably send messages to the queues they belong to."""
        from orderwright.aws.queues import send_all

        # By the folder's name: poll_stock -> POLL_STOCK_QUEUE_URL.
        send_all(self.client("sqs"), lambda function: self.setting(f"{function.upper()}_QUEUE_URL"), messages)

    @cached_property
    def notifier_in_time(self) -> Any:
        """The notifier, within this worker's time."""
        from orderwright.aws.notifier import LONGEST_SEND
        from orderwright.connectors.deadline import InTime

        return InTime(self.notifier, self.deadline, LONGEST_SEND)

    @cached_property
    def orders_by_mail(self) -> Any:
        """The notifier for a kind of supplier: it keeps silent no longer than any other supplier may (promise P1)."""
        from orderwright.aws.notifier import READ, longest_send
        from orderwright.connectors.deadline import InTime

        timeout = min(self.timing.windows.http_timeout, timedelta(seconds=READ))
        return InTime(self._notifier_within(timeout), self.deadline, longest_send(timeout).total_seconds())

    @cached_property
    def notifier(self) -> Any:
        """Mail, text messages and alerts, each with a single attempt."""
        from orderwright.aws.notifier import READ

        return self._notifier_within(timedelta(seconds=READ))

    def _notifier_within(self, timeout: timedelta) -> Any:
        if self._notifier is not None:
            return self._notifier
        from orderwright.aws.notifier import AwsNotifier

        merchant = self.config().merchant if self.setting_or("CONTROL_TABLE") else None
        return AwsNotifier(
            self._notifier_clients(timeout),
            sender=self.setting_or("SENDER_ADDRESS"),
            sender_name=merchant.name if merchant else "",
            reply_to=merchant.support_email if merchant else "",
            configuration_set=self.setting_or("MAIL_CONFIGURATION_SET"),
            alert_topic_arn=self.setting_or("OPERATOR_TOPIC_ARN"),
        )

    def _notifier_clients(self, timeout: timedelta) -> NotifierClients:
        from orderwright.aws.notifier import NotifierClients, notifier_clients

        if self._client_of is not None:
            return NotifierClients(sesv2=self._client_of("sesv2"), sns=self._client_of("sns"))
        from orderwright.aws.clients import boto3_session

        return notifier_clients(boto3_session(), timeout=timeout)

    def setting_or(self, name: str) -> str:
        """A setting that a function may lack."""
        return (os.environ if self._environ is None else self._environ).get(name, "")
