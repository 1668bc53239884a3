/* bench/observation.c: one look of one agent, by number of agents, radius, storage and buffers. */
#include "bench/bench.h"
#include "decision/decision.h"
#include "interrupt.h"
#include "observation/observe.h"
#include "step.h"
#include "world.h"

/* Steps that a world has behind it, so that agents have something to remember. */
#define STEPS_BEFORE 5

struct looking {
	struct world *world;
	struct lookout lookout;
	struct observation view;
	size_t next;
};

static void release_view(void *context)
{
	struct looking *looking = context;
	if (!looking->world->components.reuse_buffers)
		observation_release(&looking->view);
}

/* Another agent each time, and each time as the first look at a new state. */
static void look(void *context)
{
	struct looking *looking = context;
	const struct population *population = &looking->world->population;
	struct agent *agent = population->agents[looking->next++ % population->count];
	agent->looked = NEVER_LOOKED;
	observe(looking->world, agent, &looking->lookout, &looking->view);
}

struct look_case {
	uint32_t agents, radius;
	const char *storage;
	bool reuse;
	enum splat_kind splat;
};

static void measure_look(struct bench *bench, const struct look_case *wanted)
{
	struct params params = params_for(wanted->agents);
	const struct components components = {
	        .spatial = spatial_kind_find("grid"),
	        .storage = layer_kind_find(wanted->storage),
	        .decide = decision_kind_find("weights"),
	        .splat = wanted->splat,
	        .threads = 1,
	        .looks = 2,
	        .reuse_buffers = wanted->reuse,
	};
	params.observation_radius = wanted->radius;
	params.fixed_population = 1;
	struct looking looking = {.world = world_create(&params, &components, 42)};
	struct step_metrics metrics;
	for (int step = 0; step < STEPS_BEFORE; step++)
		step_run(looking.world, NULL, &metrics);
	const struct bench_calls calls = {release_view, look, &looking, 1, 0};
	bench_measure(bench, &calls, "look: %s, %s buffers, %s, %u agents, radius %u",
	              wanted->storage, wanted->reuse ? "reused" : "fresh",
	              wanted->splat == SPLAT_BILINEAR ? "bilinear" : "nearest", wanted->agents,
	              wanted->radius);
	observation_release(&looking.view);
	lookout_release(&looking.lookout);
	world_destroy(looking.world);
}

void bench_observation(struct bench *bench)
{
	static const uint32_t agents[] = {50, 200, 1000}, radii[] = {3, 6, 12};
	const struct layer_kind *storage;
	for (size_t n = 0; n < 3; n++)
		for (size_t r = 0; r < 3; r++)
			for (size_t i = 0; (storage = layer_kind_at(i)) != NULL; i++)
				for (int reuse = 0; reuse < 2 && !interrupt_signal(); reuse++)
					measure_look(bench,
					             &(struct look_case){agents[n], radii[r],
					                                 storage->name, reuse == 1,
					                                 SPLAT_BILINEAR});
	for (size_t i = 0; (storage = layer_kind_at(i)) != NULL && !interrupt_signal(); i++)
		measure_look(bench,
		             &(struct look_case){200, 6, storage->name, false, SPLAT_NEAREST});
}
