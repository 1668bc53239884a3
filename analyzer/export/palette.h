/* palette.h: the colours of a flame graph. They follow from what a frame is, not from where it
 * stands, so that a function has the same colour in every picture: the hue tells the category, the
 * shade is the function's own. All are light enough for dark letters, on light and dark pages. */
#ifndef ANALYZER_EXPORT_PALETTE_H
#define ANALYZER_EXPORT_PALETTE_H

#include "export/tree.h"

struct colour {
	char text[8]; /* "#rrggbb" */
};

struct colour palette_of(const struct tree_label *label);

/* The middle shade of a category, for a legend. */
struct colour palette_of_category(const char *category);

/* The user's own functions are a warmer shade of their category. */
struct colour palette_of_own(void);

/* Of a change: −1 blue (less), 0 grey, 1 red (more). */
struct colour palette_of_change(double change);

#endif
