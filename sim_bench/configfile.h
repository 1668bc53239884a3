/* configfile.h: settings from a file, in the INI format as libinih reads it.
 *
 *     [simulation]
 *     agents = 300            ; names, values and ranges are those of the options
 *     [components]
 *     spatial = grid
 *
 * sim_bench --print-config writes one with every setting.
 */
#ifndef SIM_CONFIGFILE_H
#define SIM_CONFIGFILE_H

#include "config.h"

/* Sets what the file at PATH says, but settings that GIVEN[i] marks (by their place in the table),
 * and marks what it set. A setting outside its section, twice, unknown, or out of its range is an
 * error: false, with one line that names file and line. Strings go to config->texts. */
bool configfile_read(const char *path, struct config *config, bool *given, char *error,
                     size_t error_size);

#endif
