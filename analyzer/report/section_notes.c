/* section_notes.c: what not to believe, and what to type next. */
#include "report/sections.h"

#include <stdlib.h>
#include <string.h>

#include "report/function_order.h"

void section_warnings(struct view *v)
{
	if (!v->p->warnings_count)
		return;
	view_heading(v, "", "WARNINGS");
	for (size_t i = 0; i < v->p->warnings_count; i++) {
		text_string(v->out, "  " MARK_WARNING "!" MARK_END " ");
		view_shortened(v, v->p->warnings[i], 1000);
		text_string(v->out, "\n");
	}
}

/* The trace's name as one word of a shell. */
static void quoted(struct text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            "@%_-+=:,./";
	if (*word && !word[strspn(word, plain)]) {
		text_string(out, word);
		return;
	}
	text_string(out, "'");
	for (; *word; word++)
		text_add(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	text_string(out, "'");
}

/* Words are told apart by blanks outside of quotes; the blank before it belongs to a word. */
static const char *word_end(const char *word)
{
	bool quoted = false;
	const char *c = word + (*word == ' ');
	for (; *c && (quoted || *c != ' '); c++)
		if (*c == '\'')
			quoted = !quoted;
	return c;
}

/* A command in lines that a shell takes for one. Words are not broken. */
static void write_command(struct view *v, const char *command)
{
	size_t width = v->options->terminal.width, used = 2;
	text_string(v->out, "  " MARK_WHOLE);
	for (const char *word = command, *end; *word; word = end) {
		end = word_end(word);
		struct text one = {0};
		text_add(&one, word, (size_t)(end - word));
		size_t columns = text_columns(one.bytes);
		bool last = !*end, fits = used + columns + (last ? 0 : 2) <= width;
		if (!fits && word != command) {
			text_string(v->out, " \\\n      " MARK_WHOLE);
			used = 6;
			word += *word == ' ';
		}
		text_add(v->out, word, (size_t)(end - word));
		used += columns;
		text_free(&one);
	}
	text_string(v->out, "\n");
}

static void next_command(struct view *v, const char *arguments, const char *purpose)
{
	struct text command = {0};
	quoted(&command, v->options->program);
	text_printf(&command, " %s ", arguments);
	quoted(&command, v->options->trace);
	if (text_columns(command.bytes) + text_columns(purpose) + 6 <= v->options->terminal.width) {
		text_printf(v->out, "  %s  " MARK_FAINT "# %s" MARK_END "\n", command.bytes,
		            purpose);
	} else {
		text_printf(v->out, "  " MARK_FAINT "# %s" MARK_END "\n", purpose);
		write_command(v, command.bytes);
	}
	text_free(&command);
}

/* Whether there is something that `symbolize` would add to the trace. */
static bool has_fresh_symbols(const struct profile *p)
{
	for (size_t i = TRACE_FRAME_FIRST; i < p->trace->frames_count; i++)
		if (p->code.frames[i].fresh)
			return true;
	return false;
}

/* What of a function's name a search finds it by: the whole but unnamed scopes, or, of one that
 * would make its command too long, what comes after its scopes, and no more of that than there is
 * room for. */
#define SEARCHED_LONG 40
#define SEARCHED_MAX  70
static void name_to_search(struct text *out, const char *name)
{
	for (const char *next; (next = strstr(name, CODE_ANONYMOUS));)
		name = next + strlen(CODE_ANONYMOUS);
	for (const char *next; text_columns(name) > SEARCHED_LONG; name = next + 2) {
		next = strstr(name, "::");
		if (!next || next > name + strcspn(name, "<"))
			break;
	}
	text_add(out, name, text_prefix(name, SEARCHED_MAX));
}

/* The lines of the function that leads the list of the user's own. */
static void next_lines(struct view *v)
{
	const struct function_order *order = function_order_of(v->p, v->options->sort, true);
	size_t count;
	const struct profile_function **sorted = functions_sorted(v->p, order, true, &count);
	const struct profile_function *top = NULL;
	for (size_t i = 0; i < count && !top; i++)
		if (sorted[i]->own && sorted[i]->named && *sorted[i]->file)
			top = sorted[i];
	free(sorted);
	if (!top)
		return;
	struct text arguments = {0}, name = {0};
	name_to_search(&name, top->name);
	text_string(&arguments, "report --report lines --search ");
	quoted(&arguments, name.bytes);
	text_free(&name);
	next_command(v, arguments.bytes, "the source lines of your first function");
	text_free(&arguments);
}

void section_next(struct view *v)
{
	view_heading(v, "", "NEXT");
	next_lines(v);
	if (v->p->functions.count > v->top)
		next_command(v, "report --report dev-summary", "libraries and the profiler, too");
	next_command(v, "export --format flamegraph -o flame.svg", "a flame graph, for a browser");
	if (v->p->sites.count > v->top || v->p->phases_count > v->top)
		next_command(v, "report --top 30", "longer lists");
	if (v->p->sites.count)
		next_command(v, "report --report memory",
		             "who holds memory, what grows, how long blocks live");
	next_command(v, "report --format json -o report.json", "the same for programs");
	if (has_fresh_symbols(v->p) && v->p->trace->end.known)
		next_command(v, "symbolize", "keep names in the trace, to read it elsewhere");
}
