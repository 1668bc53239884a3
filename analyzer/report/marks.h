/* marks.h: how text reports are written, and how they become what a terminal shows.
 *
 * Reports put MARK_… around what stands out and write UTF-8. At the end marks become colours, or
 * nothing; characters outside ASCII become the nearest in it where the locale has no others; and
 * any other control character, which can only come from a name in a trace, is shown as '?', so
 * that a trace cannot talk to the terminal.
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

/* Appends `from`, as the terminal should get it, to `out`. */
void marks_render(const struct text *from, const struct terminal *terminal, struct text *out);

#endif
