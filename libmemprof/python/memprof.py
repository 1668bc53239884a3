"""Marks that a Python simulation sets for memprof: the same as memprof.h, by ctypes.

    import memprof

    memprof.steps_expected(1000)
    with memprof.run("mysim"):
        for _ in range(1000):
            with memprof.step():
                memprof.agents(len(population))
                with memprof.phase("observation"):
                    observe_all()
                decide_all()

    @memprof.phase("decision")
    def decide_all(): ...

    $ PYTHONMALLOC=malloc memprof run -- python3 mysim.py

A program that is not being profiled may keep its marks: they then do nothing. Phases and counters
are those of the calling thread, as in memprof.h; nothing here raises or waits. Without
PYTHONMALLOC=malloc Python's own allocator hands out small objects, and only the arenas that it
takes from the heap are seen.
"""

import contextlib
import ctypes

__all__ = ["active", "agents", "count", "param", "phase", "run", "step", "steps_expected"]

_u32, _u64, _text = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_char_p


class _Api(ctypes.Structure):
    """struct memprof_api of memprof.h, version 1, up to the last function that is used here."""

    _fields_ = [
        ("version", _u32),
        ("size", _u32),
        ("name_id", ctypes.CFUNCTYPE(_u32, _text)),
        ("run_begin", ctypes.CFUNCTYPE(None, _text)),
        ("run_end", ctypes.CFUNCTYPE(None)),
        ("steps_expected", ctypes.CFUNCTYPE(None, _u64)),
        ("step_begin", ctypes.CFUNCTYPE(None)),
        ("step_end", ctypes.CFUNCTYPE(None)),
        ("phase_begin", ctypes.CFUNCTYPE(_u32, _u32)),
        ("phase_end", ctypes.CFUNCTYPE(None, _u32)),
        ("phase_token", ctypes.CFUNCTYPE(_u32)),
        ("phase_adopt", ctypes.CFUNCTYPE(_u32, _u32)),
        ("agents", ctypes.CFUNCTYPE(None, _u64)),
        ("counter_add", ctypes.CFUNCTYPE(None, _u32, ctypes.c_int64)),
        ("param", ctypes.CFUNCTYPE(None, _text, _text)),
    ]


def _find():
    """The profiler's functions, or None: it is preloaded into the process that it profiles."""
    try:
        return _Api.in_dll(ctypes.CDLL(None), "memprof_api_v1")
    except (OSError, ValueError):
        return None


_api = _find()
_ids = {}


def _id(name):
    """The number of a phase or counter; names are looked up once."""
    found = _ids.get(name)
    if found is None:
        found = _ids[name] = _api.name_id(name.encode())
    return found


def active():
    """True when this process is being profiled."""
    return _api is not None


def steps_expected(steps):
    """How many steps the run will take, for progress and time left."""
    if _api:
        _api.steps_expected(steps)


def agents(count):
    """The number of agents alive now."""
    if _api:
        _api.agents(count)


def count(name, delta=1):
    """Adds to a named counter."""
    if _api:
        _api.counter_add(_id(name), delta)


def param(name, value):
    """Records a parameter of the run, by which traces are told apart."""
    if _api:
        _api.param(name.encode(), str(value).encode())


@contextlib.contextmanager
def run(name):
    """Marks where the run begins and ends: set-up and clean-up are not part of it."""
    if _api:
        _api.run_begin(name.encode())
    try:
        yield
    finally:
        if _api:
            _api.run_end()


@contextlib.contextmanager
def step():
    """One turn of the simulation's clock."""
    if _api:
        _api.step_begin()
    try:
        yield
    finally:
        if _api:
            _api.step_end()


@contextlib.contextmanager
def phase(name):
    """A named part of a step; phases nest. Also a decorator of functions."""
    if not _api:
        yield
        return
    scope = _api.phase_begin(_id(name))
    try:
        yield
    finally:
        _api.phase_end(scope)
