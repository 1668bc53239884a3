# The four programs. Each room is the list of its own sources; objects mirror the tree below $(O)/obj.
#
# libmemprof.so links jemalloc in privately: its object files (without the C++ one) become one
# relocatable object whose public names get the prefix mp_je_, whose mmap and munmap go through
# libmemprof (so that it knows which addresses are jemalloc's), and nothing of it is exported.

JEMALLOC_A := $(shell $(CC) -print-file-name=libjemalloc_pic.a)

preload_SRC  := $(wildcard libmemprof/preload/*.c libmemprof/preload/*/*.c)
launcher_SRC := $(wildcard libmemprof/launcher/*.c)
sim_SRC      := $(wildcard sim_bench/*.c sim_bench/*/*.c)
analyzer_SRC := $(wildcard analyzer/*.c analyzer/*/*.c)

obj = $(patsubst %.c,$(O)/obj/%.o,$(1))

preload_OBJ  := $(call obj,$(preload_SRC))
launcher_OBJ := $(call obj,$(launcher_SRC))
sim_OBJ      := $(call obj,$(sim_SRC))
analyzer_OBJ := $(call obj,$(analyzer_SRC))

PROGRAMS := $(O)/libmemprof.so $(O)/memprof $(O)/sim_bench $(O)/analyzer

# No sanitizer inside the preloaded library: it is the allocator.
PRELOAD_CFLAGS := $(BASE) $(API) -Ilibmemprof -Ilibmemprof/preload -fPIC -fvisibility=hidden -ftls-model=initial-exec \
                  -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free \
                 -fno-plt -fexceptions -fomit-frame-pointer
LAUNCHER_CFLAGS := $(BASE) $(API) -Ilibmemprof $(SANFLAGS)
COMMIT          := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
# Threads of sim_bench, where the compiler has them; without, it runs by one.
OPENMP          := $(shell echo 'int main(void){return 0;}' | $(CC) -fopenmp -x c -o /dev/null - 2>/dev/null && echo -fopenmp)
SIM_CFLAGS      := $(BASE) $(OPENMP) $(API) -Isim_bench $(if $(COMMIT),-DMEMPROF_COMMIT='"$(COMMIT)"') $(SANFLAGS)
ifneq ($(FUNCTIONS),)
  SIM_CFLAGS += -finstrument-functions -DSIM_COUNTS_CALLS=1
endif
ANALYZER_CFLAGS := $(BASE) $(API) -Ianalyzer $(SANFLAGS)

LAUNCHER_LIBS := -lmsgpackc -ljansson
SIM_LIBS      := $(OPENMP) -lsqlite3 -ljansson -linih -lpthread -lm
ANALYZER_LIBS := -lmsgpackc -ljansson -ldw -lelf -liberty -llzma -lz -llapacke -lm

define room_rule
$(O)/obj/$(1)/%.o: $(1)/%.c
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) $$($(2)_CFLAGS) $$(CFLAGS) -c $$< -o $$@
endef
# A hook reads its frame pointer, to know where its caller stands.
$(O)/obj/libmemprof/preload/hooks_%.o: PRELOAD_CFLAGS += -fno-omit-frame-pointer

# An entry goes on by a jump; with -Og it would by a call.
$(O)/obj/libmemprof/preload/entries.o: PRELOAD_CFLAGS += -O2 -falign-functions=64

$(eval $(call room_rule,libmemprof/preload,PRELOAD))
$(eval $(call room_rule,libmemprof/launcher,LAUNCHER))
$(eval $(call room_rule,sim_bench,SIM))
$(eval $(call room_rule,analyzer,ANALYZER))

# Files that are part of an object by .incbin, which the compiler does not list.
$(O)/obj/analyzer/export/flamegraph.o: analyzer/export/flamegraph.css analyzer/export/flamegraph.js

$(O)/jemalloc/jemalloc.o: $(JEMALLOC_A) mk/jemalloc.syms
	$(call say,PRIVATE,jemalloc)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)/parts && cd $(@D)/parts && ar x $(JEMALLOC_A) && rm -f *jemalloc_cpp*
	$(Q)$(LD) -r -o $(@D)/whole.o $(@D)/parts/*.o
	$(Q)objcopy --redefine-syms=mk/jemalloc.syms $(@D)/whole.o $@

$(O)/libmemprof.so: $(preload_OBJ) $(O)/jemalloc/jemalloc.o libmemprof/preload/libmemprof.map
	$(call say,LINK,$@)
	$(Q)$(CC) -shared -o $@ $(preload_OBJ) $(O)/jemalloc/jemalloc.o $(OPT) \
		-Wl,--version-script=libmemprof/preload/libmemprof.map -Wl,-z,now -Wl,-z,nodelete \
		-Wl,-soname,libmemprof.so $(LDFLAGS)

$(O)/memprof: $(launcher_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(SANFLAGS) -o $@ $^ $(LDFLAGS) $(LAUNCHER_LIBS)

$(O)/sim_bench: $(sim_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(SANFLAGS) -o $@ $^ $(LDFLAGS) $(SIM_LIBS)

$(O)/analyzer: $(analyzer_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(SANFLAGS) -o $@ $^ $(LDFLAGS) $(ANALYZER_LIBS)

-include $(wildcard $(patsubst %.o,%.d,$(preload_OBJ) $(launcher_OBJ) $(sim_OBJ) $(analyzer_OBJ)))
