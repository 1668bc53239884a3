"""The real programs, in the order of the tables. A program is one file here."""

from . import cc1plus, colony, python3, sim_bench, sqlite3

ALL = [cc1plus.PROGRAM, colony.PROGRAM, python3.PROGRAM, sqlite3.PROGRAM, sim_bench.PROGRAM]
