/* marks_elsewhere.c: a second translation unit, or a shared library, of marks.c. */
#include <memprof/memprof.h>

#ifdef __cplusplus
void marks_elsewhere();
#else
void marks_elsewhere(void);
#endif

void marks_elsewhere(void)
{
	MEMPROF_PHASE ("elsewhere") {
	}
}
