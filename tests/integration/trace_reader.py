"""An independent reader of traces: python3's msgpack package and the words of TRACE_FORMAT.md, no
code of the analyzer. It holds the trace to the format's rules (tables before use, consecutive ids,
windows in order, no torn tail unless allowed) and adds up what windows carry.
"""

import msgpack

KINDS = {1: "header", 2: "strings", 3: "module", 4: "frames", 5: "stacks", 6: "phases",
         7: "thread", 8: "cells", 9: "window", 10: "facts", 11: "slowest", 12: "symbols",
         13: "module_symbols", 14: "warning", 15: "end", 16: "open", 17: "other_cells",
         18: "samples", 19: "calls", 20: "allocator"}

CELL_FIELDS = ["allocations", "allocated_bytes", "allocated_usable", "frees", "freed_bytes",
               "freed_usable", "temporaries", "life_steps_0", "life_time_0",
               *[f"size_{i}" for i in range(1, 5)], "peak_bytes", "size_5", "size_0",
               "moved_in", "moved_in_bytes", "moved_in_usable",
               "moved_out", "moved_out_bytes", "moved_out_usable", "sampled",
               *[f"size_{i}" for i in range(6, 10)],
               "life_steps_1", *[f"life_time_{i}" for i in range(1, 5)],
               *[f"life_steps_{i}" for i in range(2, 12)], *[f"life_time_{i}" for i in range(5, 11)],
               *[f"size_{i}" for i in range(10, 16)], "cross_frees"]
PHASE_FIELDS = ["calls", "inclusive", "self", "min", "max", "cpu_ns", "cpu_calls", "cpu_ticks",
                "entered", "scopes", "step_self", "step_inclusive", "usage_calls", "usage_ticks",
                "minor_faults", "major_faults", "waits", "preempted", "read_bytes", "written_bytes",
                "system_ns"]
SAMPLE_FIELDS = ["stack", "phase", "role", "samples", "cpu_ns"]
CALL_FIELDS = ["function", "caller", "phase", "role", "calls", "self", "inclusive", "untimed"]
CLASS_FIELDS = ["size", "slab_bytes", "slab_regions", "held", "allocated", "freed", "requests",
                "slabs", "slabs_partial", "slabs_made"]
ARENA_FIELDS = ["arena", "threads", "held", "active", "dirty", "muzzy", "mapped", "retained",
                "metadata", "resident", "cached", "purges", "purged"]
EXTREMES = ("min", "max")
FRAME_FIRST = 8


class TraceError(Exception):
    """The trace breaks a rule of the format."""


def need(condition, text):
    if not condition:
        raise TraceError(text)


def rows(flat, head, fields):
    """Splits `id…, mask, value…` rows; yields (ids, {field: value})."""
    at = 0
    while at < len(flat):
        ids = tuple(flat[at:at + head])
        mask = flat[at + head]
        at += head + 1
        need(mask >> len(fields) == 0, f"unknown field bits in mask {mask:#x}")
        values = {}
        for bit, name in enumerate(fields):
            if mask >> bit & 1:
                values[name] = flat[at]
                at += 1
        yield ids, values
    need(at == len(flat), "a row is cut short")


class Trace:
    """What a trace says, added up."""

    def __init__(self, path):
        self.path = path
        self.header = None
        self.strings = [""]
        self.modules = {0: None}
        self.frames = {number: None for number in range(FRAME_FIRST)}
        self.stacks = [(0, 0)]
        self.phases = [(0, 0)]
        self.cells = [(0, 0)]
        self.other_cells = [(0, 0, 0)]
        self.threads = {}
        self.windows = []
        self.facts = {}
        self.slowest = []
        self.allocator = None
        self.symbols = {}
        self.module_symbols = {}
        self.warnings = []
        self.end = None
        self.records = 0
        self.torn_bytes = 0
        self.cell_sums = {}   # cell → {field: sum}
        self.cell_variances = {}  # in sampled mode
        self.other_sums = {}  # the same of other cells
        self.phase_sums = {}  # (phase, role) → {field: sum, or extreme so far}
        self.samples = {}     # (stack, phase, role) → [samples, cpu_ns]
        self.calls = {}       # (function, caller, phase, role) → [calls, self, inclusive, untimed]
        self.step_sums = {}
        self.counters = {}
        self.step_histogram = {}

    # ---- records

    def take(self, kind, body):
        need(kind in KINDS, f"unknown kind {kind}")
        need(self.header is not None or kind == 1, "the header is not first")
        need(kind != 16, "a side file's record in a trace")
        getattr(self, "take_" + KINDS[kind])(body)
        self.records += 1

    def take_header(self, body):
        need(self.header is None, "two headers")
        need(body["format"] == "memprof-trace", "not a trace")
        need(body["version"][0] == 1, f"version {body['version']}")
        self.header = body

    def table(self, name, body, width):
        first, flat = body
        table = getattr(self, name)
        need(first == len(table), f"{name}: first is {first}, {len(table)} are defined")
        need(len(flat) % width == 0, f"{name}: cut short")
        new = flat if width == 1 else list(zip(*[iter(flat)] * width))
        return table, new

    def take_strings(self, body):
        table, new = self.table("strings", body, 1)
        table.extend(new)

    def take_module(self, body):
        need(body["id"] in self.modules or body["id"] == len(self.modules), "module ids have a gap")
        need(body["path"] < len(self.strings), "a module's path is not defined")
        self.modules[body["id"]] = body

    def take_frames(self, body):
        table, new = self.table("frames", body, 2)
        for number, (module, address) in enumerate(new, body[0]):
            need(module in self.modules, f"frame {number}: module {module} is not defined")
            table[number] = (module, address)

    def take_stacks(self, body):
        table, new = self.table("stacks", body, 2)
        for parent, frame in new:
            need(parent < len(table), f"stack {len(table)}: parent {parent}")
            need(frame in self.frames, f"stack {len(table)}: frame {frame} is not defined")
            table.append((parent, frame))

    def take_phases(self, body):
        table, new = self.table("phases", body, 2)
        for parent, name in new:
            need(parent < len(table), f"phase {len(table)}: parent {parent}")
            need(name < len(self.strings), f"phase {len(table)}: name is not defined")
            table.append((parent, name))

    def take_cells(self, body):
        table, new = self.table("cells", body, 2)
        for stack, phase in new:
            need(stack < len(self.stacks), f"cell {len(table)}: stack {stack}")
            need(phase < len(self.phases), f"cell {len(table)}: phase {phase}")
            table.append((stack, phase))

    def take_other_cells(self, body):
        table, new = self.table("other_cells", body, 3)
        for stack, phase, memory in new:
            need(stack < len(self.stacks), f"other cell {len(table)}: stack {stack}")
            need(phase < len(self.phases), f"other cell {len(table)}: phase {phase}")
            need(memory < len(self.strings), f"other cell {len(table)}: memory {memory}")
            need((stack, phase, memory) not in table, f"other cell {len(table)} is there twice")
            table.append((stack, phase, memory))

    def take_thread(self, body):
        self.threads[body["id"]] = body

    def take_window(self, body):
        need("open" not in body or not body["open"], "an open window in a trace")
        self.add_window(body)

    def add_window(self, body):
        need(body["n"] == len(self.windows), f"window {body['n']} after {len(self.windows)}")
        if self.windows:
            need(body["anchor"][0] >= self.windows[-1]["anchor"][0], "anchors go backwards")
        self.windows.append(body)
        self.add_cells(body.get("cells", []), self.cells, self.cell_sums)
        self.add_cells(body.get("other_cells", []), self.other_cells, self.other_sums)
        for (phase, role), values in rows(body.get("phases", []), 2, PHASE_FIELDS):
            need(0 < phase < len(self.phases), f"phase {phase} is not defined")
            sums = self.phase_sums.setdefault((phase, role), dict.fromkeys(PHASE_FIELDS, 0))
            for name, value in values.items():
                need(value >= 0, f"phase {phase}: {name} shrank")
                sums[name] = value if name in EXTREMES else sums[name] + value
        for (cell,), values in rows(body.get("cell_variances", []), 1, CELL_FIELDS):
            need(self.header["mode"] == "sampled", "variances of figures that are exact")
            sums = self.cell_variances.setdefault(cell, dict.fromkeys(CELL_FIELDS, 0.0))
            for name, value in values.items():
                need(value >= 0 or name == "peak_bytes", f"cell {cell}: variance of {name} shrank")
                sums[name] += value
        so_far = ("begun", "min", "max", "max_step")
        for name, value in body.get("steps", {}).items():
            self.step_sums[name] = value if name in so_far else self.step_sums.get(name, 0) + value
        pairs = iter(body.get("counters", []))
        for name, change in zip(pairs, pairs):
            key = self.strings[name]
            self.counters[key] = self.counters.get(key, 0) + change
        pairs = iter(body.get("step_histogram", []))
        for bucket, count in zip(pairs, pairs):
            self.step_histogram[bucket] = self.step_histogram.get(bucket, 0) + count

    @staticmethod
    def add_cells(flat, table, all_sums):
        for (cell,), values in rows(flat, 1, CELL_FIELDS):
            need(0 < cell < len(table), f"cell {cell} is not defined")
            sums = all_sums.setdefault(cell, dict.fromkeys(CELL_FIELDS, 0))
            for name, value in values.items():
                need(value >= 0 or name == "peak_bytes", f"cell {cell}: {name} shrank")
                sums[name] += value

    def add_rows(self, body, fields, keys, sums):
        window, width, flat = body
        need(window == len(self.windows) - 1, f"rows of window {window}, not of the last")
        need(width == len(fields) and len(flat) % width == 0, "a row is cut short")
        seen = set()
        for row in zip(*[iter(flat)] * width):
            key, values = row[:keys], row[keys:]
            need(key not in seen, f"{key} has two rows in a window")
            seen.add(key)
            need(min(values) >= 0, f"{key} shrank")
            need(key[-2] < len(self.phases) and key[-1] in (0, 1), f"{key}: no such phase or role")
            sums[key] = [a + b for a, b in zip(sums.get(key, [0] * (width - keys)), values)]
            yield key

    def take_samples(self, body):
        for stack, _, _ in self.add_rows(body, SAMPLE_FIELDS, 3, self.samples):
            need(0 < stack < len(self.stacks), f"samples: stack {stack} is not defined")

    def take_calls(self, body):
        for function, caller, _, _ in self.add_rows(body, CALL_FIELDS, 4, self.calls):
            need(function in self.frames and caller in self.frames, "calls: a frame is not defined")

    def take_facts(self, body):
        self.facts.update(body)

    def take_slowest(self, body):
        width, flat = body
        need(len(flat) % width == 0, "slowest steps: cut short")
        self.slowest = list(zip(*[iter(flat)] * width))

    def take_allocator(self, body):
        """The last one counts; its tables as lists of objects."""
        self.allocator = dict(body)
        for key, fields in (("classes", CLASS_FIELDS), ("arenas", ARENA_FIELDS)):
            width, flat = body.get(key, (len(fields), []))
            need(width == len(fields) and len(flat) % width == 0, f"{key}: a row is cut short")
            self.allocator[key] = [dict(zip(fields, row)) for row in zip(*[iter(flat)] * width)]
            need(all(value >= 0 for value in flat), f"{key}: below 0")

    def take_symbols(self, body):
        at = 0
        while at < len(body):
            frame, count = body[at], body[at + 1]
            need(frame in self.frames, f"symbols of frame {frame}, which is not defined")
            flat = body[at + 2:at + 2 + 4 * count]
            need(len(flat) == 4 * count, "symbols: cut short")
            self.symbols[frame] = [(self.strings[function], self.strings[file], line, declared)
                                   for function, file, line, declared in zip(*[iter(flat)] * 4)]
            at += 2 + 4 * count

    def take_module_symbols(self, body):
        self.module_symbols[body["module"]] = body

    def take_warning(self, body):
        self.warnings.append(body)

    def take_end(self, body):
        need(self.end is None, "two ends")
        self.end = body

    # ---- what follows from them

    def phase_path(self, phase):
        """Names from the outermost phase, joined by `/`; "" for no phase."""
        names = []
        while phase:
            phase, name = self.phases[phase]
            names.insert(0, self.strings[name])
        return "/".join(names)

    def stack_frames(self, stack):
        """Frame ids, innermost first."""
        frames = []
        while stack:
            stack, frame = self.stacks[stack]
            frames.append(frame)
        return frames

    def stack_functions(self, stack):
        """Function names of a resolved trace, innermost first, inlined ones included."""
        return [symbol[0] for frame in self.stack_frames(stack)
                for symbol in self.symbols.get(frame, [])]

    def sums(self, cells, of=None):
        """The counters of some cells added up, with what follows from them."""
        of = self.cell_sums if of is None else of
        total = dict.fromkeys(CELL_FIELDS, 0)
        for cell in cells:
            for name, value in of.get(cell, {}).items():
                total[name] += value
        total["live_bytes"] = (total["allocated_bytes"] - total["freed_bytes"]
                               + total["moved_in_bytes"] - total["moved_out_bytes"])
        total["live_usable"] = (total["allocated_usable"] - total["freed_usable"]
                                + total["moved_in_usable"] - total["moved_out_usable"])
        total["live_blocks"] = (total["allocations"] - total["frees"]
                                + total["moved_in"] - total["moved_out"])
        return total

    def beside(self, memory="", path=None, function=None):
        """Counters of memory beside the heap: mapped directly, or of the pool with that name; in
        one phase, of stacks that pass through a function, where these are given."""
        return self.sums((cell for cell, (stack, phase, its) in enumerate(self.other_cells)
                          if cell and self.strings[its] == memory
                          and (path is None or self.phase_path(phase) == path)
                          and (function is None or function in self.stack_functions(stack))),
                         self.other_sums)

    def totals(self):
        return self.sums(range(1, len(self.cells)))

    def by_phase(self):
        """Counters by the path of the phase that the allocation was made in."""
        cells = {}
        for cell in range(1, len(self.cells)):
            cells.setdefault(self.phase_path(self.cells[cell][1]), []).append(cell)
        return {path: self.sums(members) for path, members in cells.items()}

    def by_function(self, function):
        """Counters of all stacks that pass through a function."""
        return self.sums(cell for cell in range(1, len(self.cells))
                         if function in self.stack_functions(self.cells[cell][0]))

    def phase_times(self, path, role=0):
        """Times of the phase at a path, in ticks."""
        for (phase, its_role), sums in self.phase_sums.items():
            if its_role == role and self.phase_path(phase) == path:
                return sums
        return dict.fromkeys(PHASE_FIELDS, 0)

    def hz(self):
        """Ticks a second, from the first to the last anchor; see the format on short traces."""
        clock = self.header["clock"]
        if self.windows:
            ticks, mono_ns, _ = self.windows[-1]["anchor"]
            seconds = (mono_ns - clock["mono_ns"]) / 1e9
            if seconds >= 1:
                return ticks / seconds
        return clock["hz"]

    def last(self, key):
        """The newest value of a window's key that states how things are."""
        for window in reversed(self.windows):
            if key in window:
                return window[key]
        return {}


def objects(path):
    """All whole objects of a file, and how many bytes of a torn one remain."""
    data = path.read_bytes() if hasattr(path, "read_bytes") else open(path, "rb").read()
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, unicode_errors="surrogateescape",
                                max_buffer_size=len(data) + 1)
    unpacker.feed(data)
    found, whole = [], 0
    while True:
        try:
            found.append(unpacker.unpack())
        except msgpack.OutOfData:
            return found, len(data) - whole, whole
        whole = unpacker.tell()


def read(path, side_file=True):
    """Reads a trace from its first to its last object; and, where it has no end and a side file
    stands beside it that continues it, the open window."""
    trace = Trace(path)
    found, trace.torn_bytes, whole = objects(path)
    for entry in found:
        need(isinstance(entry, list) and len(entry) == 2, "a record is not [kind, body]")
        trace.take(*entry)
    need(trace.header is not None, "no header")
    beside = path.with_name(path.name + ".open")
    if side_file and trace.end is None and beside.exists():
        extra, torn, _ = objects(beside)
        kind, start = extra[0]
        need(kind == 16 and torn == 0, "the side file does not begin with its record, or is torn")
        if start["run"] == trace.header["run"] and start["base"] == whole:
            for kind, body in extra[1:]:
                if kind == 9:
                    need(body.get("open"), "a closed window in the side file")
                    trace.add_window(body)
                else:
                    trace.take(kind, body)
    return trace
