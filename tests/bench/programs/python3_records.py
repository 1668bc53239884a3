"""The system's python3, every object by malloc, on records as scripts work on them (records.py)."""

from pathlib import Path

from harness.program import Program

SCRIPT = Path(__file__).with_name("records.py")


def prepare(_context, _room, size):
    return ["/usr/bin/python3", "-s", "-P", SCRIPT, "24000" if size == 1 else "2400"]


PROGRAM = Program("python3", "PYTHONMALLOC=malloc, records.py: JSON, CSV, groups, text", prepare,
                  variables={"PYTHONMALLOC": "malloc"})
