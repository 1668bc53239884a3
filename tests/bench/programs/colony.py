"""An allocation-heavy agent simulator in C++ (colony.cc)."""

from harness.program import Program


def prepare(context, _room, size):
    return [context.helpers / "colony", "250" if size == 1 else "75", "2000"]


PROGRAM = Program("colony", "agent simulator in C++ (colony.cc)", prepare)
