"""Remote assistants of a desk, which answer as a test tells them to."""

from assistants.servers import Scripted
from pipeline.desk import Desk


async def give_brain(
    desk: Desk, brain: Scripted, *, default: bool = True, **options: float
) -> None:
    """Adds it as `brain`, which asks once and waits for nothing. `default`: it answers for all."""
    options = {"retries": 0, "pause_seconds": 0, **options}
    await desk.app.assistants.create(
        desk.domain.domain_id,
        "brain",
        {"name": "Brain", "model": f"remote:{brain.url}/vac", "options": options},
    )
    if default:
        await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="brain")
