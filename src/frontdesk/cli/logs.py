"""Structured logs: for people on a terminal, else a JSON object per line. Always on stderr.

Tracebacks show no local variables, because those hold tokens and what customers wrote.
"""

import logging
import os
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

FOR_PEOPLE = "FRONTDESK_LOGS_FOR_PEOPLE"
"""Set by `up` for its children, whose standard error it passes on to a terminal."""

QUIET = ("pgqueuer", "uvicorn", "asyncio", "aiohttp", "httpx", "httpcore", "openai", "anthropic")
"""Libraries whose everyday messages say nothing to an operator."""


def configure(process: str, *, debug: bool, quiet: bool = False) -> None:
    """Routes our own logs and the libraries' through one renderer.

    `process` is named in each entry; `quiet` is from warnings up.
    """
    level = logging.DEBUG if debug else logging.WARNING if quiet else logging.INFO
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _naming(process),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _rendering(_for_people())
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _for_people() -> bool:
    """Standard error is a terminal, or the parent's is, which passes ours on."""
    return sys.stderr.isatty() or os.environ.get(FOR_PEOPLE) == "1"


def _naming(process: str) -> Processor:
    def name(_: object, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return name


def _rendering(for_people: bool) -> list[Processor]:
    if for_people:
        return [
            structlog.dev.ConsoleRenderer(
                colors="NO_COLOR" not in os.environ,
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
