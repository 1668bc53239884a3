"""Victims' own counts against the profiler's, exactly: allocations, bytes, frees, temporaries,
reallocations, what is live; with one thread and with many; in the trace and in the report."""

from harness import Case, line_of, main, report, victim

FIELDS = {"allocations": "allocations", "allocated_bytes": "allocated_bytes", "frees": "frees",
          "temporaries": "temporaries", "reallocations": "moved_in", "live_bytes": "live_bytes",
          "live_blocks": "live_blocks"}


class HeapTruth(Case):
    def check(self, *argv):
        """Runs a victim and holds its truth against trace and report."""
        done = self.profile([victim(argv[0]), *argv[1:]], name="-".join(argv))
        trace = done.trace()
        self.check_trace(done.truth["phases"], trace)
        self.check_report(done.truth["phases"], done.report(trace.path), trace)
        return done

    def check_trace(self, truth, trace):
        found = trace.by_phase()
        nothing = trace.sums([])
        for phase, expected in truth.items():
            sums = found.get(phase, nothing)
            self.assertEqual({name: sums[field] for name, field in FIELDS.items()}, expected,
                             f"phase {phase}")

    def check_report(self, truth, said, trace):
        """The report's call-sites, added up by phase, are the truth, too."""
        names = {"allocations": "allocations", "bytes_allocated": "allocated_bytes",
                 "temporary_allocations": "temporaries"}
        for phase, expected in truth.items():
            if expected["allocations"] == 0:
                continue
            sites = [site for site in said["call_sites"] if site["phase"] == phase]
            for key, field in names.items():
                self.assertEqual(sum(site[key] for site in sites), expected[field],
                                 f"phase {phase}, {key} of its call-sites")
            if "reallocations" in expected and not expected["reallocations"]:
                self.assertEqual(sum(site["live_at_exit_bytes"] for site in sites),
                                 expected["live_bytes"], f"phase {phase}, live at exit")
        self.check_totals(said["totals"], trace)

    def check_totals(self, totals, trace):
        """The analyzer's totals are the sums of the windows."""
        sums = trace.totals()
        self.assertEqual(
            {"allocations": sums["allocations"], "frees": sums["frees"],
             "reallocations": sums["moved_in"], "bytes_allocated": sums["allocated_bytes"],
             "temporary_allocations": sums["temporaries"],
             "live_at_exit_bytes": sums["live_bytes"],
             "live_at_exit_allocations": sums["live_blocks"],
             "peak_live_bytes": trace.last("heap")["peak_bytes"]},
            {name: totals[name] for name in
             ("allocations", "frees", "reallocations", "bytes_allocated", "temporary_allocations",
              "live_at_exit_bytes", "live_at_exit_allocations", "peak_live_bytes")})

    def test_every_function_of_c(self):
        self.check("counts")

    def test_every_function_of_c_in_8_threads(self):
        self.check("counts", "8")

    def test_every_operator_of_cpp(self):
        self.check("operators")

    def test_every_operator_of_cpp_in_8_threads(self):
        self.check("operators", "8")

    def test_reallocations_move_bytes(self):
        self.check("reallocs")

    def test_a_queue_has_no_temporaries(self):
        done = self.check("queue")
        self.assertEqual(done.truth["phases"]["fifo"]["temporaries"], 0)

    def test_blocks_freed_by_another_thread(self):
        for pairs in ("1", "4"):
            done = self.check("cross_free", pairs)
            produced = done.trace().by_phase()["produce"]
            self.assertEqual(produced["cross_frees"], produced["frees"])

    def test_blocks_freed_by_their_own_thread_are_no_cross_frees(self):
        done = self.check("counts", "4")
        phases = done.trace().by_phase()
        self.assertEqual(sum(phases[path]["cross_frees"] for path in done.truth["phases"]), 0)

    def test_threads_that_end_with_live_blocks(self):
        self.check("threads")

    def test_a_program_that_is_linked_to_jemalloc(self):
        self.check("jemalloc_user")


class Peak(Case):
    def of(self, *argv):
        done = self.profile([victim("peak"), *argv], name="peak" + "-".join(argv))
        trace = done.trace()
        phases = trace.by_phase()
        truth = done.truth
        self.assertEqual({phase: phases[phase]["live_bytes"] for phase in truth["live"]},
                         truth["live"])
        return truth, trace, phases

    def test_each_call_site_at_the_peak(self):
        truth, trace, phases = self.of("1024")
        self.assertEqual({phase: phases[phase]["peak_bytes"] for phase in truth["at_peak"]},
                         truth["at_peak"])
        heap = trace.last("heap")
        self.assertEqual(trace.totals()["peak_bytes"], heap["peak_bytes"],
                         "what the call-sites held at the peak adds up to it")
        self.assertEqual(heap.get("peak_error_bytes", 0), 0, "one thread: exact")
        said = report(trace.path)
        self.assertEqual(said["totals"]["peak_live_bytes"], heap["peak_bytes"])
        for phase, expected in truth["at_peak"].items():
            self.assertEqual(sum(site["peak_bytes"] for site in said["call_sites"]
                                 if site["phase"] == phase), expected)

    def test_the_peak_moves_by_what_the_program_moves(self):
        """Twice the unit, 42 units more, to the byte: whatever else the process allocates."""
        _, small, _ = self.of("1024")
        _, large, _ = self.of("2048")
        self.assertEqual(large.last("heap")["peak_bytes"] - small.last("heap")["peak_bytes"],
                         42 * 1024 * 1024)

    def test_the_peak_of_many_threads_is_within_the_stated_bound(self):
        truth, trace, _ = self.of("1024", "8")
        heap = trace.last("heap")
        bound = heap["peak_error_bytes"]
        self.assertLessEqual(bound, 9 * 64 * 1024)
        known = sum(truth["at_peak"].values())
        outside = trace.by_phase()[""]
        self.assertGreaterEqual(heap["peak_bytes"] + bound, known)
        self.assertLessEqual(heap["peak_bytes"] - bound, known + outside["allocated_bytes"])


class Sizes(Case):
    """The histogram of sizes, on either side of each of its limits (sizes.c)."""

    def test_each_allocation_is_in_the_bucket_of_its_size(self):
        expected = [0] * 16
        for e in range(21):
            for size, times in ((2 ** e, e + 1), (2 ** e + 1, 2)):
                expected[min(max((size - 1).bit_length() - 4, 0), 15)] += times
        done = self.profile([victim("sizes")])
        phases = done.trace().by_phase()
        said = report(done.trace().path, "--report", "memory")
        for phase in ("plain", "aligned"):
            self.assertEqual([phases[phase][f"size_{i}"] for i in range(16)], expected, phase)
            sites = [site for site in said["call_sites"]["churn"]["rows"]
                     if site["phase"] == phase]
            self.assertEqual([sum(counts) for counts in
                              zip(*(site["allocations_by_size"] for site in sites))], expected)


class Sites(Case):
    def test_call_sites_by_line(self):
        done = self.profile([victim("sites")])
        said = done.report()
        truth = done.truth
        del truth["depth"]
        for name, (allocations, allocated) in truth.items():
            line = line_of("sites.cc", name)
            with self.subTest(site=name):
                at = [site for site in said["call_sites"]
                      if site["line"] == line and str(site["file"]).endswith("sites.cc")]
                self.assertEqual((sum(site["allocations"] for site in at),
                                  sum(site["bytes_allocated"] for site in at)),
                                 (allocations, allocated), f"sites.cc:{line}")

    def test_each_depth_of_a_recursion_is_one_stack(self):
        done = self.profile([victim("sites")])
        trace = done.trace()
        cells = [cell for cell in range(1, len(trace.cells))
                 if any("allocate_deep" in name
                        for name in trace.stack_functions(trace.cells[cell][0]))]
        self.assertEqual(len(cells), 1)
        names = trace.stack_functions(trace.cells[cells[0]][0])
        self.assertEqual(sum("recursing" in name for name in names), done.truth["depth"], names)


class Lifecycle(Case):
    def test_allocations_before_and_after_main_and_in_handlers(self):
        done = self.profile([victim("lifecycle")])
        trace = done.trace()
        found = {}
        for function in done.truth:
            cells = [cell for cell in range(1, len(trace.cells))
                     if [name.split("::")[-1] for name in
                         trace.stack_functions(trace.cells[cell][0])[:2]] == ["allocate", function]]
            found[function] = trace.sums(cells)["allocations"]
        self.assertEqual(found, done.truth)

    def test_plug_ins_at_one_address_keep_their_own_stacks(self):
        rounds = 40
        done = self.profile([victim("plugin_host"), rounds, victim("plugins/alpha.so"),
                             victim("plugins/beta.so")])
        trace = done.trace()
        alpha, beta = trace.by_function("alpha_allocates"), trace.by_function("beta_allocates")
        self.assertEqual((alpha["allocations"], alpha["allocated_bytes"], alpha["live_bytes"]),
                         (3 * rounds, 90 * rounds, 30 * rounds))
        self.assertEqual((beta["allocations"], beta["allocated_bytes"], beta["live_bytes"]),
                         (2 * rounds, 140 * rounds, 0))


if __name__ == "__main__":
    main()
