/* plugin_host.c: objects that come and go, often at the same address. `plugin_host ROUNDS
 * PLUGIN...`: in each round every plug-in is opened, asked to allocate, and closed again. */
#include <dlfcn.h>

#include "truth.h"

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0;
	truth_must(rounds > 0 && argc > 2, "plugin_host ROUNDS PLUGIN...");
	for (int round = 0; round < rounds; round++)
		for (int i = 2; i < argc; i++) {
			void *handle = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
			truth_must(handle != NULL, dlerror());
			void (*allocate)(void) = (void (*)(void))dlsym(handle, "plugin_run");
			truth_must(allocate != NULL, "a plug-in without plugin_run");
			allocate();
			dlclose(handle);
		}
	printf("{\"rounds\": %d}\n", rounds);
	return 0;
}
