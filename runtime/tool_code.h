/* What the tools that run code share. */
#ifndef MOOT_TOOL_CODE_H
#define MOOT_TOOL_CODE_H

#include "runtime/code.h"
#include "runtime/tool_program.h"

/* Runs `code` of a call in its workspace, saved there as `filename` first unless that is NULL; what
 * it prints, errors included, is the program's output. Ends by `ended`, or with why it was not run.
 */
int moot__code_start(struct moot_tool_call_run *run, const struct moot_code_language *language,
                     const char *code, const char *filename,
                     void (*ended)(struct moot_tool_call_run *run,
                                   const struct moot_spawn_result *r),
                     struct moot_error *err);
void moot__code_release(struct moot_tool_call_run *run);

/* The exit code as a shell would have it (124: its time was up), and in words why it was ended, or
 * "". */
int moot__code_exit(const struct moot_tool_call_run *run, const struct moot_spawn_result *r,
                    char why[160]);
/* Ends the call with a head line and what the program printed. */
void moot__code_finish(struct moot_tool_call_run *run, const struct moot_spawn_result *r,
                       int status, const char *head);

#endif
