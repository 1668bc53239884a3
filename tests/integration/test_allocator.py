"""The allocator's own figures by size class: against what a victim holds, against what the profiler
counts, and not where looking could hang the program."""

import csv
import io

from harness import ANALYZER, Case, main, report, run, victim

# The size classes of jemalloc that the victim's sizes fall into.
CLASSES = {100: 112, 1280: 1280, 5000: 5120, 20000: 20480, 1 << 20: 1 << 20}


class Allocator(Case):
    def held(self, count, threads=1, end="return", options=()):
        name = f"{count}-{threads}-{end}" + "".join(options)
        done = self.profile([victim("classes"), str(count), str(threads), end], name=name,
                            memprof_options=options)
        return done, done.trace()

    @staticmethod
    def by_class(trace):
        return {row["size"]: row["held"] for row in trace.allocator["classes"]}

    def check(self, threads, options=()):
        """What a run holds beyond one that makes no blocks is what the victim says."""
        _, without = self.held(0, threads, options=options)
        done, trace = self.held(500, threads, options=options)
        self.assertTrue(trace.allocator["at_end"] and without.allocator["at_end"])
        before, now = self.by_class(without), self.by_class(trace)
        difference = {size: now.get(size, 0) - before.get(size, 0) for size in now}
        truth = {CLASSES[int(size)]: held for size, held in done.truth.items()}
        self.assertEqual({size: held for size, held in difference.items() if held}, truth)
        return done, trace, without

    def test_classes_hold_what_the_program_holds(self):
        self.check(1)

    def test_and_what_its_threads_left(self):
        self.check(4)

    def test_in_other_modes(self):
        self.check(1, ("--mode", "sampled"))
        self.check(1, ("--mode", "off"))

    def test_bytes_are_those_that_the_profiler_counts(self):
        """Usable bytes live, by the profiler's own books, are the sum over classes."""
        _, trace, without = self.check(2)
        difference = sum(row["size"] * row["held"] for row in trace.allocator["classes"]) - \
            sum(row["size"] * row["held"] for row in without.allocator["classes"])
        self.assertEqual(difference,
                         trace.totals()["live_usable"] - without.totals()["live_usable"])

    def test_classes_agree_with_themselves_and_the_sums(self):
        _, trace = self.held(500)
        found = trace.allocator
        for row in found["classes"]:
            self.assertEqual(row["allocated"] - row["freed"], row["held"], row)
            if row["slab_bytes"]:
                self.assertEqual(row["slab_bytes"], row["size"] * row["slab_regions"], row)
                self.assertLessEqual(row["held"], row["slabs"] * row["slab_regions"], row)
        sums = trace.last("allocator")
        self.assertEqual(sum(row["size"] * row["held"] for row in found["classes"]),
                         sums["allocated"])
        arenas = found["arenas"]
        self.assertEqual(sum(row["held"] for row in arenas), sums["allocated"])
        self.assertEqual(sum(row["active"] for row in arenas), sums["active"])
        self.assertEqual(sum(row["metadata"] for row in arenas), sums["metadata"])
        self.assertEqual((found["dirty_decay_ms"], found["muzzy_decay_ms"]), (10000, 0))

    def test_no_look_from_a_signal_handler(self):
        """Who ends in a handler may hold the allocator's locks for ever."""
        for end in ("handler", "alternate"):
            _, trace = self.held(500, end=end)
            self.assertFalse((trace.allocator or {}).get("at_end", False), end)

    def test_an_allocator_of_its_own_has_no_classes(self):
        done = self.profile([victim("own_malloc")])
        text = run([ANALYZER, "report", "--report", "allocator", done.trace().path]).stdout.decode()
        self.assertIn("WARNINGS", text)

    def test_the_reports_say_the_same(self):
        _, trace = self.held(500)
        for kind in ("allocator", "dev-details"):
            said = report(trace.path, "--report", kind)["allocator"]
            self.assertEqual({row["size"]: row["held"] for row in said["classes"]},
                             self.by_class(trace))
            way = said["way"]
            self.assertEqual(way["live"] + way["rounding"] + way["beside"] + way["spare"] +
                             way["unused"] + way["metadata"], way["resident"])
            self.assertEqual(way["live"], trace.totals()["live_bytes"])
            text = run([ANALYZER, "report", "--report", kind, trace.path]).stdout.decode()
            self.assertRegex(text, rf"1,280 +{self.by_class(trace)[1280]}\b")
            self.assertRegex(text, r"given back to the\s+kernel, dirty ones")
            # What is not known of a class is told, and what is known of all.
            totals = trace.totals()
            self.assertRegex(text, r"asked\s+for\s+is\s+not\s+recorded\s+by\s+class")
            self.assertEqual((said["requested_bytes"], said["usable_bytes"]),
                             (totals["allocated_bytes"], totals["allocated_usable"]))
        table = run([ANALYZER, "report", "--report", "allocator", "--format", "csv",
                     trace.path]).stdout.decode()
        self.assertEqual({int(row["size"]): int(row["held"])
                          for row in csv.DictReader(io.StringIO(table))}, self.by_class(trace))


if __name__ == "__main__":
    main()
