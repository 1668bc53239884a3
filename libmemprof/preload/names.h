/* names.h: strings in the region, each once; a name's number is its offset there, 0 is none. */
#ifndef MP_PRELOAD_NAMES_H
#define MP_PRELOAD_NAMES_H

#include <stdint.h>

#define MP_NAME_MAX 127u  /* bytes of a phase's or a counter's name */
#define MP_PATH_MAX 4095u /* bytes of any string */

/* The number of a string, copied at first sight and cut at MP_PATH_MAX. 0: no room, or empty.
 * Lock-free, async-signal-safe. */
uint32_t mp_name_intern(const char *string);

/* The same for a name that a program gave: cut at MP_NAME_MAX bytes. */
uint32_t mp_name_of_program(const char *name);

/* In a forked child, which has its parent's names: finds them all again. */
void mp_names_index(void);

#endif
