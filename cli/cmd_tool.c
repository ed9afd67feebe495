/* moot tool: runs one tool by hand, as a crew would. */
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/project.h"
#include "runtime/hash.h"
#include "runtime/schema.h"
#include "runtime/scratch.h"
#include "runtime/tool.h"

#include <sys/random.h>

enum { TURN_MS = 200 };

struct tool_run {
    struct moot_cli *cli;
    const char *name;
    bool done;
    int status;
    struct moot_error error;
};

/* What comes of a tool is standard output's; why nothing came is an error. */
static void on_done(void *arg, const struct moot_tool_result *r)
{
    struct tool_run *t = arg;
    t->done = true;
    t->status = r->status;
    if (r->status != MOOT_OK) {
        const char *why = r->len > 0 ? r->output : moot__status_text(r->status);
        moot__fail(&t->error, r->status, "%s: %s", t->name, why);
        return;
    }
    fwrite(r->output, 1, r->len, t->cli->out);
    if (r->len > 0 && r->output[r->len - 1] != '\n')
        fputc('\n', t->cli->out);
}

/* NAME=VALUE: a number, true, false, a list or an object where the tool's schema wants one, else
 * text. */
static int add_arg(struct moot_json *args, const struct moot_json *schema, const char *word,
                   struct moot_error *err)
{
    const char *equals = strchr(word, '=');
    struct moot_json *value = NULL;
    if (equals == NULL || equals == word) {
        moot__fail(err, MOOT_EUSAGE, "'%s' is no NAME=VALUE", word);
        return MOOT_EUSAGE;
    }
    char *name = moot__copy(word, (size_t)(equals - word));
    const struct moot_json *want = moot__json_get(moot__json_get(schema, "properties"), name);
    const char *type = moot__json_get_text(want, "type", "string");
    bool text = strcmp(type, "string") == 0;
    if (text || moot__json_parse(equals + 1, strlen(equals + 1), &value, NULL) != MOOT_OK)
        value = moot__json_new_text(equals + 1);
    int status = name != NULL ? moot__json_set(args, name, value) : MOOT_ENOMEM;
    if (name == NULL)
        moot__json_free(value);
    free(name);
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory");
}

/* Pinned arguments are the crew's, as a host would set them; those with placeholders cannot be
 * known here. */
static int add_pinned(const struct moot_tool_spec *spec, struct moot_json *args,
                      struct moot_error *err)
{
    for (const struct moot_json *p = moot__json_first(spec->pinned); p != NULL;
         p = moot__json_next(p)) {
        const char *text = moot__json_text(p);
        if (moot__json_get(args, moot__json_key(p)) != NULL)
            continue;
        if (text == NULL || strchr(text, '{') != NULL)
            return moot__fail(err, MOOT_EUSAGE, "the crew sets %s to %s: give it as %s=…",
                              moot__json_key(p), text != NULL ? text : "?", moot__json_key(p));
        if (moot__json_set_text(args, moot__json_key(p), text) != MOOT_OK)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return MOOT_OK;
}

static int make_args(const struct moot_args *words, const struct moot_tool_spec *spec,
                     struct moot_json **out, struct moot_error *err)
{
    struct moot_json *schema = NULL;
    *out = moot__json_new(MOOT_JSON_OBJECT);
    int status = spec->parameters != NULL
                     ? moot__json_parse(spec->parameters, strlen(spec->parameters), &schema, err)
                     : MOOT_OK;
    for (size_t i = 1; status == MOOT_OK && i < words->word_count; i++)
        status = add_arg(*out, schema, words->words[i], err);
    if (status == MOOT_OK)
        status = add_pinned(spec, *out, err);
    moot__json_free(schema);
    return status;
}

static int start(struct moot_cli *cli, const struct moot_args *words,
                 const struct moot_tool_spec *spec, const struct moot_json *args,
                 struct tool_run *t, struct moot_error *err)
{
    struct moot_world *w = NULL;
    struct moot_tool_call_run *run = NULL;
    uint8_t id[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    bool cancelled = false;
    if (getrandom(id, sizeof(id), 0) != sizeof(id))
        return moot__fail(err, MOOT_EIO, "the system has no random bytes");
    moot__hex(id, sizeof(id), hex);
    int status = moot__world_real(&w, err);
    if (status != MOOT_OK)
        return status;
    cli->signals->world = w;
    cli->signals->held = 1;
    char *scratch = moot__scratch_path(hex, "", NULL);
    struct moot_tool_ask ask = {hex, scratch, moot__flag(words, "dry-run")};
    status = moot__tool_start(w, spec, args, &ask, on_done, t, &run, err);
    while (status == MOOT_OK && !t->done) {
        w->turn(w->self, TURN_MS);
        if (cli->signals->stop != 0 && !cancelled && !t->done) {
            moot__tool_cancel(run);
            cancelled = true;
        }
    }
    cli->signals->world = NULL;
    w->destroy(w->self);
    moot__scratch_remove(hex);
    free(scratch);
    return status;
}

/* The tool as the crew has it, or the built-in one of that name. */
static int find_spec(const struct moot_args *words, struct moot_tool_spec **out,
                     struct moot_error *err)
{
    const char *crew = moot__arg(words, "crew");
    const char *name = moot__word(words, 0);
    struct moot_crewfile file = {0};
    struct moot_json *made = NULL;
    const struct moot_json *entry = NULL;
    int status = MOOT_OK;
    if (crew != NULL) {
        status = moot__crewfile_read(words, crew, NULL, &file, err);
        if (status == MOOT_OK)
            status = moot__crew_report_error(&file.file->report, err);
        if (status == MOOT_OK)
            entry = moot__crew_entry(file.file->resolved, "tools", name);
    }
    if (status == MOOT_OK && entry == NULL) {
        made = moot__json_new(MOOT_JSON_OBJECT);
        status = moot__json_set_text(made, "id", name);
        entry = made;
    }
    if (status == MOOT_OK)
        status = moot__tool_spec_make(entry, file.dir != NULL ? file.dir : ".", out, err);
    moot__json_free(made);
    moot__crewfile_release(&file);
    return status;
}

static int tool_run(struct moot_cli *cli, const struct moot_args *words)
{
    struct moot_error err = {0};
    struct moot_tool_spec *spec = NULL;
    struct moot_json *args = NULL;
    struct tool_run t = {.cli = cli, .name = moot__word(words, 0)};
    int status = find_spec(words, &spec, &err);
    if (status == MOOT_OK)
        status = make_args(words, spec, &args, &err);
    if (status == MOOT_OK)
        status = start(cli, words, spec, args, &t, &err);
    moot__json_free(args);
    moot__tool_spec_free(spec);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    if (cli->signals->stop != 0)
        return MOOT_EXIT_INTERRUPTED;
    if (t.status == MOOT_OK)
        return MOOT_EXIT_DONE;
    moot__report(cli, &t.error);
    return MOOT_EXIT_FAILED;
}

static const struct moot_option options[] = {
    {"crew", 0, "FILE", "the tool as this crew file has it", MOOT_COMPLETE_CREW},
    {"dry-run", 0, NULL, "show an act that cannot be undone instead of doing it", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_tool = {
    .name = "tool",
    .args = "NAME [KEY=VALUE…]",
    .help = "run a tool by hand",
    .example = "moot tool send_email to=lin@example.org subject=Hello body='How are you?'",
    .options = options,
    .group = MOOT_GROUP_SYSTEM,
    .min_words = 1,
    .max_words = -1,
    .run = tool_run,
};
