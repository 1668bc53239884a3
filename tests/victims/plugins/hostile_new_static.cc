/* hostile_new_static.cc: hostile_new.cc with the C++ library linked into it: the operator new that is
 * to throw is in no scope that is looked through by name. */
#include "hostile_new.cc"
