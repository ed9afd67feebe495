/* Tools that are programs: the arguments as JSON on standard input, what they print is the result.
 * They run in the sandbox unless the crew file says `sandbox: none`. check_command is the same for
 * checks. */
#include "runtime/sandbox.h"
#include "runtime/template.h"
#include "runtime/tool_builtin.h"
#include "runtime/utf8.h"

#include <limits.h>
#include <sys/stat.h>

enum { DEADLINE_MS = 60000, WORDS_MAX = 128, BINDS_MAX = 32, ENV_MAX = 8, REPORT_MAX = 16 * 1024 };

struct command {
    struct moot_tool_call_run *run;
    char *argv[WORDS_MAX + 1];
    size_t argc;
    char *env[ENV_MAX + 1];
    size_t env_count;
    char *binds[BINDS_MAX + 1];
    size_t bind_count;
    char folder[PATH_MAX];
    char workspace[PATH_MAX]; /* "" : none */
    char *input;
    struct moot_process *process;
    struct moot_sandbox_run *fenced;
};

static void command_release(struct moot_tool_call_run *run)
{
    struct command *c = run->self;
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->argc; i++)
        free(c->argv[i]);
    for (size_t i = 0; i < c->env_count; i++)
        free(c->env[i]);
    for (size_t i = 0; i < c->bind_count; i++)
        free(c->binds[i]);
    free(c->input);
    free(c);
}

static void command_cancel(struct moot_tool_call_run *run)
{
    struct command *c = run->self;
    const struct moot_world *w = run->world;
    if (c->fenced != NULL)
        moot__sandbox_kill(c->fenced);
    else if (c->process != NULL)
        w->spawn_kill(w->self, c->process);
}

/* What came out */

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n' || at[1] == '\0';
    return lines;
}

/* A program's bytes as text: what is no UTF-8, and NUL, becomes U+FFFD. */
static void put_text(struct moot_buf *out, const char *data, size_t len)
{
    while (len > 0) {
        size_t good = len;
        size_t bad = 0;
        if (!moot__utf8_valid(data, len, &bad))
            good = bad;
        const char *nul = memchr(data, '\0', good);
        if (nul != NULL)
            good = (size_t)(nul - data);
        moot__buf_add(out, data, good);
        if (good == len)
            return;
        moot__buf_adds(out, "\xef\xbf\xbd");
        data += good + 1;
        len -= good + 1;
    }
}

/* The last part of a long text: what a program says at its end matters most. */
static void put_end(struct moot_buf *out, const char *data, size_t len)
{
    if (len > REPORT_MAX) {
        moot__buf_adds(out, "…\n");
        data += len - REPORT_MAX;
        len = REPORT_MAX;
    }
    put_text(out, data, len);
}

/* Whether nothing was run because the program is not seen inside, and prlimit said so. */
static bool is_missing(const struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    static const char said[] = "prlimit: failed to execute ";
    return !run->spec->sandbox_none && (r->exit_code == 126 || r->exit_code == 127) &&
           strncmp(r->err_out, said, sizeof(said) - 1) == 0;
}

static void command_failed(struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    struct moot_buf *out = &run->output;
    const struct command *c = run->self;
    if (is_missing(run, r)) {
        moot__buf_addf(out,
                       "%s cannot be run in the sandbox, where there are /usr, the crew "
                       "file's folder and what `bind` names\n",
                       c->argv[0]);
        /* A check that cannot be made rejects nothing. */
        run->status = run->spec->command == NULL ? MOOT_EDENIED : MOOT_EINVAL;
        return;
    }
    if (r->signal != 0)
        moot__buf_addf(out, "ended by signal %d\n", r->signal);
    else if (run->spec->command != NULL)
        moot__buf_addf(out, "exit %d\n", r->exit_code);
    put_end(out, r->out, r->out_len);
    if (r->out_len > 0 && r->out[r->out_len - 1] != '\n')
        moot__buf_addc(out, '\n');
    put_end(out, r->err_out, r->err_len);
    run->status = MOOT_EINVAL;
}

static void command_done(void *arg, const struct moot_spawn_result *r)
{
    struct moot_tool_call_run *run = arg;
    struct command *c = run->self;
    char shown[96];
    c->process = NULL;
    c->fenced = NULL;
    if (r->status != MOOT_OK) {
        moot__buf_addf(&run->output, "%s\n", r->error.message);
        put_end(&run->output, r->err_out, r->err_len);
        /* Without a sandbox nothing is run: that is a refusal, not the program's failure. */
        run->status = r->status == MOOT_EUNSUPPORTED ? MOOT_EDENIED : r->status;
        moot__tool_finish(run);
        return;
    }
    if (r->exit_code == 0)
        put_text(&run->output, r->out, r->out_len);
    else
        command_failed(run, r);
    size_t lines = lines_of(moot__buf_text(&run->output));
    if (r->signal != 0)
        snprintf(shown, sizeof(shown), "signal %d", r->signal);
    else
        snprintf(shown, sizeof(shown), "exit %d · %zu line%s", r->exit_code, lines,
                 lines == 1 ? "" : "s");
    run->shown = moot__copy(shown, strlen(shown));
    moot__tool_finish(run);
}

/* What goes in */

static int add_word(struct command *c, const char *text, size_t len)
{
    if (c->argc == WORDS_MAX)
        return MOOT_ETOOBIG;
    c->argv[c->argc] = moot__copy(text, len);
    return c->argv[c->argc] != NULL && ++c->argc > 0 ? MOOT_OK : MOOT_ENOMEM;
}

/* The words of a check's command come as an argument, made by the framework. */
static int given_words(struct command *c, const struct moot_json *words)
{
    int status = MOOT_OK;
    for (const struct moot_json *w = moot__json_first(words); w != NULL && status == MOOT_OK;
         w = moot__json_next(w)) {
        const char *text = moot__json_text(w);
        status = text != NULL ? add_word(c, text, strlen(text)) : MOOT_EINVAL;
    }
    return status;
}

/* One word of the crew file after the first. What its placeholders stand for was filled in by
 * whoever knows the conversation ("$1", "$2", … of the arguments); else a placeholder names an
 * argument. It becomes part of one word, whatever is in it. */
static int fill_word(const char *text, size_t i, struct moot_json *args, struct moot_buf *word,
                     struct moot_error *why)
{
    char name[16];
    snprintf(name, sizeof(name), "$%zu", i);
    struct moot_json *filled = moot__json_take(args, name);
    if (filled == NULL)
        return moot__template_expand(text, args, word, why);
    int status = moot__template_value(filled, word);
    moot__json_free(filled);
    return status;
}

static int own_words(struct command *c, char *const *words, struct moot_json *args,
                     struct moot_error *why)
{
    int status = MOOT_OK;
    for (size_t i = 0; words[i] != NULL && status == MOOT_OK; i++) {
        struct moot_buf word;
        moot__buf_init(&word, MOOT_MAX_BODY);
        /* Which program is run is the crew file's word alone. */
        status =
            i == 0 ? moot__buf_adds(&word, words[0]) : fill_word(words[i], i, args, &word, why);
        if (status == MOOT_OK)
            status = add_word(c, moot__buf_text(&word), word.len);
        moot__buf_release(&word);
    }
    return status;
}

static int add_env(struct command *c, const char *name, const char *value)
{
    struct moot_buf b;
    if (value == NULL || c->env_count == ENV_MAX)
        return MOOT_OK;
    moot__buf_init(&b, 32768);
    moot__buf_addf(&b, "%s=%s", name, value);
    char *text = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    if (text == NULL)
        return MOOT_ENOMEM;
    c->env[c->env_count++] = text;
    return MOOT_OK;
}

/* Little of our own environment: keys are in it. */
static int make_env(struct command *c, bool fenced)
{
    int status = add_env(c, "MOOT_CALL_ID", c->run->call_id);
    if (status == MOOT_OK)
        status = add_env(c, "LANG", "C.UTF-8");
    if (status == MOOT_OK)
        status = add_env(c, "PATH", fenced ? "/usr/local/bin:/usr/bin:/bin" : getenv("PATH"));
    if (status == MOOT_OK && !fenced)
        status = add_env(c, "HOME", getenv("HOME"));
    return status;
}

/* A folder's real path, relative to the crew file's. */
static int real_folder(const struct command *c, const char *path, char out[PATH_MAX],
                       struct moot_error *why)
{
    char joined[PATH_MAX];
    int n = path[0] == '/' ? snprintf(joined, sizeof(joined), "%s", path)
                           : snprintf(joined, sizeof(joined), "%s/%s", c->folder, path);
    if (n < 0 || (size_t)n >= sizeof(joined))
        return moot__fail(why, MOOT_EINVAL, "the path is too long: %.100s…", path);
    if (realpath(joined, out) == NULL)
        return moot__fail(why, MOOT_ENOTFOUND, "the folder %s is not there", joined);
    return MOOT_OK;
}

static int make_folders(struct command *c, struct moot_error *why)
{
    const struct moot_tool_spec *spec = c->run->spec;
    const char *base = spec->base_dir != NULL && spec->base_dir[0] != '\0' ? spec->base_dir : ".";
    if (realpath(base, c->folder) == NULL)
        return moot__fail(why, MOOT_ENOTFOUND, "the folder %s is not there", base);
    if (spec->workspace == NULL)
        return MOOT_OK;
    char joined[PATH_MAX];
    int n = snprintf(joined, sizeof(joined), "%s/%s", c->folder, spec->workspace);
    if (spec->workspace[0] != '/' && n > 0 && (size_t)n < sizeof(joined))
        mkdir(joined, 0777); /* if it cannot be made, it is missing below */
    return real_folder(c, spec->workspace, c->workspace, why);
}

static int make_binds(struct command *c, struct moot_error *why)
{
    const struct moot_json *bind = moot__json_get(c->run->spec->sandbox, "bind");
    int status = MOOT_OK;
    for (const struct moot_json *b = moot__json_first(bind);
         b != NULL && status == MOOT_OK && c->bind_count < BINDS_MAX; b = moot__json_next(b)) {
        char real[PATH_MAX];
        const char *path = moot__json_text(b);
        status = real_folder(c, path != NULL ? path : "", real, why);
        if (status != MOOT_OK)
            break;
        c->binds[c->bind_count] = moot__copy(real, strlen(real));
        status = c->binds[c->bind_count] != NULL ? MOOT_OK : MOOT_ENOMEM;
        c->bind_count += status == MOOT_OK;
    }
    return status;
}

/* "512 MB", "2 GiB", or bytes. 0: not said. */
static int64_t bytes_of(const struct moot_json *value)
{
    int64_t n = 0;
    if (moot__json_int(value, &n))
        return n > 0 ? n : 0;
    const char *at = moot__json_text(value);
    if (at == NULL)
        return 0;
    for (; *at >= '0' && *at <= '9' && n < INT64_MAX / 10 - 10; at++)
        n = n * 10 + (*at - '0');
    while (*at == ' ')
        at++;
    int shift = *at == 'k' || *at == 'K' ? 10 : *at == 'M' ? 20 : *at == 'G' ? 30 : 0;
    return n > 0 && n < INT64_MAX >> 30 ? n << shift : n;
}

static int command_spawn(struct command *c, struct moot_error *why)
{
    struct moot_tool_call_run *run = c->run;
    const struct moot_tool_spec *spec = run->spec;
    const struct moot_world *w = run->world;
    const char *network = moot__json_get_text(spec->sandbox, "network", "none");
    struct moot_spawn spawn = {
        .argv = (const char *const *)c->argv,
        .env = (const char *const *)c->env,
        .cwd = c->workspace[0] != '\0' ? c->workspace : c->folder,
        .input = c->input,
        .input_len = strlen(c->input),
        .deadline_ms = spec->seconds_ms > 0 ? spec->seconds_ms : DEADLINE_MS,
    };
    if (spec->sandbox_none)
        return w->spawn(w->self, &spawn, command_done, run, &c->process, why);
    if (moot__json_is(moot__json_get(spec->sandbox, "network"), MOOT_JSON_ARRAY) ||
        strcmp(network, "none") != 0)
        return moot__fail(why, MOOT_EUNSUPPORTED,
                          "a sandbox with a network is not yet here: sandbox.network of '%s'",
                          spec->id);
    struct moot_sandbox box = {
        .workspace = c->workspace[0] != '\0' ? c->workspace : NULL,
        .folder = c->folder,
        .binds = (const char *const *)c->binds,
        .memory = bytes_of(moot__json_get(spec->sandbox, "memory")),
        .cpu_seconds = moot__json_get_int(spec->sandbox, "cpu", 0),
    };
    return moot__sandbox_spawn(run->world, &box, &spawn, command_done, run, &c->fenced, why);
}

/* Words and input are there: everything else, and off it goes. */
static int command_go(struct command *c, int status, struct moot_error *why)
{
    if (status == MOOT_OK)
        status = make_env(c, !c->run->spec->sandbox_none);
    if (status == MOOT_OK)
        status = make_folders(c, why);
    if (status == MOOT_OK)
        status = make_binds(c, why);
    if (status == MOOT_OK)
        status = command_spawn(c, why);
    if (status == MOOT_EUNSUPPORTED)
        status = MOOT_EDENIED;
    if (status != MOOT_OK)
        moot__tool_finish_error(c->run, status,
                                why->message[0] != '\0' ? why->message : moot__status_text(status));
    return MOOT_OK;
}

static struct command *command_new(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct command *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        moot__fail(err, MOOT_ENOMEM, "out of memory");
        return NULL;
    }
    run->self = c;
    c->run = run;
    return c;
}

static int command_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct moot_error why = {0};
    struct command *c = command_new(run, err);
    if (c == NULL)
        return MOOT_ENOMEM;
    int status = own_words(c, run->spec->command, run->args, &why);
    if (status == MOOT_OK) {
        c->input = moot__json_string(run->args);
        status = c->input != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    return command_go(c, status, &why);
}

const struct moot_builtin_tool moot__tool_command = {
    .name = "command",
    .description = "A program.",
    .parameters = "{\"type\":\"object\",\"properties\":{},\"required\":[]}",
    .effect = MOOT_EFFECT_IRREVERSIBLE,
    .exec = true,
    .start = command_start,
    .cancel = command_cancel,
    .release = command_release,
};

static int check_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct moot_error why = {0};
    struct command *c = command_new(run, err);
    if (c == NULL)
        return MOOT_ENOMEM;
    const char *input = moot__json_get_text(run->args, "input", "");
    c->input = moot__copy(input, strlen(input));
    int status =
        c->input != NULL ? given_words(c, moot__json_get(run->args, "command")) : MOOT_ENOMEM;
    if (status == MOOT_OK && c->argc == 0)
        status = moot__fail(&why, MOOT_EINVAL, "the check names no program");
    return command_go(c, status, &why);
}

const struct moot_builtin_tool moot__tool_check_command = {
    .name = "check_command",
    .description = "Whether a program accepts a result.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"array\"},"
                  "\"input\":{\"type\":\"string\"}},\"required\":[\"command\"],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .start = check_start,
    .cancel = command_cancel,
    .release = command_release,
};
