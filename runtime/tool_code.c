/* run_code, python and shell: code that an agent wrote, in its workspace. */
#include "runtime/tool_code.h"

#include "runtime/beneath.h"
#include "runtime/scratch.h"

enum { EXIT_TIME = 124, EXIT_KILLED = 137, EXIT_MISSING = 127 };

/* $0 is the file, the words are programs that could run it. Errors are printed among the rest, as
 * on a terminal; standard error is left to say that nothing was run. */
#define CHOOSE                                                                                     \
    "for r in \"$@\"; do command -v \"$r\" >/dev/null && exec \"$r\" \"$0\" </dev/null 2>&1; "     \
    "done; "                                                                                       \
    "echo \"none of these is here: $*\" >&2; exit 127"
static const char run_file[] = CHOOSE;
static const char run_input[] = "cat >\"$0\" || exit; " CHOOSE;

struct code {
    struct moot_tool_program program; /* first */
    const struct moot_code_language *language;
    char *text, *filename; /* a copy; the latter may be NULL */
    int status;            /* of saving it */
    struct moot_error why;
};

void moot__code_release(struct moot_tool_call_run *run)
{
    struct code *c = run->self;
    if (c == NULL)
        return;
    free(c->text);
    free(c->filename);
    moot__program_release(run);
}

static int add_words(struct code *c, const char *script, const char *file)
{
    const char *const begin[] = {"/bin/sh", "-c", script, file};
    int status = MOOT_OK;
    for (size_t i = 0; i < MOOT_COUNT(begin) && status == MOOT_OK; i++)
        status = moot__program_word(&c->program, begin[i], strlen(begin[i]));
    for (const char *const *r = c->language->runners; *r != NULL && status == MOOT_OK; r++)
        status = moot__program_word(&c->program, *r, strlen(*r));
    if (status == MOOT_OK)
        status = moot__program_env(&c->program, "PYTHONPATH", c->program.workspace);
    if (status == MOOT_OK)
        status = moot__program_env(&c->program, "PYTHONDONTWRITEBYTECODE", "1");
    if (status == MOOT_OK) /* what it printed before it was killed is not lost */
        status = moot__program_env(&c->program, "PYTHONUNBUFFERED", "1");
    return status;
}

/* Where the code lies that has no name: in the sandbox's own /tmp, else in the scratch folder. */
static int unnamed_file(const struct code *c, struct moot_buf *file, struct moot_error *why)
{
    const struct moot_tool_call_run *run = c->program.run;
    int status = MOOT_OK;
    if (!run->spec->sandbox_none) {
        moot__buf_addf(file, "/tmp/code%s", c->language->suffix);
        return MOOT_OK;
    }
    if (run->scratch == NULL)
        return moot__fail(why, MOOT_EDENIED, "there is no folder for the code");
    status = moot__scratch_make(run->scratch, why);
    moot__buf_addf(file, "%s/%.16s%s", run->scratch, run->call_id, c->language->suffix);
    return status;
}

static void go(struct code *c, int status)
{
    struct moot_buf file;
    moot__buf_init(&file, PATH_MAX);
    if (status == MOOT_OK && c->filename != NULL) {
        moot__buf_addf(&file, "%s/%s", c->program.workspace, c->filename);
    } else if (status == MOOT_OK) {
        status = unnamed_file(c, &file, &c->why);
        c->program.input = c->text;
        c->text = NULL;
    }
    if (status == MOOT_OK)
        status = file.status;
    if (status == MOOT_OK)
        status = add_words(c, c->filename != NULL ? run_file : run_input, moot__buf_text(&file));
    moot__program_go(&c->program, status, &c->why);
    moot__buf_release(&file);
}

static void save_work(void *arg)
{
    struct code *c = arg;
    int root = -1;
    c->status = moot__beneath_root(c->program.workspace, NULL, false, &root, &c->why);
    if (c->status != MOOT_OK)
        return;
    c->status = moot__beneath_write(root, c->filename, c->text, strlen(c->text), &c->why);
    moot__beneath_close(root);
}

static void save_done(void *arg)
{
    struct code *c = arg;
    go(c, c->program.run->cancelled ? MOOT_ECANCELED : c->status);
}

int moot__code_start(struct moot_tool_call_run *run, const struct moot_code_language *language,
                     const char *code, const char *filename,
                     void (*ended)(struct moot_tool_call_run *run,
                                   const struct moot_spawn_result *r),
                     struct moot_error *err)
{
    const struct moot_world *w = run->world;
    struct code *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__program_begin(&c->program, run, ended);
    c->program.needs_folder = true;
    c->language = language;
    c->text = moot__copy(code, strlen(code));
    c->filename = filename != NULL ? moot__copy(filename, strlen(filename)) : NULL;
    int status =
        c->text != NULL && (filename == NULL || c->filename != NULL) ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK && strlen(code) > MOOT_MAX_CODE)
        status =
            moot__fail(&c->why, MOOT_EINVAL, "the code is longer than %d bytes", MOOT_MAX_CODE);
    if (status == MOOT_OK && filename != NULL)
        status = moot__beneath_check(filename, &c->why);
    if (status == MOOT_OK)
        status = moot__program_folders(&c->program, &c->why);
    if (status == MOOT_OK && filename != NULL)
        status = w->pool(w->self, save_work, save_done, c);
    else
        go(c, status);
    if (status != MOOT_OK && filename != NULL)
        go(c, status);
    return MOOT_OK;
}

int moot__code_exit(const struct moot_tool_call_run *run, const struct moot_spawn_result *r,
                    char why[160])
{
    int64_t ms = run->spec->seconds_ms > 0 ? run->spec->seconds_ms : MOOT_PROGRAM_MS;
    why[0] = '\0';
    switch (r->status) {
    case MOOT_OK:
        if (r->signal == 0)
            return r->exit_code;
        snprintf(why, 160, "ended by signal %d", r->signal);
        return 128 + r->signal;
    case MOOT_ETIMEOUT:
        snprintf(why, 160, "it ran longer than %lld s and was killed", (long long)(ms / 1000));
        return EXIT_TIME;
    case MOOT_ETOOBIG:
        snprintf(why, 160, "it printed more than %d bytes and was killed", MOOT_MAX_TOOL_OUTPUT);
        return EXIT_KILLED;
    default:
        snprintf(why, 160, "%.150s", r->error.message);
        return EXIT_KILLED;
    }
}

void moot__code_finish(struct moot_tool_call_run *run, const struct moot_spawn_result *r,
                       int status, const char *head)
{
    moot__buf_addf(&run->output, "%s\n", head);
    moot__program_output(&run->output, r->out, r->out_len);
    /* The one program that could say something there is the one that found no other. */
    moot__program_output(&run->output, r->err_out, r->err_len);
    run->status = r->status == MOOT_ETIMEOUT || r->status == MOOT_ECANCELED ? r->status
                  : r->exit_code == EXIT_MISSING && r->err_len > 0          ? MOOT_EDENIED
                                                                            : status;
    /* It prints what is in files, or, where nothing fences it in, whatever it fetched. */
    run->label = run->spec->sandbox_none ? "web" : "file";
    moot__tool_finish(run);
}

static void code_ended(struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    char why[160], head[192], shown[192];
    int code = moot__code_exit(run, r, why);
    size_t lines = moot__program_lines(r->out);
    snprintf(head, sizeof(head), "exit %d%s%s%s", code, why[0] != '\0' ? ": " : "", why,
             r->out_len == 0 && r->err_len == 0 ? ", no output" : "");
    if (why[0] != '\0')
        snprintf(shown, sizeof(shown), "exit %d · %s", code, why);
    else
        snprintf(shown, sizeof(shown), "exit %d · %zu line%s", code, lines, lines == 1 ? "" : "s");
    run->shown = moot__copy(shown, strlen(shown));
    moot__code_finish(run, r, code == 0 ? MOOT_OK : MOOT_EINVAL, head);
}

static int run_code_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    const char *word = moot__json_get_text(run->args, "language", "");
    const char *filename = moot__json_get_text(run->args, "filename", "");
    const struct moot_code_language *language = moot__code_language(word, strlen(word));
    if (language == NULL) {
        struct moot_error why = {0};
        moot__fail(&why, MOOT_EINVAL, "'%.40s' cannot be run here: it must be %s", word,
                   moot__code_languages());
        moot__tool_finish_error(run, MOOT_EINVAL, why.message);
        return MOOT_OK;
    }
    return moot__code_start(run, language, moot__json_get_text(run->args, "code", ""),
                            filename[0] != '\0' ? filename : NULL, code_ended, err);
}

static int start_as(struct moot_tool_call_run *run, const char *language, const char *arg,
                    struct moot_error *err)
{
    return moot__code_start(run, moot__code_language(language, strlen(language)),
                            moot__json_get_text(run->args, arg, ""), NULL, code_ended, err);
}

static int python_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return start_as(run, "python", "code", err);
}

static int shell_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return start_as(run, "sh", "command", err);
}

/* It may write its workspace, so that once is not twice. */
#define CODE_TOOL                                                                                  \
    .effect = MOOT_EFFECT_IRREVERSIBLE, .reads_private = true, .writes = true, .exec = true,       \
    .cancel = moot__program_cancel, .release = moot__code_release

#define WHERE                                                                                      \
    " It runs in a sandbox without a network, in the workspace, for a minute at most. The result " \
    "begins with its exit code."

const struct moot_builtin_tool moot__tool_run_code = {
    .name = "run_code",
    .description = "Runs code and gives what it prints." WHERE,
    .parameters =
        "{\"type\":\"object\",\"properties\":{\"language\":{\"type\":\"string\",\"description\":"
        "\"python or sh\"},\"code\":{\"type\":\"string\"},\"filename\":{\"type\":\"string\","
        "\"description\":\"saves it in the workspace under that name first\"}},\"required\":["
        "\"language\",\"code\"],\"additionalProperties\":false}",
    CODE_TOOL,
    .start = run_code_start,
};

const struct moot_builtin_tool moot__tool_python = {
    .name = "python",
    .description = "Runs Python code and gives what it prints." WHERE,
    .parameters = "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"}},"
                  "\"required\":[\"code\"],\"additionalProperties\":false}",
    CODE_TOOL,
    .start = python_start,
};

const struct moot_builtin_tool moot__tool_shell = {
    .name = "shell",
    .description = "Runs a command in a shell and gives what it prints." WHERE,
    .parameters = "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}},"
                  "\"required\":[\"command\"],\"additionalProperties\":false}",
    CODE_TOOL,
    .start = shell_start,
};
