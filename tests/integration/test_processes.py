"""Every process has a trace of its own: after fork, exec, vfork, posix_spawn."""

import json

from harness import Case, main, run, victim
from test_heap_truth import FIELDS


class Processes(Case):
    def test_each_process_has_its_own_truth(self):
        done = self.profile([victim("processes")])
        lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
        traces = {trace.header["pid"]: trace for trace in done.traces()
                  if any(phase for phase in trace.by_phase())}
        self.assertEqual(set(traces), {line["pid"] for line in lines})
        for line in lines:
            trace, role = traces[line["pid"]], line["role"]
            with self.subTest(role=role):
                sums = trace.by_phase()[role]
                self.assertEqual({name: sums[field] for name, field in FIELDS.items()},
                                 line["phases"][role])
                self.assertEqual({phase for phase in trace.by_phase() if phase}, {role},
                                 "phases of other processes")
                self.assertEqual(trace.end["reason"], "exited")
                self.assertEqual(trace.header["origin"],
                                 "fork" if role.startswith("forked") else "exec")
        forked = next(line["pid"] for line in lines if line["role"] == "forked")
        self.assertEqual(traces[forked].last("profiler")["inherited_frees"], 5)

    def test_output_is_that_of_the_bare_program(self):
        def without_pids(text):
            return [json.loads(line) | {"pid": 0} for line in text.decode().splitlines()]
        bare = run([victim("processes")])
        self.assertEqual(without_pids(self.profile([victim("processes")]).stdout),
                         without_pids(bare.stdout))


if __name__ == "__main__":
    main()
