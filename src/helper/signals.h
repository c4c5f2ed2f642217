/* SIGINT and SIGTERM end the program, and take with them what it would leave behind:
 * the bar on the terminal and what was unpacked. A registry needs no tidying: it is as
 * before or complete at every moment. */
#ifndef HELPER_SIGNALS_H
#define HELPER_SIGNALS_H

#include <stdbool.h>

/* False: threads or descriptors are out; signals then end the program at once. */
bool signals_begin(void);

#endif
