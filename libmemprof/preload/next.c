/* next.c: see next.h. */
#include "next.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>

void *mp_next(const char *name, void **place)
{
	void *function = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	if (!function) {
		int error = errno;
		function = dlsym(RTLD_NEXT, name);
		errno = error;
		__atomic_store_n(place, function, __ATOMIC_RELEASE);
	}
	return function;
}

/* The object that an address lies in, opened once more; NULL for the executable. */
static void *object_of(void *address)
{
	struct dl_find_object found;
	if (_dl_find_object(address, &found) != 0 || !found.dlfo_link_map ||
	    !*found.dlfo_link_map->l_name)
		return NULL;
	return dlopen(found.dlfo_link_map->l_name, RTLD_NOLOAD | RTLD_LAZY);
}

void *mp_next_cxx(const char *name, void **place, void *caller)
{
	static const char *const libraries[] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
	void *function = mp_next(name, place);
	for (size_t i = 0; !function && i < sizeof(libraries) / sizeof(*libraries); i++) {
		void *library = dlopen(libraries[i], RTLD_NOLOAD | RTLD_LAZY);
		if (library)
			function = dlsym(library, name);
	}
	__atomic_store_n(place, function, __ATOMIC_RELEASE);
	void *object = function ? NULL : object_of(caller);
	return object ? dlsym(object, name) : function;
}

static bool here;

void mp_next_is_here(void)
{
	here = true;
}

void mp_next_free(void *block)
{
	static void *place;
	void (*next)(void *) = (void (*)(void *))mp_next("free", &place);
	if (next && !here)
		next(block);
}

void *mp_next_realloc(void *block, size_t size)
{
	static void *place;
	void *(*next)(void *, size_t) = (void *(*)(void *, size_t))mp_next("realloc", &place);
	return next && !here ? next(block, size) : NULL;
}

size_t mp_next_usable_size(const void *block)
{
	static void *place;
	size_t (*next)(const void *) =
	        (size_t(*)(const void *))mp_next("malloc_usable_size", &place);
	return next && !here ? next(block) : 0;
}
