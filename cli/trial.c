#include "cli/trial.h"

#include "cli/book.h"
#include "cli/transcript.h"

#include <unistd.h>

/* One journal being read. */
struct reading {
    struct moot_trial *t;
    struct moot_transcript *transcript;
    int64_t floors; /* turns that a manager gave */
    int64_t ended;  /* conversations inside the items': attempts of tasks */
    bool narrowed;  /* what the experiment had left bounds the run */
};

static int count_tool(struct moot_trial *t, const char *name)
{
    size_t at = 0;
    t->tool_calls++;
    while (at < t->tool_count && strcmp(t->tools[at].name, name) < 0)
        at++;
    if (at < t->tool_count && strcmp(t->tools[at].name, name) == 0) {
        t->tools[at].calls++;
        return MOOT_OK;
    }
    struct moot_trial_tool *more = realloc(t->tools, (t->tool_count + 1) * sizeof(*more));
    char *copy = moot__copy(name, strlen(name));
    t->tools = more != NULL ? more : t->tools;
    if (more == NULL || copy == NULL) {
        free(copy);
        return MOOT_ENOMEM;
    }
    memmove(&more[at + 1], &more[at], (t->tool_count - at) * sizeof(*more));
    more[at] = (struct moot_trial_tool){copy, 1};
    t->tool_count++;
    return MOOT_OK;
}

/* What only the framework calls is nobody's use of a tool. */
static bool is_own(const char *tool)
{
    return strcmp(tool, "check_file") == 0 || strcmp(tool, "check_command") == 0 ||
           strcmp(tool, "publish") == 0;
}

/* Why the first item that did not get done ended; the run itself only says that it went through
 * all. */
static int note_end(struct moot_trial *t, const struct moot_message *m)
{
    const char *stop = moot__json_get_text(m->body, "stop", "finished");
    const char *detail = moot__json_get_text(m->body, "detail", "");
    if (strchr(m->conv, '/') != NULL || t->stop != NULL || strcmp(stop, "finished") == 0)
        return MOOT_OK;
    t->stop = moot__copy(stop, strlen(stop));
    t->detail = detail[0] != '\0' ? moot__copy(detail, strlen(detail)) : NULL;
    bool lost = t->stop == NULL || (detail[0] != '\0' && t->detail == NULL);
    return lost ? MOOT_ENOMEM : MOOT_OK;
}

static int take(void *arg, struct moot_message *m)
{
    struct reading *r = arg;
    moot__transcript_message(r->transcript, m);
    int status = moot__results_message(&r->t->results, m);
    const char *tool = moot__json_get_text(m->body, "tool", "");
    if (m->kind == MOOT_GENESIS) {
        const struct moot_json *crew = moot__json_get(m->body, "crew");
        r->narrowed = moot__json_get_bool(moot__json_get(crew, "trial"), "narrowed", false);
    }
    r->floors += m->kind == MOOT_TURN;
    r->ended += m->kind == MOOT_END && strchr(m->conv, '/') != NULL;
    if (status == MOOT_OK && m->kind == MOOT_TOOL_CALL && !is_own(tool))
        status = count_tool(r->t, tool);
    if (status == MOOT_OK && m->kind == MOOT_END)
        status = note_end(r->t, m);
    return status;
}

static int take_facts(struct reading *r)
{
    struct moot_trial *t = r->t;
    struct moot_transcript_facts f;
    moot__transcript_facts(r->transcript, &f);
    snprintf(t->run, sizeof(t->run), "%s", f.run);
    t->begun = f.run[0] != '\0';
    t->closed = f.closed;
    t->turns = r->floors > 0 ? r->floors : r->ended;
    t->calls = f.calls;
    t->tokens = f.tokens;
    t->cost = f.cost;
    t->cost_unknown = f.cost_unknown;
    t->ms = f.run_ms;
    t->claimed = f.closed && strcmp(f.stop, "finished") == 0 && f.done + f.skipped == f.items;
    if (t->stop == NULL || strcmp(f.stop, "finished") != 0) {
        free(t->stop);
        t->stop = moot__copy(f.stop, strlen(f.stop));
    }
    if (t->stop == NULL)
        return MOOT_ENOMEM;
    t->cut = r->narrowed && f.closed && strcmp(t->stop, "limit") == 0;
    return MOOT_OK;
}

int moot__trial_read(const char *journal, struct moot_trial *t, struct moot_error *err)
{
    struct reading r = {.t = t};
    struct moot_book *book = NULL;
    moot__results_init(&t->results);
    if (access(journal, F_OK) != 0)
        return MOOT_OK;
    r.transcript = moot__transcript_new(&(struct moot_transcript_options){.look = MOOT_LOOK_NONE});
    int status = r.transcript != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = moot__book_open(journal, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take, &r, err);
    moot__book_close(book);
    if (status == MOOT_OK && take_facts(&r) != MOOT_OK)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__transcript_free(r.transcript);
    return status;
}

void moot__trial_release(struct moot_trial *t)
{
    for (size_t i = 0; i < t->tool_count; i++)
        free(t->tools[i].name);
    free(t->tools);
    free(t->why);
    free(t->stop);
    free(t->detail);
    moot__results_release(&t->results);
    memset(t, 0, sizeof(*t));
}

int moot__trial_place(struct moot_crew *crew, struct moot_error *err)
{
    const struct moot_json *trial = moot__json_get(crew->resolved, "trial");
    const char *folder = moot__json_get_text(trial, "folder", NULL);
    for (size_t i = 0; folder != NULL && i < crew->parts.tool_count; i++) {
        struct moot_tool_spec *tool = crew->parts.tools[i];
        if (strcmp(tool->use, "publish") != 0 && strcmp(tool->use, "check_file") != 0)
            continue;
        char *copy = moot__copy(folder, strlen(folder));
        if (copy == NULL)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
        free(tool->base_dir);
        tool->base_dir = copy;
    }
    return MOOT_OK;
}
