/* terminal.c: see terminal.h. */
#include "report/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static size_t find_width(bool to_file)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long width = columns ? strtol(columns, NULL, 10) : 0;
	if (width <= 0 && !to_file && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		return 100;
	return width < 60 ? 60 : width > 200 ? 200 : (size_t)width;
}

struct terminal terminal_find(bool to_file)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return (struct terminal){
	        .width = find_width(to_file),
	        .colour = !to_file && isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	                  !(term && strcmp(term, "dumb") == 0),
	        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
}
