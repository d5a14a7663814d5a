"""The templates that a model may answer with: how it is told of them, which one it chose."""

from collections.abc import Mapping, Sequence

from frontdesk.assistants.model import Assistant, ChosenTemplate, Turn
from frontdesk.channels.templates_model import Template, render, variables_in
from frontdesk.kernel.errors import Unprocessable

TOOL = "send_template"
LONGEST_BODY = 400
"""Characters of each that a model is shown."""


def told(templates: Sequence[Template]) -> str:
    """The templates as a part of the instructions."""
    return "\n".join(
        [
            "Ready-made messages of the business. When your instructions ask for one, or one says "
            f"just what is to be said, call {TOOL} with its name and a text for each of its "
            "variables, from what you know; never invent a variable's text.",
            *map(_line, templates),
        ]
    )


def _line(template: Template) -> str:
    header = (template.header or {}).get("text", "")
    text = " / ".join(filter(None, [header, template.body, template.footer or ""]))
    names = variables_in(template.header, template.body, template.footer, template.buttons)
    listed = f"variables {', '.join(names)}" if names else "no variables"
    shown = " ".join(text.split())[:LONGEST_BODY]
    return f"- {template.name}:{template.language} ({listed}): {shown}"


def chosen(
    name: str, variables: Mapping[str, str], turn: Turn, assistant: Assistant
) -> ChosenTemplate:
    """The template that is meant, filled in. Raises Unprocessable, in words for a model, too."""
    known = {f"{each.name}:{each.language}": each for each in turn.templates}
    found = [each for key, each in known.items() if name in (each.name, key)]
    if not found:
        raise Unprocessable(f"there is no template {name[:100]!r}; use one of {', '.join(known)}")
    # One name in several languages: the customer's, else the assistant's, else the first.
    wanted = [turn.language, assistant.language]
    found.sort(
        key=lambda each: next(
            (place for place, code in enumerate(wanted) if each.language[:2] == code), len(wanted)
        )
    )
    return ChosenTemplate(found[0], variables, render(found[0], variables))
