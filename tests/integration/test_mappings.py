"""Memory beside the heap: what programs map by themselves, and what their own pools hand out, against
the victims' own counts; and that none of it is in the heap's figures."""

import json

from harness import Case, line_of, main, run, victim

FIELDS = {"allocations": "allocations", "allocated_bytes": "allocated_bytes", "frees": "frees",
          "temporaries": "temporaries", "reallocations": "moved_in", "live_bytes": "live_bytes",
          "live_blocks": "live_blocks"}


class Beside(Case):
    def check(self, truth, trace, memory=""):
        for phase, expected in truth["phases"].items():
            sums = trace.beside(memory, phase)
            self.assertEqual({name: sums[field] for name, field in FIELDS.items()}, expected,
                             f"phase {phase} of {memory or 'mappings'}")

    def check_report(self, truth, kind):
        """The report's call-sites of one kind of memory, added up by phase, are the truth, too."""
        for phase, expected in truth["phases"].items():
            sites = [site for site in kind["call_sites"] if site["phase"] == phase]
            for key in ("allocations", "frees", "reallocations", "live_at_exit_bytes"):
                name = {"live_at_exit_bytes": "live_bytes"}.get(key, key)
                self.assertEqual(sum(site[key] for site in sites), expected[name],
                                 f"phase {phase}, {key} of its call-sites")

    def sites(self, trace, memory, source, site):
        """Counters of the stacks whose innermost function in that source is at the marked line."""
        line = line_of(source, site)
        cells = []
        for cell, (stack, _, its) in enumerate(trace.other_cells):
            symbols = [symbol for frame in trace.stack_frames(stack)
                       for symbol in trace.symbols.get(frame, []) if symbol[1].endswith(source)]
            if cell and trace.strings[its] == memory and symbols and symbols[0][2] == line:
                cells.append(cell)
        return trace.sums(cells, trace.other_sums)


class Mappings(Beside):
    def both(self, *argv):
        """The trace of the program and that of its forked child."""
        done = self.profile([victim("mappings"), *argv], name="-".join(("mappings", *argv)))
        parent, child = done.traces()
        self.check(done.truth, parent)
        mapped, = done.report(parent.path)["beside_heap"]
        self.assertEqual((mapped["memory"], mapped["pool"]), ("mapped", None))
        self.check_report(done.truth, mapped)
        self.assertNotIn("mappings_missed", parent.last("profiler"))
        return parent, child

    def test_every_way_to_map(self):
        trace, child = self.both()
        mapped = trace.beside()
        self.assertEqual(trace.last("process")["mapped_directly"], mapped["live_bytes"])
        self.assertLess(trace.totals()["allocated_bytes"], mapped["allocated_bytes"],
                        "the heap has none of it")
        self.assertEqual(trace.last("heap")["live_bytes"], trace.totals()["live_bytes"])

    def test_a_child_counts_what_it_maps_itself(self):
        _, child = self.both()
        sums = child.beside()
        self.assertEqual((sums["allocations"], sums["frees"], sums["live_bytes"]),
                         (1, 0, 3 * 4096))

    def test_every_way_to_map_in_8_threads(self):
        self.both("8")

    def test_marks_only(self):
        done = self.profile([victim("mappings")], memprof_options=("--mode", "off"))
        for trace in done.traces():
            self.assertEqual(trace.other_cells, [(0, 0, 0)])
            self.assertNotIn("mapped_directly", trace.last("process"))

    def test_a_program_does_as_it_does_without(self):
        plain = run([victim("mappings")])
        self.assertEqual(plain.returncode, 0, plain.stderr)
        done = self.profile([victim("mappings")])
        self.assertEqual(json.loads(plain.stdout), done.truth)


class Pools(Beside):
    def both(self, *argv):
        done = self.profile([victim("pools"), *argv], name="-".join(("pools", *argv)))
        parent, child = done.traces()
        for pool in ("agents", "scratch"):
            self.check(done.truth[pool], parent, pool)
        said = {kind["pool"]: kind for kind in done.report(parent.path)["beside_heap"]}
        self.assertEqual(set(said), {"agents", "scratch"})
        for pool, kind in said.items():
            self.check_report(done.truth[pool], kind)
        return parent, child

    def test_what_pools_hand_out(self):
        trace, _ = self.both()
        self.assertLess(trace.totals()["allocations"], 100, "the heap has none of it")
        taken = self.sites(trace, "agents", "pools.c", "take")
        self.assertEqual(taken["allocations"], trace.beside("agents")["allocations"])

    def test_in_4_threads(self):
        self.both("4")

    def test_a_child_keeps_the_pools_numbers(self):
        _, child = self.both()
        sums = child.beside("agents")
        self.assertEqual((sums["allocations"], sums["live_bytes"]), (1, 123))

    def test_without_a_profiler(self):
        done = run([victim("pools")])
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
