# Tests: what is built for them, and how they are run. tests/README.md tells what lies where.
#
#   make test                      everything
#   make test ONLY=integration/c   the test programs whose path contains the text
#   make test SAN=address O=DIR    with sanitizers in everything but the preloaded library and the
#                                  victims, which stay as users' programs are
#
# A new unit test tests/unit/ROOM_*.c, victim tests/victims/*.c|cc, plug-in of a victim
# tests/victims/plugins/*.c|cc or integration test tests/integration/test_*.py needs no change here.

CXX      ?= g++
TEST_JOBS ?= 2
# Recursive on purpose: the package may only just have been installed.
CHECK_CFLAGS = $(shell pkg-config --cflags check)
CHECK_LIBS   = $(shell pkg-config --libs check)

# ---- unit tests: each file is a program, linked with the objects of its room

rooms_of = $(filter-out $(O)/obj/$(1)/main.o,$($(2)_OBJ))

unit_sim_OBJ       := $(call rooms_of,sim_bench,sim)
unit_sim_FLAGS     := $(SIM_CFLAGS)
unit_sim_LIBS      := $(SIM_LIBS)
unit_analyzer_OBJ  := $(call rooms_of,analyzer,analyzer) $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/unit/trace_builder.c))
unit_analyzer_FLAGS := $(ANALYZER_CFLAGS) -Itests/unit
unit_analyzer_LIBS := $(ANALYZER_LIBS)
unit_symbols_OBJ   := $(call rooms_of,analyzer,analyzer)
unit_symbols_FLAGS := $(ANALYZER_CFLAGS)
unit_symbols_LIBS  := $(ANALYZER_LIBS)
unit_launcher_OBJ  := $(call rooms_of,libmemprof/launcher,launcher)
unit_launcher_FLAGS := $(LAUNCHER_CFLAGS)
unit_launcher_LIBS := $(LAUNCHER_LIBS)
# The thread sanitizer has to see both sides of what threads share: for it the library's own objects
# are made once more. (Not for the others: an unwinder reads where they say that nobody may.)
unit_INSTRUMENTED := $(O)/obj/instrumented
unit_parts = $(patsubst %,$(if $(filter thread,$(SAN)),$(unit_INSTRUMENTED),$(O)/obj)/libmemprof/preload/%.o,$(1))
$(unit_INSTRUMENTED)/%.o: %.c
	$(call say,SANITIZE,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PRELOAD_CFLAGS) $(SANFLAGS) $(CFLAGS) -c $< -o $@
unit_unwind_OBJ    := $(call unit_parts,stacks intern \
                          $(patsubst libmemprof/preload/%.c,%,$(filter libmemprof/preload/unwind/%,$(preload_SRC))))
unit_unwind_FLAGS  := $(BASE) $(API) -Ilibmemprof -Ilibmemprof/preload $(SANFLAGS)
# These tests load code in C++; the address sanitizer wants to have seen its throw at the start.
unit_unwind_LIBS   := $(if $(SAN),-lstdc++)

unit_preload_OBJ   := $(call unit_parts,live intern plain poisson weight sampled_blocks) \
                      $(O)/obj/tests/unit/standin_ownmem.o
unit_preload_FLAGS := $(BASE) $(API) -Ilibmemprof -Ilibmemprof/preload $(SANFLAGS)
unit_preload_LIBS  := -lm

unit_PROGRAMS :=
# $(1): room. An explicit rule for each file, so that every program knows its room's objects.
define unit_room
unit_$(1)_SRC := $$(wildcard tests/unit/$(1)_*.c)
unit_PROGRAMS += $$(patsubst tests/unit/%.c,$(O)/tests/unit/%,$$(unit_$(1)_SRC))
$$(patsubst %.c,$(O)/obj/%.o,$$(unit_$(1)_SRC)): $(O)/obj/tests/unit/%.o: tests/unit/%.c
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) $$(unit_$(1)_FLAGS) $$(CHECK_CFLAGS) $$(CFLAGS) -c $$< -o $$@
$$(patsubst tests/unit/%.c,$(O)/tests/unit/%,$$(unit_$(1)_SRC)): $(O)/tests/unit/%: $(O)/obj/tests/unit/%.o $$(unit_$(1)_OBJ)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OPT) $$(SANFLAGS) -o $$@ $$^ $$(LDFLAGS) $$(unit_$(1)_LIBS) $$(CHECK_LIBS) -lpthread
endef
$(foreach room,sim analyzer symbols launcher unwind preload,$(eval $(call unit_room,$(room))))
# It has names and captures of its own, which the others' objects do without.
$(O)/tests/unit/preload_modules: $(call unit_parts,modules)

$(O)/obj/tests/unit/standin_ownmem.o: tests/unit/standin_ownmem.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(unit_preload_FLAGS) $(CFLAGS) -c $< -o $@

$(O)/obj/tests/unit/trace_builder.o: tests/unit/trace_builder.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(unit_analyzer_FLAGS) $(CFLAGS) -c $< -o $@

# How often laws are found: tests/scaling/simulate.c tells how to run it.
$(O)/tests/scaling/simulate: tests/scaling/simulate.c tests/scaling/generate.h $(unit_analyzer_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(unit_analyzer_FLAGS) $< -o $@ $(unit_analyzer_OBJ) $(LDFLAGS) $(unit_analyzer_LIBS)

# ---- victims: tiny programs with a known truth, built as a user would build them. The compiler may
# not pair an allocation with its free and drop both: the truth is what the source says.

VICTIM_FLAGS    := -O2 -g -Wall -Wextra -Wshadow -fno-builtin -Ilibmemprof/include -Itests/victims -MMD -MP
VICTIM_CFLAGS   := -std=gnu11 -D_GNU_SOURCE $(VICTIM_FLAGS)
VICTIM_CXXFLAGS := -std=gnu++17 -fsized-deallocation $(VICTIM_FLAGS)
VICTIM_LIBS     := -pthread -ldl

victims_C      := $(wildcard tests/victims/*.c)
victims_CXX    := $(wildcard tests/victims/*.cc)
plugins_C      := $(wildcard tests/victims/plugins/*.c)
plugins_CXX    := $(wildcard tests/victims/plugins/*.cc)
victims_BUILT  := $(patsubst %.c,$(O)/%,$(victims_C)) $(patsubst %.cc,$(O)/%,$(victims_CXX)) \
                  $(patsubst %.c,$(O)/%.so,$(plugins_C)) $(patsubst %.cc,$(O)/%.so,$(plugins_CXX))

$(O)/tests/victims/jemalloc_user $(O)/tests/victims/hostile_jemalloc: VICTIM_LIBS += -ljemalloc
$(O)/tests/victims/throw_static_libgcc: VICTIM_LIBS += -static-libgcc
# Always by gcc: its truth is the calls of its own functions alone, and clang can neither leave those of
# headers out nor keep functions from being cloned. The probes are the same.
$(O)/tests/victims/calls: override CXX := g++
$(O)/tests/victims/calls: VICTIM_CXXFLAGS += -finstrument-functions -finstrument-functions-exclude-file-list=/usr/include
$(O)/tests/victims/plugins/hostile_new_static.so: PLUGIN_FLAGS := -static-libstdc++ -static-libgcc

$(patsubst %.c,$(O)/%,$(victims_C)): $(O)/%: %.c
	$(call say,VICTIM,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(VICTIM_CFLAGS) $< -o $@ $(VICTIM_LIBS)

$(patsubst %.cc,$(O)/%,$(victims_CXX)): $(O)/%: %.cc
	$(call say,VICTIM,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(VICTIM_CXXFLAGS) $< -o $@ $(VICTIM_LIBS)

$(patsubst %.c,$(O)/%.so,$(plugins_C)): $(O)/%.so: %.c
	$(call say,PLUGIN,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(VICTIM_CFLAGS) -shared -fPIC $< -o $@

$(patsubst %.cc,$(O)/%.so,$(plugins_CXX)): $(O)/%.so: %.cc
	$(call say,PLUGIN,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(VICTIM_CXXFLAGS) -shared -fPIC $(PLUGIN_FLAGS) $< -o $@

# ---- the run

test_SCRIPTS := $(wildcard tests/integration/test_*.py)

.PHONY: test test-programs
test-programs: $(PROGRAMS) $(EXAMPLES) $(unit_PROGRAMS) $(victims_BUILT) $(O)/tests/scaling/simulate

# A second make, since what this one knows of installed packages may be out of date by now.
test: test-deps
	+$(Q)$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(TEST_JOBS)) test-programs
	$(Q)tests/run --build $(O) --jobs $(TEST_JOBS) --only '$(ONLY)' $(test_SCRIPTS) $(unit_PROGRAMS)

-include $(wildcard $(unit_INSTRUMENTED)/libmemprof/preload/*.d $(unit_INSTRUMENTED)/libmemprof/preload/*/*.d)
-include $(wildcard $(O)/obj/tests/unit/*.d $(O)/tests/victims/*.d $(O)/tests/victims/plugins/*.d)
