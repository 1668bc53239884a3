# memprof: build, test, try and install. `make help` lists what there is.
#
#   O=DIR             where to build (default build)
#   V=1               show the commands
#   DEBUG=1           -Og -g3 and the invariant checkers (MP_DEBUG)
#   SAN=address|undefined|thread   sanitizers, for sim_bench, analyzer, launcher and unit tests
#   COVERAGE=1        gcov instrumentation
#   FUNCTIONS=1       sim_bench with -finstrument-functions: it counts its calls (memprof run --count-calls)
#   CC=clang CXX=clang++           another compiler
#   PREFIX=, DESTDIR= where to install
#
# Every room builds what lies in it: a new source file needs no change here.

O        ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
VERSION  := $(shell cat VERSION)

ifeq ($(V),1)
  Q :=
  say = @:
else
  Q := @
  say = @printf '  %-8s %s\n' $(1) $(2)
endif

WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wpointer-arith
CXXWARN  := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
OPT      := $(if $(DEBUG),-Og -g3 -DMP_DEBUG=1,-O2 -g)
ifneq ($(SAN),)
  SANFLAGS := -fsanitize=$(SAN) -fno-omit-frame-pointer
endif
ifneq ($(COVERAGE),)
  SANFLAGS += --coverage
endif
BASE     := -std=gnu11 $(OPT) $(WARN) -D_GNU_SOURCE -DMEMPROF_VERSION='"$(VERSION)"' \
            -fno-strict-aliasing -MMD -MP
API      := -Ilibmemprof/include

include mk/deps.mk
include mk/build.mk
include mk/examples.mk
include mk/test.mk
include mk/install.mk
include mk/bench.mk

.DEFAULT_GOAL := all
.PHONY: all help clean demo

all: $(PROGRAMS) $(EXAMPLES)

# A make of its own, once the packages are there: where they are is looked up when the rules are read.
demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(O)/sim_bench --steps 500 --quick && $(O)/analyzer trace.msgpack
	@printf '\nHow it grows with the number of agents, in half a minute:\n  %s\n' \
		"$(O)/sim_bench --agents 50,100,200,400,800 --repeat 3 --steps 50 --out results/sweep && \
	$(O)/analyzer scaling --predict 10000 results/sweep"

clean:
	$(Q)rm -rf $(O)

help:
	@echo 'make deps      install the packages that are missing (Debian; root or sudo)'
	@echo 'make           build memprof, libmemprof.so, sim_bench and analyzer into $$(O)/ (default build/)'
	@echo 'make demo      install, build, run a short simulation under the profiler, print its report'
	@echo 'make test      install, build, run every test'
	@echo 'make bench     what each profiler costs, side by side (make bench-deps installs the peers)'
	@echo 'make install   install under PREFIX (default /usr/local), below DESTDIR'
	@echo 'make clean     remove $$(O)'
	@echo
	@echo 'O=DIR V=1 DEBUG=1 SAN=address|undefined|thread COVERAGE=1 FUNCTIONS=1 CC= CXX= PREFIX= DESTDIR='
	@echo 'make O=build-fn FUNCTIONS=1   sim_bench that counts and times every call of its functions'
