/* box.h: a frame of lines around what is written while it is open; in Markdown a heading above. */
#ifndef ANALYZER_REPORT_BOX_H
#define ANALYZER_REPORT_BOX_H

#include "report/view.h"

struct box {
	struct view inner; /* what to write with: as wide as the frame leaves room for */
	struct report_options options;
	struct text text;
	const struct view *outer;
	const char *title;
};

/* Opens a box that stays where it is. `title` must live until box_end. */
void box_begin(struct box *box, const struct view *outer, const char *title);

/* Writes the box with what was written into it. */
void box_end(struct box *box);

#endif
