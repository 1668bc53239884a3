"""What a real program is for the benchmark: how it is prepared, run, and known to have done its work."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

FULL, TENTH = 1.0, 0.1  # sizes of the work; a tenth is for tools that would need minutes


def digest(data):
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Program:
    name: str
    about: str
    # (context, size) → the program's command; called once a size, in a directory that stays
    prepare: Callable[[object, Path, float], list]
    variables: dict = field(default_factory=dict)
    # (what it printed, directory it ran in) → what must be the same in every run
    result: Callable[[bytes, Path], str] = lambda output, _scratch: digest(output)
