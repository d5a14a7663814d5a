"""Exit codes: what a script learns from how a command ended.

0 done · 1 failed or refused · 2 wrong usage · 3 unavailable (try again later) · 130 interrupted
"""

import sys

from frontdesk.kernel.errors import FrontdeskError, Unavailable

DONE = 0
FAILED = 1
USAGE = 2
UNAVAILABLE = 3
INTERRUPTED = 130


def code_of(error: FrontdeskError) -> int:
    return UNAVAILABLE if isinstance(error, Unavailable) else FAILED


def complain(text: str) -> None:
    """One clear line (or the few that an error brings) on standard error."""
    print(f"frontdesk: {text}", file=sys.stderr)
