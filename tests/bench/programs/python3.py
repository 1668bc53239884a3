"""The system's python3, every object by malloc, over sources of its own library (census.py)."""

from pathlib import Path

from harness.program import Program

SCRIPT = Path(__file__).with_name("census.py")


def prepare(_context, _room, size):
    return ["/usr/bin/python3", "-I", SCRIPT, "40" if size == 1 else "4"]


PROGRAM = Program("python3", "PYTHONMALLOC=malloc, census.py on its own library", prepare,
                  variables={"PYTHONMALLOC": "malloc"})
