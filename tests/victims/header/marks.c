/* marks.c: every mark of the client header, in words that C and C++ both know. Prints whether it is
 * being profiled; what it marks is known to the test. */
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>

void marks_elsewhere(void);

static void step(uint64_t number)
{
	memprof_agents(number + 1);
	MEMPROF_PHASE ("scoped")
		free(malloc(number + 1));
	memprof_scope scope = memprof_phase_begin("paired");
	memprof_scope inner = memprof_phase_begin_id(memprof_name("by number"));
	memprof_phase_end(inner);
	memprof_phase_end(scope);
	scope = memprof_phase_adopt(memprof_phase_token());
	memprof_phase_end(scope);
	memprof_count("events", 2);
	memprof_counter_add(memprof_name("events"), -1);
	marks_elsewhere();
}

int main(void)
{
	uint64_t number;
	memprof_run_begin("marks");
	memprof_param("colour", "blue");
	memprof_steps_expected(10);
	for (number = 0; number < 5; number++)
		MEMPROF_STEP
			step(number);
	for (; number < 10; number++) {
		memprof_step_begin();
		step(number);
		memprof_step_end();
	}
	memprof_run_end();
	printf("active %d\n", memprof_active() ? 1 : 0);
	return 0;
}
