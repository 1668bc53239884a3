/* bars.c: see bars.h. */
#include "report/bars.h"

#define COLUMNS 24 /* of a full bar */

void bars_long(struct text *out, double share)
{
	static const char *const ends[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	int eighths = (int)(share * COLUMNS * 8 + 0.5);
	if (share > 0 && eighths == 0)
		eighths = 1;
	text_repeat(out, "█", (size_t)eighths / 8);
	text_string(out, ends[eighths % 8]);
}

void bars_high(struct text *out, double share)
{
	static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int level = (int)(share * 8);
	text_string(out, share > 0 ? levels[level > 7 ? 7 : level] : "·");
}
