"""The real programs, in the order of the tables. A program is one file here."""

from . import cc1plus, colony, python3_records, python3_trees, sim_bench, sqlite3

ALL = [cc1plus.PROGRAM, colony.PROGRAM, python3_records.PROGRAM, python3_trees.PROGRAM,
       sqlite3.PROGRAM, sim_bench.PROGRAM]
