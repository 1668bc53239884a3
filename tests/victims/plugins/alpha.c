/* alpha.c: a plug-in of plugin_host.c. Three blocks of 30 bytes a call, one of which stays. */
#include <stdlib.h>

void plugin_run(void);

static __attribute__((noinline)) void *alpha_allocates(void)
{
	void *volatile block = malloc(30);
	return block;
}

void plugin_run(void)
{
	free(alpha_allocates());
	free(alpha_allocates());
	void *volatile stays = alpha_allocates();
	(void)stays;
}
