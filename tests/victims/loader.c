/* loader.c: a C host of plug-ins, without libstdc++ of its own. `loader MODE PLUGIN`, where MODE is
 *
 *     plain      RTLD_NOW | RTLD_LOCAL
 *     deepbind   RTLD_DEEPBIND: the plug-in prefers its own libraries, the C library's malloc too
 *     namespace  dlmopen: the plug-in has a C library of its own
 *
 * Blocks cross in both directions where the plain C library allows it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *load(const char *mode, const char *plugin)
{
	if (strcmp(mode, "namespace") == 0)
		return dlmopen(LM_ID_NEWLM, plugin, RTLD_NOW | RTLD_LOCAL);
	int deep = strcmp(mode, "deepbind") == 0 ? RTLD_DEEPBIND : 0;
	return dlopen(plugin, RTLD_NOW | RTLD_LOCAL | deep);
}

int main(int argc, char **argv)
{
	void *handle = argc == 3 ? load(argv[1], argv[2]) : NULL;
	char *(*answer)(const char *) =
	        handle ? (char *(*)(const char *))dlsym(handle, "plugin_answer") : NULL;
	void (*take)(char *) = handle ? (void (*)(char *))dlsym(handle, "plugin_take") : NULL;
	if (!answer || !take) {
		fprintf(stderr, "loader MODE PLUGIN: %s\n", handle ? "no plug-in" : dlerror());
		return 2;
	}
	for (int i = 0; i < 100; i++) {
		char question[32];
		snprintf(question, sizeof question, "question %d", i);
		char *text = answer(question);
		if (i % 10 == 0)
			puts(text);
		/* C libraries of two namespaces cannot free each other's blocks */
		if (strcmp(argv[1], "namespace") == 0) {
			take(text);
		} else {
			free(text);
			take(strdup(question));
		}
	}
	/* what a namespace loaded stays: the C library cannot take it down in order */
	if (strcmp(argv[1], "namespace") != 0)
		dlclose(handle);
	return 0;
}
