/* giver.c: a plug-in of loader.c that allocates what its host frees, and frees what its host, or
 * the C library, allocated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *plugin_answer(const char *question);
void plugin_take(char *text);

char *plugin_answer(const char *question)
{
	char *copy = strdup(question); /* allocated inside the C library */
	char *text = malloc(64);
	snprintf(text, 64, "an answer to %s", copy);
	free(copy);
	text = realloc(text, 256);
	return text;
}

void plugin_take(char *text)
{
	free(text);
}
