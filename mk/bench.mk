# make bench: what each profiler costs, side by side; tests/bench/README.md tells what is measured.
#
#   BENCH_RUNS=20            rounds of interleaved runs (default 5)
#   BENCH="--only colony"    options of tests/bench/run
#
# The tables go to $(O)/bench.txt and $(O)/bench.json as well; kept results lie in results/.

BENCH_PACKAGES := $(TEST_PACKAGES) libjemalloc2 heaptrack libgoogle-perftools4 valgrind
BENCH_RUNS     ?= 5
BENCH          ?=

bench_DIR      := $(O)/tests/bench
bench_PROGRAMS := $(bench_DIR)/pairs $(bench_DIR)/account $(bench_DIR)/colony \
                  $(O)/tests/victims/plugins/tally.so

# As victims are: the compiler may not drop a pair whose block is not used.
$(bench_DIR)/pairs $(bench_DIR)/account: $(bench_DIR)/%: tests/bench/%.c
	$(call say,BENCH,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) -fno-builtin-malloc -fno-builtin-free $< -o $@ -pthread

$(bench_DIR)/colony: $(bench_DIR)/%: tests/bench/programs/%.cc
	$(call say,BENCH,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=gnu++17 -O2 -g $(CXXWARN) -MMD -MP $< -o $@

.PHONY: bench bench-deps bench-programs
bench-deps: deps
	$(call install_missing,$(BENCH_PACKAGES))

bench-programs: $(PROGRAMS) $(bench_PROGRAMS)

bench: bench-deps
	+$(Q)$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(TEST_JOBS)) bench-programs
	$(Q)tests/bench/run --build $(O) --runs $(BENCH_RUNS) --json $(O)/bench.json --text $(O)/bench.txt $(BENCH)

-include $(wildcard $(bench_DIR)/*.d)
