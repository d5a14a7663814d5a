"""What makes the package readable and its layers real, held by its syntax trees."""

import ast
import re
import subprocess
import sys

import pytest

from architecture.source import ROOT, Module, constant_lines, docstring_lines, functions, modules

MODULE_LINES = 400
FUNCTION_LINES = 40

LONG_MODULES: dict[str, str] = {
    "ports.py": "2026-11-21: the protocols of carriers, of stores and of recognisers in one place",
}
LONG_FUNCTIONS: dict[str, str] = {
    "app/wiring.py:_wire": "2026-11-21: a line for each service of everything",
    "app/http.py:web_app": "2026-11-21: the routes and the services of everything",
}
"""Exceptions, each with its date and reason. Remove one when it is no longer needed."""

SYSTEM_TX: dict[str, str] = {
    "channels/service.py:all_active": "the worker catches up every domain's channels",
    "channels/service.py:knows_verify_token": "Meta asks before it names a channel",
    "channels/service.py:save_metadata": "whether another domain owns a number",
    "channels/service.py:ensure": "whether any domain owns a number",
    "cli/doctor.py:_contents": "counts what the whole installation holds, for its operator",
    "conversations/desk.py:wake_snoozed": "upkeep of all domains' conversations",
    "conversations/manual.py:send_due": "upkeep: which domains' scheduled messages are due",
    "conversations/service.py:_record": "intake: one transaction takes in many domains' messages",
    "conversations/service.py:finish_turn": "a turn lane, by its key, with the opt-out it decided",
    "conversations/service.py:unpark": "upkeep of all domains' statuses",
    "conversations/service.py:forget_parked": "the same",
    "conversations/service.py:rescue_lanes": "upkeep of all domains' lanes",
    "media/service.py:tidy": "upkeep of all domains' files",
    "domains/service.py:create": "a domain that does not exist yet",
    "domains/service.py:by_name": "the command line acts for the operator",
    "domains/service.py:all": "the command line acts for the operator",
    "domains/service.py:ensure_owner": "the first start, before there is a domain",
    "domains/limits.py:_take": "attempts to sign in, before anybody is known",
    "domains/limits.py:_give_back": "the same",
    "domains/people.py:invitation": "whether the person belongs to other domains, too",
    "domains/sessions.py:end": "the caller's own session, of whichever domain",
    "domains/sessions.py:end_all": "the caller's own sessions, of all their domains",
    "domains/sessions.py:set_password": "the caller's own, in all their domains",
    "domains/sessions.py:switch": "the caller's own session goes to another of their domains",
    "domains/sign_in.py:_begin_for": "an e-mail leads to its domain",
    "domains/sign_in.py:accept": "an invitation's token leads to its domain",
    "domains/sign_in.py:by_link": "a link's token leads to its domain",
    "billing/ledger.py:tell_low": "upkeep: which domains' balances fell",
    "outreach/campaigns.py:tend": "upkeep: which domains' campaigns are to begin or have ended",
    "outreach/dispatch.py:look": "what is due, of all domains",
    "outreach/email/pulling.py:claim": "upkeep: which domains' mailboxes are due",
    "outreach/imports.py:_give_way": "whether another domain's file waits",
    "outreach/imports.py:claim": "upkeep: which domains' files are to be read",
    "outreach/progress.py:_look": "which domains' campaigns wrote in conversations that changed",
    "outreach/repeats.py:make_due": "upkeep: which domains' repeated campaigns are due",
    "outreach/writing.py:claim": "what assistants are to write, of all domains",
    "search/service.py:tidy": "upkeep of the index over all domains' messages",
}
ACQUIRE: dict[str, str] = {
    "channels/service.py:find": "an address leads to its domain",
    "conversations/service.py:domain_of": "which of the caller's own domains; bound by their ids",
    "conversations/service.py:domain_of_message": "the same for a message",
    "conversations/service.py:sessions": "over the caller's own domains; bound by their ids",
    "conversations/service.py:wake": "a notification; no tenant's data",
    "db/changes.py:flush": "a notification; no tenant's data",
    "db/tenancy.py:_transaction": "where transactions are made",
    "db/tenancy.py:autocommit": "where lanes' connections are given out",
    "domains/service.py:authenticate": "a token leads to its domains",
    "domains/sessions.py:of": "the caller's own sessions, by the person",
    "domains/sign_in.py:by_password": "an e-mail leads to its domains",
    "domains/sign_in.py:by_verified_email": "the same",
    "domains/sign_in.py:invited": "a token leads to its invitation",
    "domains/sign_in.py:sign_out": "a session leads to its domain",
    "media/service.py:find": "which of the caller's own domains; any for a signed address",
    "media/service.py:find_path": "which of the caller's own domains",
    "pipeline/health.py:_backlog": "counts jobs; no tenant's data",
}
AUTOCOMMIT: dict[str, str] = {
    "channels/service.py:reserve_all": "channels' places in their rates, by their keys",
    "conversations/delivery.py:claim_all": "delivery lanes, by their keys",
    "conversations/delivery.py:next_messages": "the same",
    "conversations/delivery.py:release": "the same",
    "conversations/delivery.py:sending_all": "the same",
    "conversations/delivery.py:_sending_paid": "the same",
    "conversations/delivery.py:sent_all": "the same",
    "conversations/service.py:finish_turn": "a turn lane, by its key",
    "pipeline/turn.py:run": "a turn lane, by its key; its assistant",
}
"""The places that see more than one domain, each with its reason."""

SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
SQL_ELSEWHERE: dict[str, str] = {
    "cli/doctor.py": "2026-11-21: counts the tables of the whole installation for its operator",
}


def names() -> list[str]:
    return [module.name for module in modules()]


def module(name: str) -> Module:
    return next(each for each in modules() if each.name == name)


def is_store(name: str) -> bool:
    return "/_store" in name or name.startswith("db/")


def calls_of(attribute: str) -> set[str]:
    """`module:function` of each place where something's `attribute` is used."""
    found: set[str] = set()
    for each in modules():
        for function in functions(each):
            nested = {
                id(inner)
                for other in ast.walk(function)
                if isinstance(other, ast.FunctionDef | ast.AsyncFunctionDef) and other != function
                for inner in ast.walk(other)
            }
            for node in ast.walk(function):
                if id(node) in nested or not isinstance(node, ast.Attribute):
                    continue
                if node.attr == attribute and not isinstance(node.ctx, ast.Store):
                    found.add(f"{each.name}:{function.name}")
    return found


def test_only_listed_places_see_every_domain() -> None:
    assert calls_of("system_tx") == set(SYSTEM_TX)


def test_only_listed_places_use_a_connection_outside_a_transaction() -> None:
    assert calls_of("acquire") == set(ACQUIRE)


def test_only_the_lanes_statements_go_without_a_transaction() -> None:
    assert calls_of("autocommit") == set(AUTOCOMMIT)


@pytest.mark.parametrize("name", names())
def test_sql_stands_in_stores_only(name: str) -> None:
    if is_store(name) or name in SQL_ELSEWHERE:
        return
    each = module(name)
    for node in ast.walk(each.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = SQL.search(node.value)
            assert found is None, f"{name}:{node.lineno} holds SQL: {found and found[0][:60]}"


def test_a_store_is_imported_in_its_own_package_only() -> None:
    for each in modules():
        own = each.name.split("/")[0]
        for node in ast.walk(each.tree):
            targets: list[str] = []
            if isinstance(node, ast.ImportFrom):
                targets = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            for target in targets:
                if "._store" in target:
                    assert target.startswith(f"frontdesk.{own}."), f"{each.name} imports {target}"


@pytest.mark.parametrize("name", names())
def test_a_module_says_why_it_exists(name: str) -> None:
    assert (ast.get_docstring(module(name).tree) or "").strip(), f"{name} has no docstring"


@pytest.mark.parametrize("name", names())
def test_a_module_is_short_enough_to_read(name: str) -> None:
    each = module(name)
    lines = len(each.text.splitlines()) - docstring_lines(each.tree) - constant_lines(each)
    if name in LONG_MODULES:
        assert lines > MODULE_LINES, f"{name} needs no exception any more"
        return
    assert lines <= MODULE_LINES, f"{name} has {lines} lines"


@pytest.mark.parametrize("name", names())
def test_a_function_is_short_enough_to_read(name: str) -> None:
    each = module(name)
    for function in functions(each):
        end = function.end_lineno or function.lineno
        # A command's options are its help text: the signature is not counted.
        lines = end - function.body[0].lineno + 1 - docstring_lines(function)
        place = f"{name}:{function.name}"
        if place in LONG_FUNCTIONS:
            assert lines > FUNCTION_LINES, f"{place} needs no exception any more"
        else:
            assert lines <= FUNCTION_LINES, f"{place} has {lines} lines"


def test_every_exception_names_something_that_exists() -> None:
    places = {f"{each.name}:{function.name}" for each in modules() for function in functions(each)}
    assert set(LONG_MODULES) | set(SQL_ELSEWHERE) <= set(names())
    assert set(LONG_FUNCTIONS) <= places


CARRIERS = {"twilio", "meta", "aws_social", "whatsapp_cloud"}


def test_nothing_asks_which_carrier_it_is() -> None:
    for each in modules():
        if each.name.startswith(("carriers/", "sandbox/")):
            continue
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Compare):
                values = [node.left, *node.comparators]
            elif isinstance(node, ast.MatchValue):
                values = [node.value]
            else:
                continue
            named = [v for v in values if isinstance(v, ast.Constant) and v.value in CARRIERS]
            assert not named, f"{each.name}:{values[0].lineno} compares with a carrier's name"


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout
