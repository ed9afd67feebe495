#include "runtime/tool_program.h"

#include "runtime/scratch.h"
#include "runtime/utf8.h"

#include <sys/stat.h>

enum { OUTPUT_HEAD = 4 * 1024, OUTPUT_TAIL = 12 * 1024 };

void moot__program_begin(struct moot_tool_program *program, struct moot_tool_call_run *run,
                         void (*ended)(struct moot_tool_call_run *run,
                                       const struct moot_spawn_result *r))
{
    run->self = program;
    program->run = run;
    program->ended = ended;
}

void moot__program_release(struct moot_tool_call_run *run)
{
    struct moot_tool_program *p = run->self;
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->argc; i++)
        free(p->argv[i]);
    for (size_t i = 0; i < p->env_count; i++)
        free(p->env[i]);
    for (size_t i = 0; i < p->bind_count; i++)
        free(p->binds[i]);
    free(p->input);
    free(p);
}

void moot__program_cancel(struct moot_tool_call_run *run)
{
    struct moot_tool_program *p = run->self;
    const struct moot_world *w = run->world;
    if (p->fenced != NULL)
        moot__sandbox_kill(p->fenced);
    else if (p->process != NULL)
        w->spawn_kill(w->self, p->process);
}

size_t moot__program_lines(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n' || at[1] == '\0';
    return lines;
}

void moot__program_text(struct moot_buf *out, const char *data, size_t len)
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

void moot__program_output(struct moot_buf *out, const char *data, size_t len)
{
    if (len <= OUTPUT_HEAD + OUTPUT_TAIL) {
        moot__program_text(out, data, len);
        return;
    }
    moot__program_text(out, data, OUTPUT_HEAD);
    moot__buf_addf(out, "\n… %zu bytes are left out here …\n", len - OUTPUT_HEAD - OUTPUT_TAIL);
    moot__program_text(out, data + len - OUTPUT_TAIL, OUTPUT_TAIL);
}

int moot__program_word(struct moot_tool_program *p, const char *text, size_t len)
{
    if (p->argc == MOOT_PROGRAM_WORDS)
        return MOOT_ETOOBIG;
    p->argv[p->argc] = moot__copy(text, len);
    return p->argv[p->argc] != NULL && ++p->argc > 0 ? MOOT_OK : MOOT_ENOMEM;
}

int moot__program_env(struct moot_tool_program *p, const char *name, const char *value)
{
    struct moot_buf b;
    if (value == NULL || p->env_count == MOOT_PROGRAM_ENV)
        return MOOT_OK;
    moot__buf_init(&b, 32768);
    moot__buf_addf(&b, "%s=%s", name, value);
    char *text = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    if (text == NULL)
        return MOOT_ENOMEM;
    p->env[p->env_count++] = text;
    return MOOT_OK;
}

/* Little of our own environment: keys are in it. */
static int make_env(struct moot_tool_program *p, bool fenced)
{
    int status = moot__program_env(p, "MOOT_CALL_ID", p->run->call_id);
    if (status == MOOT_OK)
        status = moot__program_env(p, "LANG", "C.UTF-8");
    if (status == MOOT_OK)
        status =
            moot__program_env(p, "PATH", fenced ? "/usr/local/bin:/usr/bin:/bin" : getenv("PATH"));
    if (status == MOOT_OK && !fenced)
        status = moot__program_env(p, "HOME", getenv("HOME"));
    return status;
}

/* A folder's real path, relative to the crew file's. */
static int real_folder(const struct moot_tool_program *p, const char *path, char out[PATH_MAX],
                       struct moot_error *why)
{
    char joined[PATH_MAX];
    int n = path[0] == '/' ? snprintf(joined, sizeof(joined), "%s", path)
                           : snprintf(joined, sizeof(joined), "%s/%s", p->folder, path);
    if (n < 0 || (size_t)n >= sizeof(joined))
        return moot__fail(why, MOOT_EINVAL, "the path is too long: %.100s…", path);
    if (realpath(joined, out) == NULL)
        return moot__fail(why, MOOT_ENOTFOUND, "the folder %s is not there", joined);
    return MOOT_OK;
}

static int find_workspace(struct moot_tool_program *p, struct moot_error *why)
{
    const char *workspace = p->run->spec->workspace;
    char joined[PATH_MAX];
    int n = snprintf(joined, sizeof(joined), "%s/%s", p->folder, workspace);
    if (workspace[0] != '/' && n > 0 && (size_t)n < sizeof(joined))
        mkdir(joined, 0777); /* if it cannot be made, it is missing below */
    return real_folder(p, workspace, p->workspace, why);
}

static int find_scratch(struct moot_tool_program *p, struct moot_error *why)
{
    const char *scratch = p->run->scratch;
    if (scratch == NULL)
        return moot__fail(why, MOOT_EDENIED, "there is no workspace");
    int status = moot__scratch_make(scratch, why);
    return status == MOOT_OK ? real_folder(p, scratch, p->workspace, why) : status;
}

int moot__program_folders(struct moot_tool_program *p, struct moot_error *why)
{
    const struct moot_tool_spec *spec = p->run->spec;
    const char *base = spec->base_dir != NULL && spec->base_dir[0] != '\0' ? spec->base_dir : ".";
    if (p->folder[0] != '\0')
        return MOOT_OK;
    if (realpath(base, p->folder) == NULL)
        return moot__fail(why, MOOT_ENOTFOUND, "the folder %s is not there", base);
    if (spec->workspace != NULL)
        return find_workspace(p, why);
    return p->needs_folder ? find_scratch(p, why) : MOOT_OK;
}

static int make_binds(struct moot_tool_program *p, struct moot_error *why)
{
    const struct moot_json *bind = moot__json_get(p->run->spec->sandbox, "bind");
    int status = MOOT_OK;
    for (const struct moot_json *b = moot__json_first(bind);
         b != NULL && status == MOOT_OK && p->bind_count < MOOT_PROGRAM_BINDS;
         b = moot__json_next(b)) {
        char real[PATH_MAX];
        const char *path = moot__json_text(b);
        status = real_folder(p, path != NULL ? path : "", real, why);
        if (status != MOOT_OK)
            break;
        p->binds[p->bind_count] = moot__copy(real, strlen(real));
        status = p->binds[p->bind_count] != NULL ? MOOT_OK : MOOT_ENOMEM;
        p->bind_count += status == MOOT_OK;
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

static void program_done(void *arg, const struct moot_spawn_result *r)
{
    struct moot_tool_call_run *run = arg;
    struct moot_tool_program *p = run->self;
    p->process = NULL;
    p->fenced = NULL;
    /* Without a sandbox nothing is run: that is a refusal, not the program's failure. */
    if (r->status == MOOT_EUNSUPPORTED)
        moot__tool_finish_error(run, MOOT_EDENIED, r->error.message);
    else
        p->ended(run, r);
}

static int spawn(struct moot_tool_program *p, struct moot_error *why)
{
    struct moot_tool_call_run *run = p->run;
    const struct moot_tool_spec *spec = run->spec;
    const struct moot_world *w = run->world;
    const char *network = moot__json_get_text(spec->sandbox, "network", "none");
    bool works = p->workspace[0] != '\0';
    struct moot_spawn spawn = {
        .argv = (const char *const *)p->argv,
        .env = (const char *const *)p->env,
        .cwd = works ? p->workspace : p->folder,
        .input = p->input,
        .input_len = p->input != NULL ? strlen(p->input) : 0,
        .deadline_ms = spec->seconds_ms > 0 ? spec->seconds_ms : MOOT_PROGRAM_MS,
    };
    if (spec->sandbox_none)
        return w->spawn(w->self, &spawn, program_done, run, &p->process, why);
    if (moot__json_is(moot__json_get(spec->sandbox, "network"), MOOT_JSON_ARRAY) ||
        strcmp(network, "none") != 0)
        return moot__fail(why, MOOT_EUNSUPPORTED,
                          "a sandbox with a network is not yet here: sandbox.network of '%s'",
                          spec->id);
    struct moot_sandbox box = {
        .workspace = works ? p->workspace : NULL,
        .folder = p->sees_crew ? p->folder : NULL,
        .binds = (const char *const *)p->binds,
        .memory = bytes_of(moot__json_get(spec->sandbox, "memory")),
        .cpu_seconds = (moot__json_get_int(spec->sandbox, "cpu", 0) + 999) / 1000,
    };
    return moot__sandbox_spawn(run->world, &box, &spawn, program_done, run, &p->fenced, why);
}

void moot__program_go(struct moot_tool_program *p, int status, struct moot_error *why)
{
    if (status == MOOT_OK)
        status = make_env(p, !p->run->spec->sandbox_none);
    if (status == MOOT_OK)
        status = moot__program_folders(p, why);
    if (status == MOOT_OK)
        status = make_binds(p, why);
    if (status == MOOT_OK)
        status = spawn(p, why);
    if (status == MOOT_EUNSUPPORTED)
        status = MOOT_EDENIED;
    if (status != MOOT_OK)
        moot__tool_finish_error(p->run, status,
                                why->message[0] != '\0' ? why->message : moot__status_text(status));
}
