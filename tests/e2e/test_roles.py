"""The local AWS really refuses what a function's role does not allow; else a story that works under roles would prove nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from local.running.shop import SENDER, LocalShop
from local.stack.emulator import REGION
from tests.e2e.outsider import Outsider

pytestmark = pytest.mark.xdist_group("local_shop")

REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


class Role:
    """A function's own credentials, as its running process has them."""

    def __init__(self, shop: LocalShop, function: str) -> None:
        process = shop.until(f"{function} has a process", lambda: shop.stack.function_pids().get(function, []))[0]
        variables = (Path("/proc") / str(process) / "environ").read_bytes().decode().split("\0")
        self._given = dict(variable.partition("=")[::2] for variable in variables)
        self._endpoint = shop.stack.endpoint

    def client(self, service: str) -> Any:
        """A client that is nobody but this function."""
        return botocore.session.Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id=self._given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._given["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self._given["AWS_SESSION_TOKEN"],
        )


@pytest.fixture
def outputs(shop: LocalShop, outsider: Outsider) -> dict[str, str]:
    """The stack's outputs, with an order on its way so that functions run."""
    order = outsider.act("buy", sku="HL-KID-120", buyer="berlin")["order"]
    shop.until("the mail is there", lambda: outsider.letters(order))
    return shop.stack.outputs


def refused(call: Any, **arguments: Any) -> bool:
    """True when the role is not allowed to; other errors are the test's."""
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in REFUSALS:
            raise
        return True
    return False


def test_who_takes_webhooks_in_may_send_them_on_and_read_no_order(shop: LocalShop, outputs: dict[str, str]) -> None:
    role = Role(shop, "receive_webhook")
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    assert refused(role.client("dynamodb").get_item, TableName=outputs["OrdersTableName"], Key=key)
    sqs = role.client("sqs")
    entries = [{"Id": "0", "MessageBody": "{}"}]
    assert refused(sqs.send_message_batch, QueueUrl=outputs["PlacePurchaseOrderQueueUrl"], Entries=entries)
    assert refused(sqs.send_message, QueueUrl=outputs["NotifyCustomerDeadLetterQueueUrl"], MessageBody="{}")
    for name in ("cj/secrets", "lamp-shop/secrets", "lamp-shop/token", "lamp-shop/webhook", "-/webhooks/lamp-shop"):
        assert refused(role.client("ssm").get_parameter, Name=f"{outputs['SecretsPrefix']}/{name}")
    for folder in ("", "/lamp-shop", "/-"):
        assert refused(role.client("ssm").get_parameters_by_path, Path=f"{outputs['SecretsPrefix']}{folder}")
    assert not refused(role.client("ssm").get_parameters_by_path, Path=f"{outputs['SecretsPrefix']}/-/webhooks")
    name = f"{outputs['SecretsPrefix']}/cj/token"
    assert refused(role.client("ssm").put_parameter, Name=name, Value="x", Type="SecureString", Overwrite=True)


def test_who_writes_to_customers_may_do_so_from_the_shops_address_only(
    shop: LocalShop, outputs: dict[str, str]
) -> None:
    role = Role(shop, "notify_customer")
    letter = {
        "Destination": {"ToAddresses": ["nobody@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    }
    mail = role.client("sesv2").send_email
    assert refused(mail, FromEmailAddress="other@example.com", **letter)
    assert not refused(mail, FromEmailAddress=f"Nordlight <{SENDER}>", **letter)
    assert refused(role.client("sns").publish, TopicArn=outputs["OperatorTopicArn"], Message="x")
    assert refused(role.client("ssm").get_parameter, Name=f"{outputs['SecretsPrefix']}/cj/secrets")


def test_nobody_may_delete_or_scan_orders(shop: LocalShop, outputs: dict[str, str]) -> None:
    table = outputs["OrdersTableName"]
    for function in ("ingest_order", "notify_customer"):
        dynamodb = Role(shop, function).client("dynamodb")
        assert refused(dynamodb.scan, TableName=table)
        assert refused(dynamodb.delete_item, TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
        assert refused(dynamodb.delete_table, TableName=table)


def test_who_looks_alerts_and_reconciles_may_write_no_order(
    shop: LocalShop, outsider: Outsider, outputs: dict[str, str]
) -> None:
    assert outsider.webhook(b'{"nobody": "knows this"}', topic="orders/unheard_of") == 200  # an alert follows
    shop.stack.invoke("dispatch_schedules", {"schedule": "statement"})  # what AWS does at night
    orders, key = outputs["OrdersTableName"], {"pk": {"S": "a"}, "sk": {"S": "b"}}
    for function in ("alert_merchant", "dispatch_schedules", "reconcile_store", "write_statement"):
        dynamodb = Role(shop, function).client("dynamodb")
        assert refused(dynamodb.put_item, TableName=orders, Item=key), function
        assert refused(dynamodb.transact_write_items, TransactItems=[{"Put": {"TableName": orders, "Item": key}}])
        if function != "write_statement":  # at night it writes down what each store sold of a SKU
            assert refused(dynamodb.put_item, TableName=outputs["CatalogueTableName"], Item=key), function
    for function in ("alert_merchant", "dispatch_schedules"):
        assert refused(Role(shop, function).client("dynamodb").get_item, TableName=orders, Key=key), function
    alerts = Role(shop, "dispatch_schedules").client("sqs")
    assert refused(alerts.send_message, QueueUrl=outputs["AlertMerchantQueueUrl"], MessageBody="{}")


def test_who_tells_customers_and_works_out_prices_reads_the_configuration_and_deletes_none(
    shop: LocalShop, outputs: dict[str, str]
) -> None:
    key = {"pk": {"S": "CONFIG"}, "sk": {"S": "CURRENT"}}
    for function in ("notify_customer", "recalculate_price"):
        dynamodb = Role(shop, function).client("dynamodb")
        assert not refused(dynamodb.get_item, TableName=outputs["ControlTableName"], Key=key)
        assert refused(dynamodb.delete_item, TableName=outputs["ControlTableName"], Key=key), function


def test_who_calls_vendors_reads_their_keys_and_not_the_secrets_of_webhooks(
    shop: LocalShop, outputs: dict[str, str]
) -> None:
    ssm = Role(shop, "place_purchase_order").client("ssm")
    assert not refused(ssm.get_parameter, Name=f"{outputs['SecretsPrefix']}/cj/secrets", WithDecryption=True)
    assert refused(ssm.get_parameter, Name=f"{outputs['SecretsPrefix']}/-/webhooks/cj", WithDecryption=True)
