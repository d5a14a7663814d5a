"""An engine for tests of `Child`: it answers, hangs, crashes, swells or prints, as it is asked."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from frontdesk.media.recognition.child import Answer, serve
from frontdesk.ports import RecognitionFailed


def load(arguments: Sequence[str]) -> Callable[[Answer], Answer]:
    def engine(request: Answer) -> Answer:
        match request["do"]:
            case "answer":
                print("an engine's chatter")
                sys.stdout.flush()
                return {"pid": os.getpid(), "arguments": list(arguments)}
            case "environment":
                return dict(os.environ)
            case "refuse":
                raise RecognitionFailed("no text here")
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "swell":
                return {"size": len(bytearray(8 * 1024**3))}
            case _:
                time.sleep(600)
        return {}

    return engine


if __name__ == "__main__":
    serve(load)
