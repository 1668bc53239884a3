/* tables_csv.c: the tables that the default report and the memory report are about: phases, and
 * call-sites. */
#include <math.h>
#include <stdlib.h>

#include "report/csv.h"
#include "report/lists.h"

static void phase_row(struct csv *csv, const struct profile *p, const struct profile_phase *row)
{
	csv_text(csv, row->path);
	csv_count(csv, row->calls);
	csv_number(csv, row->inclusive);
	csv_number(csv, row->self);
	csv_number(csv, row->share);
	csv_number(csv, row->cpu);
	csv_number(csv, row->p50);
	csv_number(csv, row->p95);
	csv_number(csv, row->p99);
	csv_number(csv, row->calls ? row->max : NAN);
	csv_count(csv, p->heap ? row->allocations : PROFILE_UNKNOWN);
	csv_count(csv, p->heap ? row->bytes : PROFILE_UNKNOWN);
	csv_count(csv, p->heap ? row->temporaries : PROFILE_UNKNOWN);
	csv_count(csv, p->heap ? row->live_bytes : PROFILE_UNKNOWN);
#define X(name) csv_count(csv, row->usage.known ? row->usage.name : PROFILE_UNKNOWN);
	USAGE_COUNTS(X)
#undef X
	csv_number(csv, row->usage.known ? row->usage.system : NAN);
	csv_end_row(csv);
}

void sim_summary_csv(const struct profile *p, const struct report_options *options,
                     struct text *out)
{
	struct csv csv;
	csv_begin(&csv, options, out,
	          "phase,calls,inclusive_seconds,self_seconds,share,cpu_seconds,p50,p95,p99,max,"
	          "allocations,bytes_allocated,temporary_allocations,live_bytes_end,"
	          "minor_faults,major_faults,waits,preempted,read_bytes,written_bytes,"
	          "system_seconds");
	for (size_t i = 0; i < p->phases_count; i++)
		phase_row(&csv, p, &p->phases[i]);
	struct profile_phase rest = {.path = "",
	                             .calls = PROFILE_UNKNOWN,
	                             .inclusive = NAN,
	                             .self = p->unaccounted,
	                             .share = p->unaccounted / p->steps.wall,
	                             .cpu = NAN,
	                             .p50 = NAN,
	                             .p95 = NAN,
	                             .p99 = NAN,
	                             .max = NAN,
	                             .allocations = p->outside_allocations,
	                             .bytes = p->outside_bytes,
	                             .temporaries = PROFILE_UNKNOWN,
	                             .live_bytes = PROFILE_UNKNOWN,
	                             .usage = p->unaccounted_usage};
	phase_row(&csv, p, &rest);
}

void memory_csv(const struct profile *p, const struct report_options *options, struct text *out)
{
	const struct call_site **sorted = sites_sorted(p, BY_BYTES);
	size_t top = options->top ? options->top : p->sites.count;
	struct csv csv;
	csv_begin(&csv, options, out,
	          "function,file,line,module,phase,own,allocations,bytes_allocated,frees,"
	          "reallocations,temporary_allocations,peak_bytes,live_at_exit_bytes,"
	          "live_at_exit_allocations");
	for (size_t i = 0; i < p->sites.count && i < top; i++) {
		const struct call_site *site = sorted[i];
		const int64_t *f = site->fields;
		csv_text(&csv, site->function);
		csv_text(&csv, site->file);
		csv_count(&csv, site->line ? site->line : PROFILE_UNKNOWN);
		csv_text(&csv, site->module);
		csv_text(&csv, profile_phase_path(p, site->phase));
		csv_count(&csv, site->own);
		csv_count(&csv, f[TRACE_CELL_ALLOCATIONS]);
		csv_count(&csv, f[TRACE_CELL_ALLOCATED_BYTES]);
		csv_count(&csv, f[TRACE_CELL_FREES]);
		csv_count(&csv, f[TRACE_CELL_MOVED_IN]);
		csv_count(&csv, f[TRACE_CELL_TEMPORARIES]);
		csv_count(&csv, f[TRACE_CELL_PEAK_BYTES]);
		csv_count(&csv, site->live_bytes);
		csv_count(&csv, site->live_blocks);
		csv_end_row(&csv);
	}
	free(sorted);
}
