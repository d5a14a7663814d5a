"""The model servers' own variables (OPENAI_API_KEY, …), which whoever runs Frontdesk may set."""

import os

from frontdesk.assistants.model import KEY_VARIABLES, Assistant


def key(provider: str) -> str | None:
    """The key that assistants without one of their own use at the provider's own server."""
    variable = KEY_VARIABLES.get(provider)
    return (os.environ.get(variable) or None) if variable else None


def base_url(provider: str) -> str | None:
    """Another server for every assistant of the provider that names none."""
    openai = provider in ("openai", "openai-chat", "openai-responses")
    return (os.environ.get("OPENAI_BASE_URL") or None) if openai else None


def missing(assistant: Assistant) -> str | None:
    """What a model lacks to run, as far as this process can know; None when it has it all."""
    variable = KEY_VARIABLES.get(assistant.kind)
    server = assistant.base_url or base_url(assistant.kind)
    if variable is None and server is None:
        return f"{assistant.model} needs base_url, the address of the server that runs it"
    if server is None and not assistant.has_key and key(assistant.kind) is None:
        return f"{assistant.model} needs a key: send api_key, or set {variable} on the server"
    return None
