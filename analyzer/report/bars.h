/* bars.h: histograms drawn with characters. Shares are of 1. */
#ifndef ANALYZER_REPORT_BARS_H
#define ANALYZER_REPORT_BARS_H

#include "base/text.h"

/* A bar as long as the share, in eighths of a column; what is not 0 is seen. */
void bars_long(struct text *out, double share);

/* One character, as high as the share; a dot for 0. */
void bars_high(struct text *out, double share);

#endif
