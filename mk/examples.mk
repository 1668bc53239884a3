# Simulations that are not sim_bench, annotated by memprof.h: what a user's own program looks like.

EXAMPLES := $(patsubst libmemprof/examples/%.c,$(O)/examples/%,$(wildcard libmemprof/examples/*.c)) \
            $(patsubst libmemprof/examples/%.cc,$(O)/examples/%,$(wildcard libmemprof/examples/*.cc))

$(O)/examples/%: libmemprof/examples/%.c
	$(call say,EXAMPLE,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g $(WARN) $(API) -MMD -MP $< -o $@ -lm

$(O)/examples/%: libmemprof/examples/%.cc
	$(call say,EXAMPLE,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=gnu++17 -O2 -g $(CXXWARN) $(API) -MMD -MP $< -o $@

.PHONY: examples
examples: $(EXAMPLES)

-include $(wildcard $(O)/examples/*.d)
