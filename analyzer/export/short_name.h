/* short_name.h: the part of a C++ name that tells most where there is little room. */
#ifndef ANALYZER_EXPORT_SHORT_NAME_H
#define ANALYZER_EXPORT_SHORT_NAME_H

/* A name without the namespaces and classes that it lies in: of "(anonymous
 * namespace)::grid<a::b>::operator<<" the part "operator<<". Points into `name`, and is all of it
 * where there is nothing to leave out. */
const char *short_name(const char *name);

#endif
