/* section_files.c: the user's functions, file by file, each in a box. */
#include "report/sections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/box.h"
#include "report/function_list.h"

static bool is_of_file(const struct profile_function *f, const void *data)
{
	return f->own && f->file_group == *(const uint32_t *)data;
}

static double weight_of(const struct profile_group *file, enum function_time time)
{
	return time == FUNCTION_TIME_SAMPLED   ? file->tally.self.values[STACK_TIME]
	       : time == FUNCTION_TIME_COUNTED ? file->counted_self
	                                       : file->tally.site.values[STACK_BYTES];
}

static int compare(const void *a, const void *b, void *profile)
{
	const struct profile *p = profile;
	const struct profile_group *x = &p->functions.files[*(const uint32_t *)a];
	const struct profile_group *y = &p->functions.files[*(const uint32_t *)b];
	enum function_time time = functions_time(p, true);
	double wx = weight_of(x, time), wy = weight_of(y, time);
	if (wx != wy)
		return wx < wy ? 1 : -1;
	return strcmp(x->name, y->name);
}

static bool has_any(const struct profile_group *file)
{
	const struct tally *tally = &file->tally;
	return file->counted_self > 0 || tally->inclusive.values[STACK_TIME] > 0 ||
	       tally->site.values[STACK_ALLOCATIONS] > 0 || tally->site.values[STACK_PEAK] > 0;
}

/* Numbers of the user's own files of which something was measured, in order; free with free(). */
static uint32_t *own_files(const struct profile *p, size_t *count)
{
	const struct functions *f = &p->functions;
	uint32_t *files = mem_zero(f->files_count * sizeof(*files));
	*count = 0;
	for (uint32_t i = 0; i < f->files_count; i++)
		if (f->files[i].own && has_any(&f->files[i]))
			files[(*count)++] = i;
	if (*count)
		qsort_r(files, *count, sizeof(*files), compare, (void *)(uintptr_t)p);
	return files;
}

static struct text file_title(const struct view *v, const struct profile_group *file)
{
	const struct functions *f = &v->p->functions;
	const struct figures *self = &file->tally.self, *site = &file->tally.site;
	struct text title = {0};
	text_string(&title,
	            *file->name ? functions_short_path(f, file->name) : "no source file known");
	if (functions_time(v->p, true) == FUNCTION_TIME_COUNTED)
		text_printf(&title, "  %s  %s %%", SECONDS(file->counted_self),
		            PERCENT(file->counted_self / f->counted_self));
	else if (f->all.samples > 0)
		text_printf(&title, "  %s  %s %% ±%s", SECONDS(self->values[STACK_TIME]),
		            PERCENT(functions_share(f, self).share),
		            PERCENT(proportion_error(functions_share(f, self))));
	if (v->p->heap)
		text_printf(&title, "  %s allocs  %s  %s at peak",
		            view_memory(v, site, STACK_ALLOCATIONS).text,
		            view_memory(v, site, STACK_BYTES).text,
		            view_memory(v, site, STACK_PEAK).text);
	return title;
}

static void file_box(struct view *v, uint32_t number)
{
	const struct profile_group *file = &v->p->functions.files[number];
	struct text title = file_title(v, file);
	struct box box;
	box_begin(&box, v, title.bytes);
	function_list_write(&box.inner,
	                    &(struct function_list){.title = "",
	                                            .others = "others",
	                                            .columns = FUNCTION_OF_FILE | FUNCTION_MEMORY,
	                                            .file = file,
	                                            .site_memory = true,
	                                            .shown = is_of_file,
	                                            .data = &number},
	                    SIZE_MAX);
	box_end(&box);
	text_free(&title);
}

void section_files(struct view *v)
{
	size_t count;
	uint32_t *files = own_files(v->p, &count);
	enum function_time time = functions_time(v->p, true);
	char note[160];
	function_list_note(v, true, note, sizeof(note));
	if (count)
		view_heading(v, note, "YOUR FUNCTIONS BY FILE, FILES BY %s",
		             time == FUNCTION_TIME_COUNTED   ? "COUNTED SELF TIME"
		             : time == FUNCTION_TIME_SAMPLED ? "SELF TIME"
		                                             : "BYTES ALLOCATED");
	else
		text_string(v->out,
		            "\n  no functions of your own sources are in this trace; build with "
		            "-g, and see --report dev-summary\n");
	for (size_t i = 0; i < count; i++)
		file_box(v, files[i]);
	function_list_missing(v);
	free(files);
}
