// marks_classes.cc: the header's classes, which only C++ has.
#include <memprof/memprof.h>

void marks_classes();

void marks_classes()
{
	memprof::step step;
	memprof::phase phase{"class"};
	memprof::phase adopted{memprof_phase_token(), 0};
}
