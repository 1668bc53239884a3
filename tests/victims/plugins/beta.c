/* beta.c: a plug-in of plugin_host.c, of the same size and shape as alpha.c, so that the loader
 * tends to put the one where the other was. Two blocks of 70 bytes a call. */
#include <stdlib.h>

void plugin_run(void);

static __attribute__((noinline)) void *beta_allocates(void)
{
	void *volatile block = malloc(70);
	return block;
}

void plugin_run(void)
{
	free(beta_allocates());
	free(beta_allocates());
}
