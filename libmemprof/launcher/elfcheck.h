/* elfcheck.h: can this command be profiled? Asked before it is run, so that the answer is a line
 * that says what to do, not a run without a trace. */
#ifndef MEMPROF_LAUNCHER_ELFCHECK_H
#define MEMPROF_LAUNCHER_ELFCHECK_H

/* Finds `command` as the shell would (PATH, unless it has a slash) and looks at what it is: a
 * script is judged by its interpreter. Returns 0 and in *path the file to execute (to be freed), or
 * an exit status (say.h), after a line that says why: 127 not found, 126 not executable, 125 it
 * cannot be profiled (static, setuid, another architecture …). */
int command_check(const char *command, char **path);

#endif
