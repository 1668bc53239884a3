/* recording.c: see recording.h. */
#include "recording.h"
#include "header.h"
#include "memory.h"
#include "say.h"
#include "window_policy.h"

#include <stdlib.h>
#include <string.h>

/* For tests only, and so in no manual: MEMPROF_TIME_SCALE=N cuts windows as if the run were N times
 * as old, so that seconds show what hours would do. */
static uint64_t read_time_scale(void)
{
	const char *text = getenv("MEMPROF_TIME_SCALE");
	uint64_t scale = text ? strtoull(text, NULL, 10) : 1;
	return scale ? scale : 1;
}

static uint64_t elapsed_ns(const struct recording *recording, uint64_t now_ns)
{
	uint64_t start = recording->region->start_mono_ns;
	return now_ns > start ? now_ns - start : 0;
}

static void schedule_window(struct recording *recording, uint64_t now_ns)
{
	recording->window_due_ns =
	        now_ns + window_length_ns(elapsed_ns(recording, now_ns), recording->time_scale);
	recording->side_due_ns = now_ns + SIDE_INTERVAL_NS;
}

struct recording *recording_begin(struct region *region, pid_t pid, struct trace_writer *trace,
                                  double hz, const struct identity *identity)
{
	struct recording *recording = memory_new(1, sizeof *recording);
	uint64_t now_ns = clock_mono_ns();
	recording->pid = pid;
	recording->region = region;
	recording->trace = trace;
	recording->identity = *identity;
	recording->time_scale = read_time_scale();
	procstat_init(&recording->process);
	procstat_read(&recording->process, pid);
	window_source_init(&recording->source, region, pid, &recording->process);
	threads_note_main(&recording->source.threads, &recording->source.tables, pid);
	recording->second_due_ns = now_ns;
	schedule_window(recording, now_ns);
	if (trace) {
		header_pack(region, pid, identity, trace->run, hz, &trace->pending.packer);
		trace_flush(trace);
	}
	return recording;
}

/* True while the region can be read. */
static bool still_readable(struct recording *recording)
{
	if (!recording->lost && !region_intact(recording->region)) {
		recording->lost = true;
		say("process %d cut its own record short; its trace ends at its last window",
		    (int)recording->pid);
	}
	return !recording->lost;
}

/* Once a second: what costs some tens of microseconds. */
static void read_figures(struct recording *recording)
{
	procstat_read(&recording->process, recording->pid);
	procstat_read_switches(&recording->process, recording->pid);
	allocator_read(&recording->source.allocator, recording->region);
	allocator_ask(recording->region);
	recording->source.launcher_bytes = procstat_own_rss();
}

static void cut_window(struct recording *recording, uint64_t now_ns)
{
	struct trace_writer *trace = recording->trace;
	/* What could not be written goes first; until it has gone, the window stays open. */
	if (!trace_is_behind(trace) || trace_flush(trace)) {
		struct moment anchor = clock_moment();
		procstat_read(&recording->process, recording->pid);
		allocator_read(&recording->source.allocator, recording->region);
		window_pack(&recording->source, &anchor, &trace->pending, true);
		trace_flush(trace);
		trace_remove_side(trace);
	}
	schedule_window(recording, now_ns);
}

/* While the trace cannot be written nothing else is, but the counters are read all the same: some
 * of them would wrap else. */
static void write_side_file(struct recording *recording, uint64_t now_ns)
{
	struct moment anchor = clock_moment();
	struct packed open_window;
	packed_begin(&open_window);
	window_pack(&recording->source, &anchor, &open_window, false);
	if (!trace_is_behind(recording->trace))
		trace_replace_side(recording->trace, &open_window);
	packed_free(&open_window);
	recording->side_due_ns = now_ns + SIDE_INTERVAL_NS;
}

void recording_tick(struct recording *recording, uint64_t now_ns)
{
	if (!still_readable(recording))
		return;
	__atomic_store_n(&recording->region->writable->now_tick,
	                 (uint32_t)(elapsed_ns(recording, now_ns) / COARSE_TICK_NS),
	                 __ATOMIC_RELAXED);
	if (now_ns >= recording->second_due_ns) {
		read_figures(recording);
		recording->second_due_ns = now_ns + NS_PER_SECOND;
	}
	if (!recording->trace)
		return;
	if (now_ns >= recording->window_due_ns)
		cut_window(recording, now_ns);
	else if (now_ns >= recording->side_due_ns)
		write_side_file(recording, now_ns);
}

static void pack_end(const struct recording *recording, const struct ending *ending,
                     msgpack_packer *to)
{
	static const char *const reasons[] = {
	        [END_EXITED] = "exited",
	        [END_SIGNALLED] = "signalled",
	        [END_EXEC] = "exec",
	        [END_STOPPED] = "stopped",
	};
	struct seq map;
	seq_begin(&map);
	map_text(&map, "reason", reasons[ending->reason]);
	if (ending->status >= 0)
		map_int(&map, "status", ending->status);
	else
		map_nil(&map, "status");
	if (ending->signal)
		map_int(&map, "signal", ending->signal);
	else
		map_nil(&map, "signal");
	map_bool(&map, "out_of_memory", ending->out_of_memory);
	map_bool(&map, "steps_open", recording->source.snapshot.steps_base.open_since != 0);
	window_pack_anchor(map_key(&map, "anchor"), &ending->anchor,
	                   recording->region->start_ticks);
	pack_record(to, TRACE_END);
	seq_end_map(&map, to);
}

static void pack_warning(const char *text, msgpack_packer *to)
{
	pack_record(to, TRACE_WARNING);
	pack_text(to, text, strlen(text));
}

bool recording_finish(struct recording *recording, const struct ending *ending)
{
	struct trace_writer *trace = recording->trace;
	if (!trace)
		return false;
	msgpack_packer *to = &trace->pending.packer;
	recording->source.alive = ending->reason == END_STOPPED;
	recording->source.last = true;
	if (still_readable(recording)) {
		allocator_read(&recording->source.allocator, recording->region);
		recording->source.launcher_bytes = procstat_own_rss();
		window_pack(&recording->source, &ending->anchor, &trace->pending, true);
	} else {
		pack_warning("the process cut its own record short: what came after the last "
		             "window is not known",
		             to);
	}
	if (!recording->lost &&
	    __atomic_load_n(&recording->region->header->own_allocator, __ATOMIC_RELAXED))
		pack_warning(
		        "the program has an allocator of its own: its allocations are not seen",
		        to);
	if (recording->source.tables.damaged)
		pack_warning("the process wrote into memory that is not its own: some of what was "
		             "counted cannot be told apart and stands under \"unknown\"",
		             to);
	pack_end(recording, ending, to);
	bool whole = trace_flush(trace);
	if (whole)
		trace_remove_side(trace);
	else
		say("%s is not complete: %zu bytes of its end could not be written", trace->path,
		    trace->pending.bytes.size);
	return whole;
}

#define SAMPLES_TELL 3

bool recording_is_empty(const struct recording *recording)
{
	const struct region *region = recording->region;
	if (!region_intact(region))
		return false;
	uint32_t used = region_threads_used(region);
	/* A process that allocates has a thread in here, whether anything was sampled or not. */
	if (region->mode == MP_MODE_SAMPLED && used > 1)
		return false;
	for (uint32_t slot = 0; slot < used; slot++) {
		const struct mp_thread_slot *thread = region_thread(region, slot);
		if (mp_slot_allocs(thread) || region_load(&thread->overhead_events) ||
		    region_load(&thread->scopes))
			return false;
	}
	/* A child that computes, and does nothing else; not one that was seen by chance on its way
	 * to exec. */
	if (region_load(&region->header->samples) >= SAMPLES_TELL)
		return false;
	/* Cell 0 is not used; mappings are no events of the heap. */
	return region_load(&region->header->steps.begun) == 0 && region_cells_used(region) <= 1;
}

void recording_free(struct recording *recording)
{
	window_source_free(&recording->source);
	identity_free(&recording->identity);
	region_unmap(recording->region);
	if (recording->trace)
		trace_close(recording->trace);
	free(recording);
}
