/* hooks_loader.c: dlclose, the one moment when code goes away.
 *
 * dlopen is not hooked: it looks at who called it (search path, namespace). New code is found when
 * a stack first runs through it.
 */
#include "hooks.h"
#include "modules.h"
#include "next.h"

#include <stddef.h>

int dlclose(void *handle);

MP_HOOK int dlclose(void *handle)
{
	static void *place;
	int (*next)(void *) = (int (*)(void *))mp_next("dlclose", &place);
	if (!next)
		return -1;
	int result = next(handle);
	mp_modules_check();
	return result;
}
