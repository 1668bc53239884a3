"""The system's python3, every object by malloc, over sources of its own library (census.py). Trees are
walked by recursion in C and in Python: nearly every tenth allocation comes from a new stack."""

from pathlib import Path

from harness.program import Program

SCRIPT = Path(__file__).with_name("census.py")


def prepare(_context, _room, size):
    return ["/usr/bin/python3", "-s", "-P", SCRIPT, "25" if size == 1 else "3"]


PROGRAM = Program("python3 trees", "PYTHONMALLOC=malloc, census.py: syntax trees", prepare,
                  variables={"PYTHONMALLOC": "malloc"})
