/* scaling.c: see scaling.h. */
#include "report/scaling.h"

#include <string.h>

static const struct scaling_format formats[] = {
        {"text", scaling_text}, {"json", scaling_json}, {"markdown", scaling_markdown},
        {"csv", scaling_csv},   {NULL, NULL},
};

const struct scaling_format *scaling_format_all(void)
{
	return formats;
}

const struct scaling_format *scaling_format_find(const char *name)
{
	for (const struct scaling_format *f = formats; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
