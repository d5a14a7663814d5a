"""Recordings: how long they are, what they look like as a waveform, and as a WAV."""

from pathlib import Path

from frontdesk.media.decoding.containers import duration_of, opened, sound_of
from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.decoding.sound import hear, too_long
from frontdesk.media.model import Findings


def inspect(path: Path, out: Path, limits: Limits, findings: Findings) -> None:
    with opened(path, "recording") as container:
        stream = sound_of(container)
        if stream is None:
            raise Unreadable("There is no sound in the file.")
        findings.duration = duration_of(container, stream)
        if findings.duration and findings.duration > limits.sound_seconds:
            raise too_long(findings.duration, limits)
        findings.duration = hear(container, stream, out, limits, findings)
