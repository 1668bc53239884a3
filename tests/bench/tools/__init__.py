"""The rows of the tables, in their order. The first two are what the others are held against.

A tool is one file here; another mode of a tool is one more entry in its file's TOOLS.
"""

from . import dhat, glibc, gperftools, heaptrack, jemalloc, jemalloc_prof, massif, memprof

JEMALLOC = jemalloc.TOOLS[0]
GLIBC = glibc.TOOLS[0]

ALL = [*jemalloc.TOOLS, *glibc.TOOLS, *memprof.TOOLS, *heaptrack.TOOLS, *jemalloc_prof.TOOLS,
       *gperftools.TOOLS, *massif.TOOLS, *dhat.TOOLS]

PACKAGES = ["libjemalloc2", "heaptrack", "libgoogle-perftools4", "valgrind"]
