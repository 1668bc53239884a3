/* terminal.h: what the place that a text report goes to can show. */
#ifndef ANALYZER_REPORT_TERMINAL_H
#define ANALYZER_REPORT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal {
	size_t width;  /* columns: COLUMNS, else the terminal's, else 100; 60 to 200 */
	bool colour;   /* a terminal, and NO_COLOR is not set */
	bool utf8;     /* the locale's characters are UTF-8 */
	bool markdown; /* not a terminal, but a text in Markdown (with tables, as GitHub's) */
};

/* Of standard output, or of a file if `to_file`. Call after setlocale(LC_CTYPE, ""). */
struct terminal terminal_find(bool to_file);

#endif
