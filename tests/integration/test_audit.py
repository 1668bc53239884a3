"""Every stack that is taken is held against libunwind's, frame by frame, and against its interned
path: in code of every shape, and in real programs. None may differ."""

import os

from harness import VICTIMS, Case, main, run, victim

ENVIRONMENT = {**os.environ, "MEMPROF_AUDIT_PERIOD": "1"}
STATEMENTS = ("create table t(a integer primary key, b text);"
              "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
              "  insert into t select i, hex(i * 7919) from n;"
              "select count(*), max(length(b)) from t where b like '%3%' group by a % 7 order by 2;")
SCRIPT = ("import ast, json\n"
          "def walk(node):\n"
          "    return 1 + sum(walk(child) for child in ast.iter_child_nodes(node))\n"
          "print(walk(ast.parse('x = [f(y, z=[i * 2 for i in y]) for y in a]\\n' * 40)),\n"
          "      len(json.dumps([{'a': i, 'b': str(i)} for i in range(500)])))\n")


class Audit(Case):
    def audited(self, argv, least, name="run", **variables):
        """Runs a single-threaded program, and returns how many stacks were taken and audited."""
        done = self.profile(argv, name=name, env={**ENVIRONMENT, **variables})
        profiler = done.trace().last("profiler")
        captures, audits = profiler["captures"], profiler.get("audits", 0)
        self.assertEqual(profiler.get("audit_mismatches", 0), 0, argv)
        self.assertGreaterEqual(audits, least, argv)
        # All but those from before libunwind was opened, and those that end where nothing tells
        # the way, or that take all registers to walk.
        self.assertGreaterEqual(audits, 0.95 * captures, argv)
        return done

    def shapes(self, compiler, *flags, source="shapes.c"):
        built = self.directory / "shapes.so"
        run([compiler, "-shared", "-fPIC", *flags, VICTIMS / "unwind" / source, "-o", built], check=True)
        done = self.audited([victim("shapes_host"), built, "20"], 2_000)
        self.assertGreaterEqual(done.trace().totals()["allocations"], done.truth["pairs"])

    def test_code_with_frame_pointers(self):
        self.shapes("gcc", "-O0")

    def test_code_without_frame_pointers(self):
        self.shapes("gcc", "-O3", "-fomit-frame-pointer", "-s")

    def test_code_of_another_compiler(self):
        self.shapes("clang", "-O2")

    def test_code_that_throws(self):
        self.shapes("g++", "-O2", source="shapes.cc")

    def test_a_database(self):
        self.audited(["sqlite3", "-init", "/dev/null", ":memory:", STATEMENTS], 5_000)

    def test_an_interpreter(self):
        self.audited(["/usr/bin/python3", "-S", "-c", SCRIPT], 20_000, PYTHONMALLOC="malloc")


if __name__ == "__main__":
    main()
