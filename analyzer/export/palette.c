/* palette.c: see palette.h. */
#include "export/palette.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct shade {
	double hue, saturation, lightness; /* degrees, 0…1, 0…1 */
};

/* The categories that ship; a user's own gets a hue from its name. */
static const struct {
	const char *category;
	struct shade shade;
} shades[] = {
        {"program", {44, 0.85, 0.72}},     {"profiler", {316, 0.45, 0.80}},
        {"allocator", {352, 0.72, 0.77}},  {"libc", {128, 0.40, 0.73}},
        {"database", {208, 0.66, 0.75}},   {"numeric libraries", {266, 0.55, 0.81}},
        {"kernel/wait", {28, 0.16, 0.70}}, {"other", {180, 0.34, 0.72}},
};

static const struct shade own = {24, 0.90, 0.70}, phase = {222, 0.22, 0.82},
                          root = {222, 0.10, 0.86};

static uint32_t hash(const char *string)
{
	uint32_t hash = 0x811c9dc5u; /* FNV-1a */
	for (; *string; string++)
		hash = (hash ^ (unsigned char)*string) * 0x01000193u;
	return hash ^ hash >> 15;
}

/* One of the channels of a colour (CSS Color Module Level 4, section 7.1: n is 0, 8 and 4 for red,
 * green and blue). */
static unsigned channel(struct shade s, double n)
{
	double k = fmod(n + s.hue / 30, 12),
	       amount = s.saturation * fmin(s.lightness, 1 - s.lightness);
	double value = s.lightness - amount * fmax(-1, fmin(fmin(k - 3, 9 - k), 1));
	return (unsigned)lround(fmin(fmax(value, 0), 1) * 255);
}

static struct colour colour(struct shade s)
{
	struct colour c;
	snprintf(c.text, sizeof(c.text), "#%02x%02x%02x", channel(s, 0) & 0xff,
	         channel(s, 8) & 0xff, channel(s, 4) & 0xff);
	return c;
}

static struct shade shade_of_category(const char *category)
{
	for (size_t i = 0; i < sizeof(shades) / sizeof(shades[0]); i++)
		if (strcmp(shades[i].category, category) == 0)
			return shades[i].shade;
	return (struct shade){hash(category) % 360, 0.5, 0.76};
}

struct colour palette_of(const struct tree_label *label)
{
	if (label->kind == TREE_ROOT)
		return colour(root);
	struct shade s = label->kind != TREE_FUNCTION ? phase
	                 : label->own                 ? own
	                                              : shade_of_category(label->category);
	uint32_t name = hash(label->name);
	s.hue += (double)(name % 15) - 7;
	s.lightness += ((double)(name / 16 % 7) - 3) / 100;
	return colour(s);
}

struct colour palette_of_category(const char *category)
{
	return colour(shade_of_category(category));
}

struct colour palette_of_own(void)
{
	return colour(own);
}

struct colour palette_of_change(double change)
{
	/* The root makes small changes visible beside large ones. */
	double strength = sqrt(fmin(fabs(change), 1));
	return colour((struct shade){change < 0 ? 212 : 6, 0.03 + 0.79 * strength,
	                             0.87 - 0.21 * strength});
}
