/* shapes_host.c: loads code of every shape of frames (unwind/), allocates in each, and unloads it.
 *
 *     shapes_host SHAPES.so ROUNDS
 *
 * Says how many pairs of malloc and free the loaded code has made.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long pairs;

static void hook(void)
{
	free(malloc(1 + pairs++ % 200));
}

static void run_once(const char *library)
{
	void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	void (*run)(void (*)(void));
	if (!loaded) {
		fprintf(stderr, "shapes_host: %s\n", dlerror());
		exit(1);
	}
	*(void **)&run = dlsym(loaded, "shapes_run");
	run(hook);
	dlclose(loaded);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: shapes_host SHAPES.so ROUNDS\n");
		return 2;
	}
	for (long round = atol(argv[2]); round > 0; round--)
		run_once(argv[1]);
	printf("{\"pairs\": %lu}\n", pairs);
	return 0;
}
