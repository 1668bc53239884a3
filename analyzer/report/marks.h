/* marks.h: how text reports are written, and how they become what a terminal shows.
 *
 * Reports put MARK_… around what stands out and write UTF-8. At the end marks become colours, or
 * nothing; characters outside ASCII become the nearest in it where the locale has no others; and
 * any other control character, which can only come from a name in a trace, is shown as '?', so
 * that a trace cannot talk to the terminal. Lines that are longer than the terminal is wide go on
 * in the next one, indented, unless they are marked as whole: rows of tables, which fit as they
 * are, and what is to be copied.
 *
 * In Markdown, headings are headings, lines end where they end, and what would be taken for markup
 * is escaped.
 */
#ifndef ANALYZER_REPORT_MARKS_H
#define ANALYZER_REPORT_MARKS_H

#include "base/text.h"
#include "report/terminal.h"

#define MARK_HEADING "\001"
#define MARK_FAINT   "\002"
#define MARK_WARNING "\003"
#define MARK_END     "\004"
#define MARK_BAR     "\005" /* between the cells of a table in Markdown */
#define MARK_WHOLE   "\006" /* anywhere in a line that must not be broken */

/* Columns that a text with marks in it takes. */
size_t marks_columns(const char *text);

/* Appends `from` to `out`, its lines not longer than `width` where there are blanks to break them
 * at. */
void marks_wrap(const struct text *from, size_t width, struct text *out);

/* Appends `from`, as the terminal should get it, to `out`. */
void marks_render(const struct text *from, const struct terminal *terminal, struct text *out);

#endif
