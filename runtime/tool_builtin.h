/* One built-in tool: what models are told of it, what it can do, and how it starts. tool.c has the
 * table; a file each. */
#ifndef MOOT_TOOL_BUILTIN_H
#define MOOT_TOOL_BUILTIN_H

#include "runtime/tool.h"

/* One call on its way; `self` is the tool's own and freed by its `release`. */
struct moot_tool_call_run {
    struct moot_world *world;
    const struct moot_tool_spec *spec;
    const struct moot_builtin_tool *builtin;
    struct moot_json *args; /* a copy: the caller's may go */
    char call_id[65];
    char *scratch; /* where it works without a workspace; NULL: nowhere */
    bool dry_run;
    bool cancelled;
    void (*done)(void *arg, const struct moot_tool_result *r);
    void *arg;
    struct moot_timer *timer; /* of a call that is over at once */
    struct moot_buf output;
    char *shown;
    char *warnings;
    const char *label;
    int status;
    void *self;
};

struct moot_builtin_tool {
    const char *name;
    const char *description;
    const char *parameters; /* JSON Schema text */
    enum moot_tool_effect effect;
    bool reads_private, ingests_untrusted, sends_external, writes, exec;
    /* Starts it; ends by moot__tool_finish, at once or later. */
    int (*start)(struct moot_tool_call_run *run, struct moot_error *err);
    void (*cancel)(struct moot_tool_call_run *run); /* NULL: it is over at once anyway */
    void (*release)(struct moot_tool_call_run *run);
};

/* The call is over: done is called in a later turn with output, shown, label and status; the run is
 * freed then. May be called from inside start. */
void moot__tool_finish(struct moot_tool_call_run *run);
/* The same with an error's words as output. */
void moot__tool_finish_error(struct moot_tool_call_run *run, int status, const char *message);

extern const struct moot_builtin_tool moot__tool_send_email;
extern const struct moot_builtin_tool moot__tool_read_page;
extern const struct moot_builtin_tool moot__tool_form;
extern const struct moot_builtin_tool moot__tool_command;
extern const struct moot_builtin_tool moot__tool_check_command;
extern const struct moot_builtin_tool moot__tool_check_file;
extern const struct moot_builtin_tool moot__tool_read_file;
extern const struct moot_builtin_tool moot__tool_write_file;
extern const struct moot_builtin_tool moot__tool_list_files;
extern const struct moot_builtin_tool moot__tool_publish;
extern const struct moot_builtin_tool moot__tool_run_code;
extern const struct moot_builtin_tool moot__tool_python;
extern const struct moot_builtin_tool moot__tool_shell;
extern const struct moot_builtin_tool moot__tool_run_tests;

#endif
