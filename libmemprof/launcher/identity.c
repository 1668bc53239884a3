/* identity.c: see identity.h. */
#include "identity.h"
#include "memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_BYTES_MAX (1u << 16)

static size_t read_command(pid_t pid, char *command)
{
	char path[64];
	size_t used = 0;
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (ssize_t got; used < COMMAND_BYTES_MAX - 1; used += (size_t)got) {
		got = read(fd, command + used, COMMAND_BYTES_MAX - 1 - used);
		if (got <= 0)
			break;
	}
	close(fd);
	command[used] = '\0';
	/* Arguments that were cut, or that the process wrote over, end all the same. */
	return used && command[used - 1] ? used + 1 : used;
}

static size_t join(char *const arguments[], char *command)
{
	size_t used = 0;
	for (int i = 0; arguments && arguments[i]; i++) {
		size_t size = strlen(arguments[i]) + 1;
		if (size > COMMAND_BYTES_MAX - used)
			break;
		memcpy(command + used, arguments[i], size);
		used += size;
	}
	return used;
}

/* The path that a link of /proc/PID names. */
static char *read_link(pid_t pid, const char *name)
{
	char path[64], target[4096];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	ssize_t length = readlink(path, target, sizeof target - 1);
	target[length > 0 ? length : 0] = '\0';
	return memory_copy(target);
}

void identity_read(struct identity *identity, pid_t pid, char *const fallback[])
{
	char *command = memory_new(COMMAND_BYTES_MAX, 1);
	size_t length = read_command(pid, command);
	if (length == 0)
		length = join(fallback, command);
	identity->command = memory_new(length, 1);
	memcpy(identity->command, command, length);
	identity->command_length = length;
	identity->exe = read_link(pid, "exe");
	identity->cwd = read_link(pid, "cwd");
	free(command);
}

/* The image tells its name just after it has announced itself; a moment later at most. */
static uint32_t wait_for_exe(const struct region *region)
{
	const struct timespec pause = {.tv_nsec = 50000};
	const uint32_t *offset = &region->header->exe;
	for (int i = 0; i < 40 && !__atomic_load_n(offset, __ATOMIC_ACQUIRE); i++)
		nanosleep(&pause, NULL);
	return __atomic_load_n(offset, __ATOMIC_ACQUIRE);
}

/* Whether /proc had the arguments that the image tells, or more of them: it may cut them. */
static bool same_arguments(const struct identity *identity, const char *lines, size_t length)
{
	if (identity->command_length < length + 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		char byte = identity->command[i];
		if ((byte ? byte : '\n') != lines[i])
			return false;
	}
	return true;
}

static void take_arguments(struct identity *identity, const char *lines, size_t length)
{
	free(identity->command);
	identity->command = memory_new(length + 1, 1);
	for (size_t i = 0; i < length; i++)
		identity->command[i] = lines[i] == '\n' ? '\0' : lines[i];
	identity->command_length = length + 1;
}

bool identity_take(struct identity *identity, const struct region *region)
{
	char name[REGION_NAME_MAX];
	if (!region_intact(region) || region_name(region, wait_for_exe(region), name) == 0)
		return false;
	free(identity->exe);
	identity->exe = memory_copy(name);
	uint32_t arguments = __atomic_load_n(&region->header->arguments, __ATOMIC_ACQUIRE);
	size_t length = region_name(region, arguments, name);
	if (length && !same_arguments(identity, name, length))
		take_arguments(identity, name, length);
	return true;
}

void identity_inherit(struct identity *identity, const struct identity *parent)
{
	free(identity->command);
	free(identity->exe);
	identity->command = memory_new(parent->command_length, 1);
	memcpy(identity->command, parent->command, parent->command_length);
	identity->command_length = parent->command_length;
	identity->exe = memory_copy(parent->exe);
}

void identity_free(struct identity *identity)
{
	free(identity->command);
	free(identity->exe);
	free(identity->cwd);
}
