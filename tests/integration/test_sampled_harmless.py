"""Programs behave in sampled mode as they do without: the cases of exact mode once more, but for those
that are about exact counts, with samples so dense that sampled and passing blocks meet everywhere."""

import json

import harness
import test_harmless
import test_hostile

harness.ALWAYS += ["--mode", "sampled=256"]

ABOUT_EXACT_COUNTS = {
    "test_all_descriptors_closed", "test_handlers_that_leave_by_a_jump",
    "test_handlers_that_leave_a_first_event_by_a_jump",
    "test_a_frame_pointer_that_is_none", "test_a_child_with_a_clean_environment",
    "test_seventy_forks_in_a_row", "test_more_threads_than_the_tables_hold",
    "test_threads_that_free_after_their_last_destructor",
    # That a block is freed twice is only seen where each has a record.
    "test_a_block_freed_twice_is_not_given_out_twice",
}


def sampled(case):
    """A class of cases without those, which a loader passes over where they are no function."""
    return type(f"Sampled{case.__name__}", (case,), {name: None for name in ABOUT_EXACT_COUNTS})


class SampledJumps(harness.Case):
    def test_handlers_that_leave_a_first_event_by_a_jump(self):
        for call in ("gettid", "memfd_create"):
            with self.subTest(call=call):
                done = self.profile([harness.victim("hostile_control"), "entry", call], call)
                self.assertIn(b"jumps: 1\n", done.stderr)
                pid = json.loads(done.stdout)["pid"]
                trace, = [trace for trace in done.traces() if trace.header["pid"] == pid]
                made = trace.by_phase()["afterwards"]
                for figure in ("allocations", "frees"):
                    self.assertLess(abs(made[figure] / 200_000 - 1), 0.02)


for module in (test_harmless, test_hostile):
    for name, case in list(vars(module).items()):
        if isinstance(case, type) and case.__module__ == module.__name__:
            globals()[f"Sampled{name}"] = sampled(case)

del case  # or the loader would take it for one more

if __name__ == "__main__":
    harness.main()
