"""What AWS says of the account that a stack runs in: `orderwright doctor`. Nothing is sent or changed.

The names of fields and states are those of botocore's models of sesv2 and sns. What SNS answers where no spending limit was
ever set could not be confirmed: then none is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session

from orderwright.ports.operator import OK, UNKNOWN, Check, Probe, judged

FAILURES = (BotoCoreError, ClientError)
"""What the probes raise."""
_DENIED = ("AccessDenied", "AuthorizationError", "UnauthorizedOperation")
_NO_SUCH_CALL = frozenset({"InvalidAction", "UnknownOperation", "UnknownOperationException", "NotImplemented"})
_ACTION = re.compile(r"to perform: ([\w-]+:\w+)")
_SECONDS = 8


@dataclass(frozen=True)
class Account:
    """A stack's place in its account. `client_of` gives clients by service; `sends_texts`: does any store want them?

    `here`: an AWS on this machine, where nobody proves a domain or confirms a subscription.
    """

    client_of: Callable[[str], Any]
    api_url: str
    sender: str
    configuration_set: str
    operator_topic: str
    sends_texts: Callable[[], bool]
    here: bool = False

    def probes(self) -> dict[str, Probe]:
        """By the name of what is looked at."""
        return {
            "webhook address": self._api,
            "mail sender": self._sender,
            "mail account": self._mail_account,
            "mail configuration set": self._set,
            "text messages": self._text_messages,
            "alerts": self._alerts,
        }

    def _api(self) -> list[Check]:
        url = f"{self.api_url.rstrip('/')}/webhooks/doctor"
        status = URLLib3Session(timeout=_SECONDS).send(AWSRequest("POST", url, data=b"{}").prepare()).status_code
        fix = "`make deploy` again; if it stays so, look at the logs of receive_webhook"
        # 401: receive_webhook read its list of addresses, and this one is not on it.
        wrong = [] if status == 401 else [(f"a post to it is answered {status}, where 401 is right", fix)]
        return judged("webhook address", wrong, "it answers, and refuses what is not authentic")

    def _sender(self) -> list[Check]:
        ses, domain = self.client_of("sesv2"), self.sender.rpartition("@")[2]
        parts = domain.split(".")
        found: dict[str, Any] = {}
        for identity in (self.sender, *(".".join(parts[n:]) for n in range(len(parts) - 1))):
            try:
                found[identity] = ses.get_email_identity(EmailIdentity=identity)
            except ses.exceptions.NotFoundException:
                continue
        verified = [held for held in found.values() if held.get("VerifiedForSendingStatus")]
        signing = [held.get("DkimAttributes", {}) for held in verified]
        signed = any(one.get("Status") == "SUCCESS" and one.get("SigningEnabled") for one in signing)
        if self.here and not signed:
            return [Check("mail sender", UNKNOWN, f"{self.sender}: no domain is behind it on this machine")]
        what = "mails are not signed (DKIM): many go to spam" if verified else "it is not verified: nothing goes out"
        verb, region = "get" if domain in found else "create", ses.meta.region_name
        fix = f"aws sesv2 {verb}-email-identity --email-identity {domain} --region {region}   # add its records to the DNS"
        return judged("mail sender", [] if signed else [(f"{self.sender}: {what}", fix)], f"{self.sender}, with DKIM")

    def _mail_account(self) -> list[Check]:
        held = self.client_of("sesv2").get_account()
        status, console = held.get("EnforcementStatus"), "SES console, Account dashboard: "
        wrong = []
        if not held.get("SendingEnabled") or status == "SHUTDOWN":
            wrong.append(("sending is paused; mails wait", f"{console}see why, and answer AWS there"))
        if not held.get("ProductionAccessEnabled"):
            what = "it is in SES's sandbox: mails reach verified addresses only"
            wrong.append((what, f"{console}Request production access"))
        if status == "PROBATION":
            wrong.append(("AWS reviews it: mails come back, or complaints", f"{console}see why; stop what causes it"))
        return judged("mail account", wrong, "in production")

    def _set(self) -> list[Check]:
        ses, called = self.client_of("sesv2"), self.configuration_set
        try:
            held = ses.get_configuration_set(ConfigurationSetName=called)
        except ses.exceptions.NotFoundException:
            return judged("mail configuration set", [(f"{called} is gone: no mail goes out", "make deploy")], "")
        sends = held.get("SendingOptions", {}).get("SendingEnabled", True)
        wrong = (f"{called} is paused: no mail goes out", "SES console, Configuration sets: Enable sending")
        return judged("mail configuration set", [] if sends else [wrong], called)

    def _text_messages(self) -> list[Check]:
        sns, wrong = self.client_of("sns"), []
        if not self.sends_texts():
            return [Check("text messages", OK, "no store sends any")]
        if sns.get_sms_sandbox_account_status()["IsInSandbox"]:
            fix = 'SNS console, Text messaging: Exit SMS sandbox; or, for none: sms_consent_attribute: "" at each store'
            wrong.append(("SNS is in its SMS sandbox: they reach verified numbers only", fix))
        limit = sns.get_sms_attributes(attributes=["MonthlySpendLimit"]).get("attributes", {}).get("MonthlySpendLimit")
        if limit == "0":
            fix = f"aws sns set-sms-attributes --attributes MonthlySpendLimit=10 --region {sns.meta.region_name}"
            wrong.append(("the monthly spending limit is 0 USD: none goes out", fix))
        return judged("text messages", wrong, f"allowed; at most {limit} USD a month" if limit else "allowed")

    def _alerts(self) -> list[Check]:
        sns, topic = self.client_of("sns"), self.operator_topic
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        held = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
        confirmed = sum(arn.startswith("arn:") for arn in held)
        if self.here and not held:
            return [
                Check("alerts", UNKNOWN, "nobody subscribes on this machine; `orderwright status` says what is wrong")
            ]
        fix = (
            f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint you@your-domain "
            f"--region {sns.meta.region_name}   # then open the link in the mail"
        )
        if held:
            fix = "open the link in the mail that AWS sent; look in spam, too"
        what = "nobody hears them: " + ("a subscription waits to be confirmed" if held else "nobody is subscribed")
        return judged("alerts", [] if confirmed else [(what, fix)], f"{confirmed} confirmed")


def cannot_look(name: str, error: Exception) -> Check | None:
    """What a refused look means where it says nothing of the stack: no right to look, or no such call here; else None."""
    if not isinstance(error, ClientError):
        return None
    code, message = (str(error.response.get("Error", {}).get(part, "")) for part in ("Code", "Message"))
    if code.startswith(_DENIED):
        asked = _ACTION.search(message)
        right = asked[1] if asked else error.operation_name
        return Check(name, UNKNOWN, f"your AWS rights do not suffice: {right} is missing", f"allow yourself {right}")
    if code in _NO_SUCH_CALL:
        return Check(name, UNKNOWN, f"this endpoint cannot say: it has no {error.operation_name}")
    return None
