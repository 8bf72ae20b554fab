"""How every command is made: --json everywhere, --why where something is changed, and errors in words."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    SSOError,
    TokenRetrievalError,
)
from rich.text import Text

from local.cli.answer import Answer, console_to, json_text
from local.cli.shop import Shop
from orderwright.errors import Conflict, VendorError
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.people.fixes import fix_of_failure

Run = Callable[..., Answer]
NEEDS_YOU = 3
"""Exit code of `doctor` and of `status --check`, where something waits for a person. 2 is click's, for wrong usage."""


class WholeHelp(click.Group):
    """A group that lists its commands with their whole first sentence."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Rows of name and sentence, folded and never cut."""
        found = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        rows = [(name, one.get_short_help_str(_WHOLE)) for name, one in found if one is not None and not one.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


WholeHelp.group_class = type
_WHOLE = 1000


class Problem(Refused):
    """A refusal that lists several faults; `faults` are {"field", "message", "fix", "line"}."""

    def __init__(self, code: str, message: str, faults: list[dict[str, Any]], fix: str = "") -> None:
        super().__init__(code, message, fix)
        self.faults = faults


def command(group: click.Group, name: str, *, changes: bool = False) -> Callable[[Run], click.Command]:
    """Make a function (shop, ...) -> Answer a command of `group`. `changes`: it takes --why for the time line."""

    def made(run: Run) -> click.Command:
        @click.pass_context
        def callback(context: click.Context, /, as_json: bool, **values: Any) -> None:
            shop: Shop = context.find_object(Shop) or Shop()
            shop.why = values.pop("why", "") or shop.why
            try:
                answer = run(shop, **values)
                # A command in a line is for the same stack as the one that told it.
                lines = [shop.pasted(part) if isinstance(part, str) else part for part in answer.shown]
                replace(answer, shown=lines).print(as_json=as_json)
            except OSError as error:
                if error.filename is None:
                    raise
                _fail(Refused("FILE", f"{error.filename}: {error.strerror}", ""), shop, as_json=as_json)
            except (Refused, VendorError, Conflict, BotoCoreError, ClientError) as error:
                _fail(as_problem(error, shop), shop, as_json=as_json)
            if answer.failed or answer.needs_you:
                context.exit(1 if answer.failed else NEEDS_YOU)

        wrapped: Any = click.option("--json", "as_json", is_flag=True, help="The answer as JSON, for programs.")(
            callback
        )
        if changes:
            wrapped = click.option("--why", default="", help="Your reason, for the time line.")(wrapped)
        wrapped.__click_params__ = [*getattr(run, "__click_params__", []), *wrapped.__click_params__]
        wrapped.__doc__ = run.__doc__
        return group.command(name)(wrapped)

    return made


def as_problem(error: Exception, shop: Shop) -> Refused:
    """Any expected failure as a refusal: what is wrong, where, what to do."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, VendorError):
        return Refused(error.code, error.message, fix_of_failure(error))
    if isinstance(error, Conflict):
        return Refused("BUSY", "others keep changing this at the same moment", "run the command again")
    if isinstance(error, EndpointConnectionError):
        if shop.stack:  # its target is not asked for again: that is what could not be reached
            return Refused("NO_ANSWER", "AWS cannot be reached", "check --region and the network")
        return Refused("NO_ANSWER", "the stack on this machine does not answer", "is `make run` still running?")
    if isinstance(error, SSOError | TokenRetrievalError):
        named = f" --profile {shop.aws_profile}" if shop.aws_profile else ""
        return Refused("LOGGED_OUT", "your AWS log-in has ended or was never made", f"aws sso login{named}")
    if isinstance(error, NoCredentialsError):
        return Refused(
            "NO_CREDENTIALS",
            "there are no AWS credentials",
            "name your profile with --profile, or log in as for the AWS CLI: aws sso login",
        )
    if isinstance(error, NoRegionError):
        return Refused("NO_REGION", "no AWS region is set", "name it with --region, or set AWS_REGION")
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        code = str(answer.get("Code", "ClientError"))
        return Refused(f"AWS_{code}", f"AWS refused {error.operation_name}: {code}", _aws_fix(code))
    return Refused("AWS", f"AWS could not be asked: {type(error).__name__}", "run the command again")


_BAD_LOG_IN = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "RequestExpired")


def _aws_fix(code: str) -> str:
    if code.startswith("Expired") or code in _BAD_LOG_IN:
        return "log in again, or name your profile with --profile"
    if "AccessDenied" in code or "Unauthorized" in code:
        return "use credentials that may read and write this stack"
    if "NotFound" in code or "NonExistent" in code:
        return "the stack was taken down or replaced since; start `make run` again, or check --stack"
    return "run the command again"


def _fail(problem: Refused, shop: Shop, *, as_json: bool) -> None:
    problem.fix = shop.pasted(problem.fix)
    faults = problem.faults if isinstance(problem, Problem) else []
    if as_json:
        told = {"code": problem.code, "message": problem.message, "fix": problem.fix, "faults": faults}
        print(json_text({"error": told}))
        sys.exit(1)
    console = console_to(sys.stderr)
    line = Text("error: ", style="bold red") + console.render_str(problem.message, style="default")
    console.print(line, soft_wrap=True)
    for fault in faults:
        place = f"line {fault['line']}: " if fault.get("line") else ""
        field = f"{fault['field']}: " if fault.get("field") else ""
        fix = f" ({fault['fix']})" if fault.get("fix") else ""
        console.print(f"  {place}{field}{fault['message']}{fix}", soft_wrap=True)
    if problem.fix:
        console.print(f"  fix: {problem.fix}", soft_wrap=True)
    sys.exit(1)
