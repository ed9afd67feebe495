#include "cli/trust.h"

#include "cli/paint.h"
#include "cli/safe.h"
#include "roles/crew_load.h"
#include "runtime/file.h"
#include "runtime/hash.h"
#include "runtime/model_preset.h"
#include "runtime/sign.h"
#include "runtime/tool.h"

enum {
    TRUST_LINES_MAX = 1000,
    TRUST_FILE_MAX = 4 * 1024 * 1024,
    WHAT_MAX = 64 * 1024,
    NOTE_COLUMN = 30
};

static const char *const verbs[] = {"run", "write", "reach", "read"};

/* Adds a line that is not there yet; the note may be NULL. Takes `what` (may be NULL) over. */
static int add(struct moot_trust *t, const char *verb, char *what, const char *note)
{
    if (what == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_trust_line *l = &t->lines[i];
        if (strcmp(l->verb, verb) == 0 && strcmp(l->what, what) == 0) {
            free(what);
            return MOOT_OK;
        }
    }
    struct moot_trust_line *more = realloc(t->lines, (t->count + 1) * sizeof(*more));
    char *note_copy = note != NULL ? moot__copy(note, strlen(note)) : NULL;
    t->lines = more != NULL ? more : t->lines;
    if (more == NULL || (note != NULL && note_copy == NULL) || t->count >= TRUST_LINES_MAX) {
        free(what);
        free(note_copy);
        return MOOT_ENOMEM;
    }
    t->lines[t->count++] = (struct moot_trust_line){verb, what, note_copy};
    return MOOT_OK;
}

static int add_text(struct moot_trust *t, const char *verb, const char *what, const char *note)
{
    return add(t, verb, moot__copy(what, strlen(what)), note);
}

void moot__trust_release(struct moot_trust *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->lines[i].what);
        free(t->lines[i].note);
    }
    free(t->lines);
    memset(t, 0, sizeof(*t));
}

/* A list of words as they would be typed, those with spaces in quotes. */
static char *words_text(const struct moot_json *words)
{
    struct moot_buf b;
    moot__buf_init(&b, WHAT_MAX);
    for (const struct moot_json *w = moot__json_first(words); w != NULL; w = moot__json_next(w)) {
        const char *text = moot__json_text(w);
        text = text != NULL ? text : "";
        bool quoted = text[0] == '\0' || strpbrk(text, " \t\n\"'") != NULL;
        moot__buf_addf(&b, "%s%s%s%s", b.len > 0 ? " " : "", quoted ? "'" : "", text,
                       quoted ? "'" : "");
    }
    return moot__buf_take(&b);
}

/* How a program is run, by the `sandbox` of its tool; NULL: none is said. */
static int add_program(struct moot_trust *t, const struct moot_json *words,
                       const struct moot_json *sandbox)
{
    const char *word = moot__json_text(sandbox);
    if (words == NULL)
        return MOOT_OK;
    if (word != NULL && strcmp(word, "none") == 0)
        return add(t, "run", words_text(words), "OUTSIDE the sandbox, as you yourself");
    const struct moot_json *network = moot__json_get(sandbox, "network");
    if (!moot__json_is(network, MOOT_JSON_ARRAY))
        return add(t, "run", words_text(words), "in the sandbox, no network");
    int status = add(t, "run", words_text(words), "in the sandbox, with network");
    for (const struct moot_json *h = moot__json_first(network); h != NULL && status == MOOT_OK;
         h = moot__json_next(h))
        status = add_text(t, "reach", moot__json_text(h) != NULL ? moot__json_text(h) : "?",
                          "from the sandbox");
    return status;
}

/* Code that is not known yet: what runs it, and whose it is. */
static int add_code(struct moot_trust *t, const char *what, const char *whose,
                    const struct moot_json *sandbox)
{
    char note[96];
    const char *word = moot__json_text(sandbox);
    bool bare = word != NULL && strcmp(word, "none") == 0;
    snprintf(note, sizeof(note), "%s, %s", whose,
             bare ? "OUTSIDE the sandbox" : "in the sandbox, no network");
    return add_text(t, "run", what, note);
}

static int add_binds(struct moot_trust *t, const struct moot_json *sandbox)
{
    int status = MOOT_OK;
    const struct moot_json *bind = moot__json_first(moot__json_get(sandbox, "bind"));
    for (; bind != NULL && status == MOOT_OK; bind = moot__json_next(bind))
        if (moot__json_text(bind) != NULL)
            status = add_text(t, "read", moot__json_text(bind), "from the sandbox");
    return status;
}

/* The host of a URL: "https://api.example.org/v1" -> "api.example.org". */
static char *host_of(const char *url)
{
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', len);
    if (at != NULL) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    return moot__copy(host, len);
}

static int add_secret(struct moot_trust *t, const char *reference)
{
    char name[256];
    if (strncmp(reference, "${env:", 6) == 0) {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(reference + 6, "}"), reference + 6);
        return add_text(t, "read", name, "from the environment");
    }
    if (strncmp(reference, "${file:", 7) == 0) {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(reference + 7, "}"), reference + 7);
        return add_text(t, "read", name, NULL);
    }
    return MOOT_OK;
}

static const char *preset_key(const struct moot_preset *p)
{
    for (size_t i = 0; i < MOOT_COUNT(p->key_envs); i++)
        if (p->key_envs[i] != NULL && getenv(p->key_envs[i]) != NULL)
            return p->key_envs[i];
    return p->key_envs[0];
}

static int add_model(struct moot_trust *t, const struct moot_json *model)
{
    const char *name = moot__json_get_text(model, "model", "");
    const char *url = moot__json_get_text(model, "base_url", NULL);
    const char *key = moot__json_get_text(model, "key", NULL);
    char provider[64];
    snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(name, "/"), name);
    if (strcmp(provider, "scripted") == 0)
        return MOOT_OK;
    const struct moot_preset *preset = moot__preset_find(provider);
    bool local = preset != NULL && (preset->flags & MOOT_PRESET_LOCAL) != 0;
    int status = MOOT_OK;
    if (url != NULL)
        status = add(t, "reach", host_of(url), NULL);
    else if (preset != NULL && !local && preset->base_url != NULL)
        status = add(t, "reach", host_of(preset->base_url), NULL);
    if (status == MOOT_OK && key != NULL)
        status = add_secret(t, key);
    else if (status == MOOT_OK && preset != NULL && !local && preset_key(preset) != NULL)
        status = add_text(t, "read", preset_key(preset), "from the environment");
    return status;
}

/* To whom mail goes: a pinned address, those of a registry, or whatever a model writes. */
static int add_recipients(struct moot_trust *t, const struct moot_json *crew,
                          const struct moot_json *tool)
{
    const struct moot_json *arg = moot__json_first(moot__json_get(tool, "args"));
    const char *registry = moot__json_get_text(moot__json_get(crew, "input"), "registry", NULL);
    const char *to = NULL;
    for (; arg != NULL; arg = moot__json_next(arg))
        if (strcmp(moot__json_get_text(arg, "name", ""), "to") == 0)
            to = moot__json_get_text(arg, "value", NULL);
    struct moot_buf what;
    moot__buf_init(&what, WHAT_MAX);
    if (to == NULL)
        moot__buf_adds(&what, "any address that an agent writes");
    else if (strchr(to, '{') == NULL)
        moot__buf_adds(&what, to);
    else if (registry != NULL)
        moot__buf_addf(&what, "the addresses of %s", registry);
    else
        moot__buf_addf(&what, "whatever address %s is", to);
    return add(t, "reach", moot__buf_take(&what), "by e-mail");
}

static int add_tool(struct moot_trust *t, const struct moot_json *crew,
                    const struct moot_json *tool)
{
    const struct moot_json *sandbox = moot__json_get(tool, "sandbox");
    const char *deliver = moot__json_get_text(tool, "deliver", "print");
    const char *use = moot__json_get_text(tool, "use", moot__json_get_text(tool, "id", ""));
    int status = add_program(t, moot__json_get(tool, "command"), sandbox);
    if (status == MOOT_OK && moot__json_get(tool, "command") == NULL && moot__tool_is_code(use))
        status = add_code(t, use, "code that agents write", sandbox);
    if (status == MOOT_OK)
        status = add_binds(t, sandbox);
    if (status == MOOT_OK && strncmp(deliver, "outbox:", 7) == 0)
        status = add_text(t, "write", deliver + 7, NULL);
    if (status == MOOT_OK && strncmp(deliver, "smtp", 4) == 0) {
        status = add(t, "reach", host_of(deliver), NULL);
        if (status == MOOT_OK)
            status = add_recipients(t, crew, tool);
    }
    static const char *const web[] = {"read_page", "browse_site", "search_web"};
    for (size_t i = 0; i < MOOT_COUNT(web) && status == MOOT_OK; i++)
        if (strcmp(use, web[i]) == 0)
            status = add_text(t, "reach", "any public web page", NULL);
    return status;
}

static int add_task(struct moot_trust *t, const struct moot_json *task)
{
    const char *file = moot__json_get_text(task, "output_file", NULL);
    int status = add_program(t, moot__json_get(task, "command"), NULL);
    const struct moot_json *check = moot__json_first(moot__json_get(task, "check"));
    for (; check != NULL && status == MOOT_OK; check = moot__json_next(check))
        status = add_program(t, moot__json_get(check, "command"), NULL);
    if (status == MOOT_OK && file != NULL)
        status = add_text(t, "write", file, NULL);
    return status;
}

/* Whether an agent's tools, its own and those of its tasks, do no more with its folder than read.
 */
static bool only_reads(const struct moot_json *crew, const struct moot_json *agent)
{
    static const char *const readers[] = {"read_file", "list_files", "read_page"};
    const char *id = moot__json_get_text(agent, "id", "");
    const struct moot_json *task = moot__json_first(moot__json_get(crew, "tasks"));
    for (; task != NULL; task = moot__json_next(task))
        if (moot__json_get(task, "tools") != NULL &&
            strcmp(moot__json_get_text(task, "agent", id), id) == 0)
            return false;
    const struct moot_json *tool = moot__json_first(moot__json_get(agent, "tools"));
    bool reads = tool != NULL && !moot__json_get_bool(agent, "code_execution", false);
    for (; tool != NULL && reads; tool = moot__json_next(tool)) {
        const char *name = moot__json_text(tool);
        reads = false;
        for (size_t i = 0; i < MOOT_COUNT(readers); i++)
            reads = reads || strcmp(name != NULL ? name : "", readers[i]) == 0;
    }
    return reads;
}

static int add_agent(struct moot_trust *t, const struct moot_json *crew,
                     const struct moot_json *agent)
{
    const struct moot_json *sandbox = moot__json_get(agent, "sandbox");
    const char *workspace = moot__json_get_text(agent, "workspace", NULL);
    const char *word = moot__json_text(sandbox);
    int status = MOOT_OK;
    if (workspace != NULL)
        status = add_text(t, only_reads(crew, agent) ? "read" : "write", workspace, NULL);
    bool bare = word != NULL && strcmp(word, "none") == 0;
    if (status == MOOT_OK && (bare || moot__json_get_bool(agent, "code_execution", false)))
        status =
            add_code(t, moot__json_get_text(agent, "id", "?"),
                     bare ? "programs that this agent writes" : "code that it is sent", sandbox);
    return status == MOOT_OK ? add_binds(t, sandbox) : status;
}

static int by_verb(const void *a, const void *b)
{
    const struct moot_trust_line *x = a, *y = b;
    size_t i = 0, k = 0;
    while (strcmp(verbs[i], x->verb) != 0)
        i++;
    while (strcmp(verbs[k], y->verb) != 0)
        k++;
    if (i != k)
        return i < k ? -1 : 1;
    return strcmp(x->what, y->what);
}

/* Built-in tools may be named by a task or an agent without an entry of their own. */
static int add_named_tools(struct moot_trust *t, const struct moot_json *crew)
{
    static const char *const lists[] = {"tasks", "agents"};
    int status = MOOT_OK;
    for (size_t i = 0; i < MOOT_COUNT(lists); i++) {
        const struct moot_json *one = moot__json_first(moot__json_get(crew, lists[i]));
        for (; one != NULL && status == MOOT_OK; one = moot__json_next(one)) {
            const struct moot_json *name = moot__json_first(moot__json_get(one, "tools"));
            for (; name != NULL && status == MOOT_OK; name = moot__json_next(name)) {
                const char *id = moot__json_text(name);
                if (id == NULL || moot__crew_entry(crew, "tools", id) != NULL)
                    continue;
                struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
                status = moot__json_set(entry, "id", moot__json_copy(name));
                if (status == MOOT_OK)
                    status = add_tool(t, crew, entry);
                moot__json_free(entry);
            }
        }
    }
    return status;
}

int moot__trust_make(const struct moot_json *crew, struct moot_trust *out)
{
    memset(out, 0, sizeof(*out));
    int status = add_named_tools(out, crew);
    const struct moot_json *one = moot__json_first(moot__json_get(crew, "models"));
    for (; one != NULL && status == MOOT_OK; one = moot__json_next(one))
        status = add_model(out, one);
    for (one = moot__json_first(moot__json_get(crew, "tools")); one != NULL && status == MOOT_OK;
         one = moot__json_next(one))
        status = add_tool(out, crew, one);
    for (one = moot__json_first(moot__json_get(crew, "tasks")); one != NULL && status == MOOT_OK;
         one = moot__json_next(one))
        status = add_task(out, one);
    for (one = moot__json_first(moot__json_get(crew, "agents")); one != NULL && status == MOOT_OK;
         one = moot__json_next(one))
        status = add_agent(out, crew, one);
    for (one = moot__json_first(moot__json_get(crew, "people")); one != NULL && status == MOOT_OK;
         one = moot__json_next(one))
        status = add_program(out, moot__json_get(one, "notify"), NULL);
    if (status != MOOT_OK)
        moot__trust_release(out);
    else if (out->count > 1)
        qsort(out->lines, out->count, sizeof(*out->lines), by_verb);
    return status;
}

void moot__trust_print(const struct moot_trust *t, const char *crew_file, struct moot_buf *out)
{
    if (t->count == 0)
        return;
    moot__safe_add_exact(out, crew_file, strlen(crew_file));
    moot__buf_adds(out, " can, on this machine:\n");
    const char *verb = "";
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_trust_line *l = &t->lines[i];
        moot__buf_addf(out, "  %-9s ", strcmp(verb, l->verb) == 0 ? "" : l->verb);
        size_t start = out->len;
        moot__safe_add_exact(out, l->what, strlen(l->what));
        if (l->note != NULL) {
            moot__add_pad(out, start, NOTE_COLUMN, 1);
            moot__buf_adds(out, l->note);
        }
        moot__buf_addc(out, '\n');
        verb = l->verb;
    }
}

/* The list as a hash: what it says, and of which file. */
static void list_hash(const struct moot_trust *t, const char *file, char *out)
{
    struct moot_hash h;
    uint8_t hash[MOOT_HASH_SIZE];
    moot__hash_init(&h);
    moot__hash_add_text(&h, "folkmoot trust v1");
    moot__hash_add_text(&h, file);
    for (size_t i = 0; i < t->count; i++) {
        moot__hash_add_text(&h, t->lines[i].verb);
        moot__hash_add_text(&h, t->lines[i].what);
        moot__hash_add_text(&h, t->lines[i].note);
    }
    moot__hash_end(&h, hash);
    moot__hex(hash, sizeof(hash), out);
}

/* trust.json: {accepted: {FILE: HASH}, made: {FILE: true}}. An object in any case; NULL: out of
 * memory. */
static struct moot_json *store_load(const char *dir)
{
    struct moot_buf path, text;
    struct moot_json *j = NULL;
    moot__buf_init(&path, 8192);
    moot__buf_init(&text, TRUST_FILE_MAX);
    moot__buf_addf(&path, "%s/trust.json", dir);
    if (moot__file_read(moot__buf_text(&path), &text, NULL) == MOOT_OK)
        moot__json_parse(moot__buf_text(&text), text.len, &j, NULL);
    moot__buf_release(&path);
    moot__buf_release(&text);
    if (!moot__json_is(j, MOOT_JSON_OBJECT)) {
        moot__json_free(j);
        j = moot__json_new(MOOT_JSON_OBJECT);
    }
    return j;
}

/* Sets store[part][file] and writes the store. Takes `value` over. */
static int store_put(const char *part, const char *file, struct moot_json *value,
                     struct moot_error *err)
{
    char *dir = moot__dir_config();
    struct moot_json *j = dir != NULL ? store_load(dir) : NULL;
    int status = j != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK && !moot__json_is(moot__json_get(j, part), MOOT_JSON_OBJECT))
        status = moot__json_set(j, part, moot__json_new(MOOT_JSON_OBJECT));
    if (status == MOOT_OK)
        status = moot__json_set(moot__json_edit(j, part), file, value);
    else
        moot__json_free(value);
    struct moot_buf text;
    moot__buf_init(&text, TRUST_FILE_MAX);
    if (status == MOOT_OK)
        status = moot__json_write_pretty(j, &text);
    if (status != MOOT_OK)
        moot__fail(err, status, "out of memory");
    if (status == MOOT_OK)
        status = moot__make_dirs(dir, err);
    if (status == MOOT_OK)
        status = moot__file_replace(dir, "trust.json", moot__buf_text(&text), text.len, err);
    moot__buf_release(&text);
    moot__json_free(j);
    free(dir);
    return status;
}

static bool known(const char *file, const char *hash)
{
    char *dir = moot__dir_config();
    struct moot_json *j = dir != NULL ? store_load(dir) : NULL;
    const char *accepted = moot__json_get_text(moot__json_get(j, "accepted"), file, "");
    bool made = moot__json_get_bool(moot__json_get(j, "made"), file, false);
    bool is_known = made || strcmp(accepted, hash) == 0;
    moot__json_free(j);
    free(dir);
    return is_known;
}

int moot__trust_made(const char *crew_file, struct moot_error *err)
{
    char *file = realpath(crew_file, NULL);
    if (file == NULL)
        return moot__file_fail(err, crew_file, "found");
    int status = store_put("made", file, moot__json_new_bool(true), err);
    free(file);
    return status;
}

static int refuse(struct moot_cli *cli, const char *crew_file)
{
    struct moot_error err;
    moot__fail(&err, MOOT_EDENIED, "%s is not trusted here, and nobody can be asked", crew_file);
    moot__fail_hint(&err, "look at the list above; if it is all right, say it again with --trust");
    return moot__report(cli, &err);
}

static bool ask_person(struct moot_cli *cli)
{
    struct moot_buf line;
    moot__buf_init(&line, 4096);
    fputs("Trust it? [y]es, for as long as this list stays the same  [n]o  ", cli->err);
    fflush(cli->err);
    bool yes = moot__term_ask(&line, &cli->signals->stop, NULL, NULL) == MOOT_TERM_LINE &&
               (moot__buf_text(&line)[0] == 'y' || moot__buf_text(&line)[0] == 'Y');
    moot__buf_release(&line);
    return yes;
}

int moot__trust_ask(struct moot_cli *cli, const struct moot_trust *t, const char *crew_file,
                    bool given)
{
    char hash[MOOT_HEX_SIZE];
    struct moot_error err;
    char *file = realpath(crew_file, NULL);
    if (file == NULL) /* a crew without a file has a path all the same */
        file = moot__copy(crew_file, strlen(crew_file));
    if (file == NULL) {
        moot__fail(&err, MOOT_ENOMEM, "out of memory");
        return moot__report(cli, &err);
    }
    if (t->count == 0) {
        free(file);
        return MOOT_EXIT_DONE;
    }
    list_hash(t, file, hash);
    int code = MOOT_EXIT_DONE;
    if (!known(file, hash) && !given) {
        struct moot_buf text;
        moot__buf_init(&text, TRUST_FILE_MAX);
        moot__trust_print(t, crew_file, &text);
        fputs(moot__buf_text(&text), cli->err);
        moot__buf_release(&text);
        if (!moot__term_person(&cli->err_term))
            code = refuse(cli, crew_file);
        else if (!ask_person(cli))
            code = MOOT_EXIT_USAGE;
        else if (store_put("accepted", file, moot__json_new_text(hash), &err) != MOOT_OK)
            code = moot__report(cli, &err);
    }
    free(file);
    return code;
}
