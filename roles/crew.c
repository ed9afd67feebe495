#include "moot/crew.h"

#include "roles/crew.h"
#include "roles/crew_load.h"

#include <time.h>

struct moot_running {
    struct moot_run_options options;
    struct moot_world *world;
    struct moot_key *owner;
    struct moot_host *host;
    struct moot_json *items;
};

static int tell(int status, const struct moot_error *err, char *why, size_t size)
{
    if (status != MOOT_OK && why != NULL && size > 0)
        snprintf(why, size, "%s%s%s", err->file, err->file[0] != '\0' ? ": " : "",
                 err->message[0] != '\0' ? err->message : moot__status_text(status));
    return status;
}

static const char *from_env(const char *name)
{
    return getenv(name);
}

static void today(char out[16])
{
    time_t now = time(NULL);
    struct tm t;
    memset(&t, 0, sizeof(t));
    gmtime_r(&now, &t);
    strftime(out, 16, "%Y-%m-%d", &t);
}

int moot_crew_load(const char *path, const char *model, struct moot_crew **out, char *why,
                   size_t size)
{
    struct moot_error err = {0};
    struct moot_json *resolved = NULL;
    char *base = NULL;
    char date[16];
    today(date);
    int status = moot__crew_load(path, model, &resolved, &base, &err);
    if (status == MOOT_OK)
        status = moot__crew_build(resolved, base, date, from_env, out, &err);
    free(base);
    return tell(status, &err, why, size);
}

void moot_crew_unload(struct moot_crew *crew)
{
    moot__crew_free(crew);
}

static void on_delta(void *arg, const struct moot_delta *d)
{
    const struct moot_running *run = arg;
    run->options.delta(run->options.arg, d->conv, d->agent, d->text, d->len);
}

static void on_message(void *arg, const struct moot_message *m)
{
    const struct moot_running *run = arg;
    run->options.message(run->options.arg, m);
}

static int open_owner(struct moot_running *run, struct moot_error *err)
{
    char *dir = moot__dir_keys();
    bool made = false;
    int status = dir != NULL ? moot__key_owner(dir, true, &made, &run->owner, err) : MOOT_ENOMEM;
    free(dir);
    return status;
}

static int begin(struct moot_running *run, struct moot_crew *crew, struct moot_error *err)
{
    const struct moot_run_options *o = &run->options;
    const char *items = o->items != NULL ? o->items : "[{\"name\":\"1\"}]";
    int status = moot__json_parse(items, strlen(items), &run->items, err);
    if (status != MOOT_OK)
        return moot__fail_wrap(err, "items");
    status = moot__world_real(&run->world, err);
    if (status == MOOT_OK)
        status = open_owner(run, err);
    if (status != MOOT_OK)
        return status;
    uint8_t random[24];
    char id[33];
    run->world->random(run->world->self, random, sizeof(random));
    moot__hex(random, 16, id);
    int64_t seed = 0;
    memcpy(&seed, random + 16, sizeof(seed));
    struct moot_host_options host = {
        .world = run->world,
        .crew = &crew->parts,
        .journal = o->journal,
        .run = o->resume ? NULL : id,
        .resume = o->resume,
        .owner = run->owner,
        .items = run->items,
        .jobs = o->jobs,
        .dry_run = o->dry_run,
        .seed = seed & ((INT64_C(1) << 53) - 1),
        .date = crew->def.date,
        .watcher = {.arg = run,
                    .message = o->message != NULL ? on_message : NULL,
                    .delta = o->delta != NULL ? on_delta : NULL},
    };
    return moot__host_new(&host, &run->host, err);
}

int moot_run_begin(struct moot_crew *crew, const struct moot_run_options *options,
                   struct moot_running **out, char *why, size_t size)
{
    struct moot_error err = {0};
    struct moot_running *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return tell(MOOT_ENOMEM, &err, why, size);
    if (options->size > sizeof(run->options) || options->journal == NULL) {
        free(run);
        moot__fail(&err, MOOT_EINVAL, "options of another version, or without a journal");
        return tell(MOOT_EINVAL, &err, why, size);
    }
    memcpy(&run->options, options, options->size);
    int status = begin(run, crew, &err);
    if (status != MOOT_OK) {
        moot_run_end(run);
        return tell(status, &err, why, size);
    }
    *out = run;
    return MOOT_OK;
}

int moot_run_turn(struct moot_running *run, int64_t timeout_ms, char *why, size_t size)
{
    struct moot_error err = {0};
    return tell(moot__host_turn(run->host, timeout_ms, &err), &err, why, size);
}

enum moot_run_state moot_run_state(const struct moot_running *run)
{
    return moot__host_state(run->host);
}

int moot_run_answer(struct moot_running *run, const char *conv, const char *from, uint32_t n,
                    const char *decision, const char *text, char *why, size_t size)
{
    struct moot_error err = {0};
    int status = moot__host_answer(run->host, conv, from, n, decision, text, NULL, &err);
    return tell(status, &err, why, size);
}

void moot_run_stop(struct moot_running *run)
{
    moot__host_stop(run->host);
}

void moot_run_end(struct moot_running *run)
{
    if (run == NULL)
        return;
    moot__host_free(run->host);
    if (run->world != NULL)
        run->world->destroy(run->world->self);
    moot__key_free(run->owner);
    moot__json_free(run->items);
    free(run);
}

int64_t moot_message_ts(const struct moot_message *m)
{
    return m->ts;
}

int64_t moot_message_seq(const struct moot_message *m)
{
    return m->seq;
}

void moot_message_id(const struct moot_message *m, char out[65])
{
    moot__hex(m->id, MOOT_HASH_SIZE, out);
}
