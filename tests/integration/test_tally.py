"""Real programs, each counted twice in one and the same run: by memprof, and by a library of a page
that stands before it (tests/victims/plugins/tally.c). So nothing has to be the same in two runs, and
the two must agree to the last call.

What the counter sees besides is what memprof has the loader do at its start (it opens libunwind),
which is the same in every program: tests take it from one.
"""

import os
import tempfile
from pathlib import Path

from harness import LIBRARY, Case, main, profile, run, victim

NOTHING = ["perl", "-e", "1"]
CXX = """#include <map>
#include <string>
#include <vector>
std::map<std::string, std::vector<std::string>> m;
int main() { for (int i = 0; i < 9; i++) m[std::to_string(i)].push_back("x"); return (int)m.size() - 9; }
"""
PERL = "my %n; $n{$_ % 977} .= $_ x 3 for 1 .. 30000; print scalar(keys %n), qq(\\n);"
PYTHON = ("import json; a = [{'n': i, 's': str(i) * 3} for i in range(3000)];"
          "print(len(json.dumps(json.loads(json.dumps(a)))))")
SQL = ("create table t(a integer primary key, b text); with recursive n(i) as (select 1 union all select i + 1 from n "
       "where i < 3000) insert into t select i, hex(i * 7919) from n; create index x on t(b); select count(*) from t;")


class Tally(Case):
    def count(self, program, **variables):
        """(calls by memprof, by the counter) of one run of a program."""
        room = Path(tempfile.mkdtemp(dir=self.directory))
        tally = room / "tally"
        done = profile(["env", f"LD_PRELOAD={victim('plugins/tally.so')}:{LIBRARY}", f"TALLY={tally}", *program],
                       room, env={**os.environ, **variables})
        self.assertEqual(done.status, 0, done.stderr)
        trace = next(trace for trace in done.traces() if trace.header["command"][0] == program[0])
        totals = trace.totals()
        return totals["allocations"] + totals["moved_in"], int.from_bytes(tally.read_bytes(), "little")

    def expect_same(self, program, least, **variables):
        ours, tally = self.count(NOTHING)
        own = tally - ours
        self.assertLess(own, 100, "the loader's")
        ours, tally = self.count(program, **variables)
        self.assertEqual(ours, tally - own)
        self.assertGreater(ours, least)

    def test_compiler(self):
        source, preprocessed = self.directory / "x.cc", self.directory / "x.ii"
        source.write_text(CXX)
        self.assertEqual(run(["g++", "-E", source, "-o", preprocessed]).returncode, 0)
        compiler = run(["g++", "-print-prog-name=cc1plus"]).stdout.decode().strip()
        self.expect_same([compiler, "-quiet", "-O1", "-fpreprocessed", str(preprocessed), "-o", "/dev/null"], 50000)

    def test_perl(self):
        self.expect_same(["perl", "-e", PERL], 10000)

    def test_python(self):
        self.expect_same(["/usr/bin/python3", "-c", PYTHON], 50000, PYTHONMALLOC="malloc")

    def test_sqlite(self):
        self.expect_same(["sqlite3", "-init", "/dev/null", ":memory:", SQL], 5000)


if __name__ == "__main__":
    main()
