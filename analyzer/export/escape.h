/* escape.h: names of functions and files inside of documents of other formats. Names come from
 * traces and may hold any bytes: what is not UTF-8 becomes U+FFFD, and so do characters that the
 * format cannot hold, so that every document is well-formed whatever was recorded. */
#ifndef ANALYZER_EXPORT_ESCAPE_H
#define ANALYZER_EXPORT_ESCAPE_H

#include <stddef.h>

#include "base/text.h"

/* Adds a string as the text or attribute of an XML 1.0 element; ends of lines become spaces. */
void escape_xml(struct text *out, const char *string);

/* The same of its first `length` bytes at most. */
void escape_xml_part(struct text *out, const char *string, size_t length);

/* Adds a string as a JSON string, with its quotation marks. */
void escape_json(struct text *out, const char *string);

/* Adds a string as it is, where only UTF-8 is asked for. */
void escape_utf8(struct text *out, const char *string);

/* Adds a string as a frame of a collapsed stack, where ';' ends a frame and a line ends a stack:
 * ';' becomes ':', and control characters and spaces at the ends go. */
void escape_collapsed(struct text *out, const char *string);

#endif
