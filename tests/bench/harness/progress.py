"""What is being measured, on standard error: one line that is rewritten, on a terminal only."""

import os
import sys
import time


class Progress:
    def __init__(self, quiet):
        self.live = not quiet and sys.stderr.isatty()
        self.plain = not quiet and not self.live
        self.colour = self.live and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.started = time.monotonic()

    def doing(self, text):
        """A step that the next one overwrites."""
        if self.live:
            dim, plain = ("\x1b[2m", "\x1b[0m") if self.colour else ("", "")
            print(f"\r\x1b[K{dim}{self.elapsed()}  {text}{plain}", end="", file=sys.stderr, flush=True)

    def done(self, text):
        """A line that stays."""
        if self.live:
            print("\r\x1b[K", end="", file=sys.stderr)
        if self.live or self.plain:
            print(f"{self.elapsed()}  {text}", file=sys.stderr, flush=True)

    def elapsed(self):
        seconds = int(time.monotonic() - self.started)
        return f"{seconds // 60:3d}:{seconds % 60:02d}"
