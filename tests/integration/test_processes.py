"""Every process has a trace of its own: after fork, exec, vfork, posix_spawn."""

import json
import os
import resource

from harness import ANALYZER, Case, MEMPROF, Run, main, run, victim
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

    def test_each_image_says_what_it_is(self):
        """However short its life is, and whatever its process was before."""
        for number in range(20):
            done = self.profile(["bash", "-c", "ls >/dev/null; exec echo hi"], name=str(number))
            last = next(trace for trace in done.traces() if trace.path.name == "trace.msgpack")
            self.assertEqual(last.header["command"], ["echo", "hi"])
            self.assertTrue(last.header["exe"].endswith("/echo"), last.header["exe"])
            programs = {(trace.header["command"][0], trace.end["reason"]) for trace in done.traces()}
            self.assertLessEqual(programs, {("bash", "exec"), ("ls", "exited"), ("echo", "exited")})
            self.assertIn(b"1 further process and 2 images before an exec in traces beside it",
                          done.stderr)

    def test_the_report_of_a_run_lists_its_other_traces(self):
        done = self.profile(["bash", "-c", "ls >/dev/null; exec echo hi"])
        text = run([ANALYZER, done.directory]).stdout.decode()
        others = text.split("OTHER TRACES OF THE RUN")[1].splitlines()[2:]
        self.assertEqual(len(others), len(done.traces()) - 1)
        self.assertEqual(sum(line.strip().startswith("bash ") for line in others), 2)
        self.assertEqual(sum(line.strip().startswith("ls ") for line in others), 1)

    def test_cpu_time_is_that_of_the_image(self):
        """Not that of what the process was before."""
        script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exec true"
        done = self.profile(["bash", "-c", script])
        loop, true = (next(trace for trace in done.traces() if trace.end["reason"] == reason)
                      for reason in ("exec", "exited"))
        used = [sum(trace.last("process")[key] for key in ("user_ns", "system_ns"))
                for trace in (loop, true)]
        self.assertGreater(used[0], 20 * used[1])

    def test_an_allocator_of_its_own_is_told(self):
        done = self.profile([victim("own_malloc")])
        self.assertEqual(done.stdout, b"done\n")
        self.assertIn("the program has an allocator of its own: its allocations are not seen",
                      done.trace().warnings)

    def test_many_processes_get_their_symbols(self):
        """In few commands, each as long as the system takes it; a terminal is told to wait."""
        def short_commands():
            resource.setrlimit(resource.RLIMIT_STACK, (512 << 10, 512 << 10))

        deep = self.directory.joinpath(*["d" * 200] * 4)
        deep.mkdir(parents=True)
        master, slave = os.openpty()
        script = "for i in {1..200}; do (:); done"
        done = run([MEMPROF, "run", "-d", deep / "run", "--", "bash", "-c", script],
                   stdout=slave, stderr=slave, preexec_fn=short_commands)
        os.close(slave)
        said = os.read(master, 65536).decode()
        os.close(master)
        self.assertEqual(done.returncode, 0, said)
        traces = Run(done, deep / "run").traces()
        self.assertEqual(len(traces), 201)
        self.assertIn("memprof: resolving symbols of 201 traces …", said)
        self.assertNotIn("not all symbols", said)
        for trace in traces:
            self.assertTrue(trace.module_symbols, trace.path)

    def test_output_is_that_of_the_bare_program(self):
        def without_pids(text):
            return [json.loads(line) | {"pid": 0} for line in text.decode().splitlines()]
        bare = run([victim("processes")])
        self.assertEqual(without_pids(self.profile([victim("processes")]).stdout),
                         without_pids(bare.stdout))


if __name__ == "__main__":
    main()
