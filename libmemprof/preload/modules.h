/* modules.h: which object is mapped where, from when to when. */
#ifndef MP_PRELOAD_MODULES_H
#define MP_PRELOAD_MODULES_H

/* After dlclose: marks the modules that are gone. Their addresses may mean something else from now
 * on, so what was remembered of stacks is forgotten. */
void mp_modules_check(void);

#endif
