/* Tells people that something waits for them, by the command of each: once, after the commit that
 * holds what is asked. That it failed is said, and changes nothing. */
#include "runtime/host_state.h"

enum { TELL_MS = 30 * 1000, ID_SIZE = 48, ENV_MAX = 8 };

struct moot_telling {
    struct moot_host *host;
    const struct moot_person *person;
    char *text;
    char run[16 + MOOT_RUN_TEXT], id[16 + ID_SIZE], who[16 + MOOT_MAX_ID];
    char *path, *home;
    struct moot_process *process;
    bool started, over;
};

static void telling_free(struct moot_telling *t)
{
    free(t->text);
    free(t->path);
    free(t->home);
    free(t);
}

static char *variable(const char *name)
{
    struct moot_buf b;
    const char *value = getenv(name);
    moot__buf_init(&b, 64 * 1024);
    moot__buf_addf(&b, "%s=%s", name, value != NULL ? value : "");
    return moot__buf_take(&b);
}

/* What is asked, in words. */
static char *text_of(const struct moot_message *m)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    if (m->kind == MOOT_QUESTION)
        moot__buf_addf(&b, "%s\n", moot__json_get_text(m->body, "text", ""));
    else
        moot__buf_addf(
            &b, "%s wants to do what needs your consent: %s\n%s\n%s\n",
            m->item != NULL ? m->item : "the run", moot__json_get_text(m->body, "tool", ""),
            moot__json_get_text(m->body, "args", ""), moot__json_get_text(m->body, "reason", ""));
    return moot__buf_take(&b);
}

static bool is_asked(const struct moot_message *m, const char *id)
{
    for (size_t i = 0; i < m->to_count; i++)
        if (strcmp(m->to[i], MOOT_PERSON) == 0 || strcmp(m->to[i], id) == 0)
            return true;
    return false;
}

static int add(struct moot_host *h, const struct moot_person *person, const struct moot_message *m)
{
    struct moot_telling **more =
        realloc(h->tellings, (h->telling_count + 1) * sizeof(struct moot_telling *));
    if (more == NULL)
        return MOOT_ENOMEM;
    h->tellings = more;
    struct moot_telling *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return MOOT_ENOMEM;
    char name[MOOT_RUN_NAME_SIZE];
    moot__run_short(h->run_id, name);
    t->host = h;
    t->person = person;
    t->text = text_of(m);
    t->path = variable("PATH");
    t->home = variable("HOME");
    snprintf(t->run, sizeof(t->run), "MOOT_RUN=%s", name);
    snprintf(t->id, sizeof(t->id), "MOOT_ID=%.4s-%lld", name, (long long)h->run.asked);
    snprintf(t->who, sizeof(t->who), "MOOT_PERSON=%.64s", person->id);
    h->tellings[h->telling_count++] = t;
    return t->text != NULL && t->path != NULL && t->home != NULL ? MOOT_OK : MOOT_ENOMEM;
}

int moot__host_notify(struct moot_host *h, const struct moot_message *asked)
{
    for (size_t i = 0; i < h->o.crew->person_count; i++) {
        const struct moot_person *p = &h->o.crew->people[i];
        /* Who sits at the terminal is asked there. */
        bool here = h->o.has_person && moot__host_person_key(h, p->id) == h->o.owner;
        if (p->notify == NULL || here || !is_asked(asked, p->id))
            continue;
        if (add(h, p, asked) != MOOT_OK)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static void told(void *arg, const struct moot_spawn_result *r)
{
    struct moot_telling *t = arg;
    const char *word = t->person->notify[0];
    t->over = true;
    if (r->status == MOOT_OK && r->exit_code == 0)
        return;
    if (r->status == MOOT_OK)
        moot__host_notice(t->host, "%s could not be told by %s: exit %d%s%.200s", t->person->id,
                          word, r->exit_code, r->err_len > 0 ? ": " : "", r->err_out);
    else if (r->status != MOOT_ECANCELED)
        moot__host_notice(t->host, "%s could not be told by %s: %s", t->person->id, word,
                          r->error.message[0] != '\0' ? r->error.message
                                                      : moot__status_text(r->status));
}

static void start(struct moot_telling *t)
{
    const struct moot_world *w = t->host->o.world;
    const char *env[ENV_MAX] = {t->path, t->home, t->run, t->id, t->who, NULL};
    struct moot_spawn spec = {.argv = t->person->notify,
                              .env = env,
                              .input = t->text,
                              .input_len = strlen(t->text),
                              .deadline_ms = TELL_MS};
    struct moot_error err = {0};
    t->started = true;
    if (w->spawn(w->self, &spec, told, t, &t->process, &err) == MOOT_OK)
        return;
    t->over = true;
    moot__host_notice(t->host, "%s could not be told by %s: %s", t->person->id,
                      t->person->notify[0], err.message);
}

void moot__host_notify_start(struct moot_host *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->telling_count; i++) {
        struct moot_telling *t = h->tellings[i];
        if (!t->started)
            start(t);
        if (t->over)
            telling_free(t);
        else
            h->tellings[kept++] = t;
    }
    h->telling_count = kept;
}

/* A run that waits for a person ends as soon as they are told. */
void moot__host_notify_drop(struct moot_host *h)
{
    const struct moot_world *w = h->o.world;
    for (size_t i = 0; i < h->telling_count; i++)
        while (h->tellings[i]->started && !h->tellings[i]->over &&
               w->turn(w->self, TELL_MS) == MOOT_OK)
            continue;
    for (size_t i = 0; i < h->telling_count; i++)
        telling_free(h->tellings[i]);
    free(h->tellings);
    h->tellings = NULL;
    h->telling_count = 0;
}
