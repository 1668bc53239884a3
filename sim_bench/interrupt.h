/* interrupt.h: SIGINT and SIGTERM as a wish to stop, which the run looks at between steps.
 *
 * A second signal ends the program at once, if it comes a second later than the first or more: one
 * press of Ctrl-C arrives twice, from the terminal and passed on by the launcher.
 */
#ifndef SIM_INTERRUPT_H
#define SIM_INTERRUPT_H

/* Catches SIGINT and SIGTERM from now on, and lets a write to a closed pipe or beyond a file size
 * limit fail instead of killing. */
void interrupt_catch(void);

/* The signal that asked to stop, or 0. */
int interrupt_signal(void);

#endif
