/* A program that a tool runs: in the sandbox unless the crew file says `sandbox: none`, with little
 * of our own environment, one folder to write in, and a deadline. What its outcome means is the
 * tool's to say. A tool's own state begins with this one. */
#ifndef MOOT_TOOL_PROGRAM_H
#define MOOT_TOOL_PROGRAM_H

#include "runtime/sandbox.h"
#include "runtime/tool_builtin.h"

#include <limits.h>

enum {
    MOOT_PROGRAM_WORDS = 128,
    MOOT_PROGRAM_ENV = 12,
    MOOT_PROGRAM_BINDS = 32,
    MOOT_PROGRAM_MS = 60000, /* how long it may run when nothing is said */
};

struct moot_tool_program {
    struct moot_tool_call_run *run;
    void (*ended)(struct moot_tool_call_run *run, const struct moot_spawn_result *r);
    bool sees_crew;    /* it may read the crew file's folder, and starts there */
    bool needs_folder; /* without a workspace it works in the scratch folder */
    char *argv[MOOT_PROGRAM_WORDS + 1];
    size_t argc;
    char *env[MOOT_PROGRAM_ENV + 1];
    size_t env_count;
    char *binds[MOOT_PROGRAM_BINDS + 1];
    size_t bind_count;
    char folder[PATH_MAX];    /* the crew file's */
    char workspace[PATH_MAX]; /* where it may write; "": nowhere */
    char *input;              /* what it reads; NULL: nothing */
    struct moot_process *process;
    struct moot_sandbox_run *fenced;
};

/* Begins the program of a call: `program` (of calloc) is the start of the tool's own state, which
 * moot__program_release frees. */
void moot__program_begin(struct moot_tool_program *program, struct moot_tool_call_run *run,
                         void (*ended)(struct moot_tool_call_run *run,
                                       const struct moot_spawn_result *r));
/* MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__program_word(struct moot_tool_program *p, const char *text, size_t len);
/* A value of NULL adds nothing. MOOT_ENOMEM. */
int moot__program_env(struct moot_tool_program *p, const char *name, const char *value);
/* Finds folder and workspace, making the latter; for tools that must know them before they go. */
int moot__program_folders(struct moot_tool_program *p, struct moot_error *why);
/* Off it goes, or, if `status` is not MOOT_OK or it cannot, the call ends with `why`. */
void moot__program_go(struct moot_tool_program *p, int status, struct moot_error *why);

void moot__program_cancel(struct moot_tool_call_run *run);
void moot__program_release(struct moot_tool_call_run *run);

/* A program's bytes as text: what is no UTF-8, and NUL, becomes U+FFFD. */
void moot__program_text(struct moot_buf *out, const char *data, size_t len);
/* The same of what may be long: its beginning and its end, with a note of what was left out. */
void moot__program_output(struct moot_buf *out, const char *data, size_t len);
size_t moot__program_lines(const char *text);

#endif
