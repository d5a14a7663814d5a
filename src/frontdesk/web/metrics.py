"""What Prometheus reads. Processes of one machine share a directory, so any of them can answer.

`prometheus_client` decides at import whether values live in files: PROMETHEUS_MULTIPROC_DIR must
be set before this module is imported, which `frontdesk.cli` does.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

FAST = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

webhooks = Counter(
    "frontdesk_webhooks_total", "Carriers' calls, by outcome", ["carrier", "outcome"]
)
messages_in = Counter("frontdesk_messages_in_total", "Messages taken in, by channel", ["channel"])
messages_out = Counter(
    "frontdesk_messages_out_total",
    "Messages handed over, by channel and outcome",
    ["channel", "outcome"],
)
carrier_errors = Counter(
    "frontdesk_carrier_errors_total",
    "What carriers refused, by their code",
    ["carrier", "code", "remedy"],
)
ingest_batch = Histogram(
    "frontdesk_ingest_batch_size",
    "Webhooks that shared a commit",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
stage_seconds = Histogram(
    "frontdesk_stage_seconds", "How long a stage took", ["stage"], buckets=FAST
)
reply_seconds = Histogram(
    "frontdesk_reply_seconds", "From a webhook's arrival to the call that answers it", buckets=FAST
)
outreach = Counter(
    "frontdesk_outreach_total", "Recipients of campaigns and of /start, by outcome", ["outcome"]
)
low_balances = Counter(
    "frontdesk_low_balances_total", "Times that a balance fell below what people want to know of"
)
dead_letters = Counter("frontdesk_dead_letters_total", "Failures put aside for people", ["stage"])


def render(gauges: dict[str, float]) -> tuple[bytes, str]:
    """The metrics of every process on this machine, and values measured just now."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    lines = [generate_latest(registry).decode()]
    for name, value in gauges.items():
        lines.append(f"# TYPE frontdesk_{name} gauge\nfrontdesk_{name} {value}\n")
    return "".join(lines).encode(), CONTENT_TYPE_LATEST
