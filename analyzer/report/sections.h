/* sections.h: the sections of text reports. Each writes nothing if
 * the run has no data for it. Every list says what it is sorted by, and ends with the rest, so that
 * what is shown adds up to the whole. */
#ifndef ANALYZER_REPORT_SECTIONS_H
#define ANALYZER_REPORT_SECTIONS_H

#include "report/view.h"

void section_head(struct view *v);          /* what ran, how it went, what the profiler cost */
void section_phases(struct view *v);        /* the tree of phases */
void section_unaccounted(struct view *v);   /* what no phase accounts for */
void section_workers(struct view *v);       /* phases of threads that do not step */
void section_bottlenecks(struct view *v);   /* phases by self time */
void section_own_functions(struct view *v); /* the author's functions, all others folded */
void section_all_functions(struct view *v); /* functions of any kind */
void section_functions_by_category(struct view *v);
void section_categories(struct view *v);      /* by kind of code */
void section_components(struct view *v);      /* by the user's own patterns, if there are any */
void section_files(struct view *v);           /* the author's functions, file by file */
void section_overheads(struct view *v);       /* what the profiler cost */
void section_capture(struct view *v);         /* how well it saw */
void section_allocator(struct view *v);       /* the allocator's own statistics */
void section_usage(struct view *v);           /* what the kernel counted in phases */
void section_usage_of_others(struct view *v); /* the line that says whose that is not */
void section_fragmentation(struct view *v);   /* from live bytes to resident memory */
void section_classes(struct view *v);         /* the allocator's size classes */
void section_arenas(struct view *v);          /* its arenas */
void section_allocating(struct view *v);      /* call-sites by allocations, by bytes */
void section_held(struct view *v);            /* call-sites at the peak, live at exit */
void section_memory(struct view *v);          /* live heap and RSS over the run */
void section_growth(struct view *v);          /* call-sites that grow with age */
void section_sure_growth(struct view *v);     /* those that surely do, in few lines */
void section_resident(struct view *v); /* the same, with what the allocator holds and RSS by kind */
void section_churn(struct view *v);    /* call-sites by what becomes of their blocks */
void section_sizes(struct view *v);    /* how large blocks were */
void section_lifetimes(struct view *v); /* how long blocks lived */
void section_beside(struct view *v);    /* mapped by the program itself, and its own pools */
void section_slowest(struct view *v);   /* the slowest steps */
void section_counters(struct view *v);  /* the program's own counters */
void section_warnings(struct view *v);  /* what not to believe */
void section_next(struct view *v);      /* commands to type next */

#endif
