/* Candidates that depend on what there is: runs, what waits, the tasks and agents of a crew. */
#ifndef MOOT_COMPLETION_VALUES_H
#define MOOT_COMPLETION_VALUES_H

#include <stdio.h>

/* Each prints the candidates that begin with `typed`, as moot__complete does; what cannot be read
 * has none. */
void moot__offer_runs(FILE *out, const char *typed);
void moot__offer_waiting(FILE *out, const char *typed);
/* `list`: "tasks" or "agents" of a crew file, or of the run of that name (NULL: the last run). */
void moot__offer_of_crew(FILE *out, const char *crew_file, const char *list, const char *typed);
void moot__offer_of_run(FILE *out, const char *run, const char *list, const char *typed);
/* One candidate, if it begins with `typed`. */
void moot__offer(FILE *out, const char *candidate, const char *what, const char *typed);

#endif
