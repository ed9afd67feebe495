#include "runtime/stage.h"

#include "runtime/host.h"

void moot__stage_init(struct moot_stage *s)
{
    memset(s, 0, sizeof(*s));
    moot__map_init(&s->live);
}

static void seat_release(struct moot_seated *seat)
{
    if (seat->self != NULL)
        seat->who->ops->release(seat->self);
    moot__history_release(&seat->history);
    struct moot_effects fx = {.list = seat->thinking, .count = seat->thinking_count};
    moot__effects_release(&fx);
}

static void live_free(void *value)
{
    struct moot_live *live = value;
    if (live == NULL)
        return;
    for (size_t i = 0; i < live->seat_count; i++)
        seat_release(&live->seats[i]);
    free(live->seats);
    for (size_t i = 0; i < live->said_count; i++)
        moot__message_unref(live->said[i]);
    free(live->said);
    free(live->path);
    free(live);
}

void moot__stage_release(struct moot_stage *s)
{
    moot__map_release(&s->live, live_free);
}

struct moot_live *moot__stage_find(const struct moot_stage *s, const char *path)
{
    return moot__map_get(&s->live, path);
}

struct moot_live *moot__stage_open(struct moot_stage *s, const char *path,
                                   const struct moot_participant *const *who, size_t count,
                                   struct moot_error *err)
{
    struct moot_live *live = calloc(1, sizeof(*live));
    if (live == NULL)
        return NULL;
    live->path = strdup(path);
    live->seats = calloc(count > 0 ? count : 1, sizeof(*live->seats));
    if (live->path == NULL || live->seats == NULL) {
        live_free(live);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct moot_seated *seat = &live->seats[live->seat_count];
        seat->who = who[i];
        seat->seat.size = sizeof(seat->seat);
        seat->seat.agent = who[i]->id;
        seat->seat.conv = live->path;
        int status = who[i]->ops->init(who[i]->persona, &seat->seat, &seat->self);
        if (status != MOOT_OK) {
            moot__fail(err, status, "agent %s cannot take part in conversation %s: %s", who[i]->id,
                       path, moot__status_text(status));
            live_free(live);
            return NULL;
        }
        live->seat_count++;
    }
    if (moot__map_put(&s->live, path, live) != MOOT_OK) {
        live_free(live);
        return NULL;
    }
    return live;
}

int moot__stage_begin(struct moot_stage *s, const struct moot_message *open,
                      const struct moot_participant *all, size_t count, struct moot_error *err)
{
    const struct moot_participant **who = calloc(open->to_count + 1, sizeof(*who));
    if (who == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (size_t i = 0; i < open->to_count; i++) {
        for (size_t k = 0; k < count && who[i] == NULL; k++)
            who[i] = strcmp(all[k].id, open->to[i]) == 0 ? &all[k] : NULL;
        if (who[i] == NULL) {
            free(who);
            return moot__fail(err, MOOT_ENOTFOUND, "conversation %s wants '%s', who is not there",
                              open->conv, open->to[i]);
        }
    }
    bool seated = moot__stage_open(s, open->conv, who, open->to_count, err) != NULL;
    free(who);
    return seated ? MOOT_OK : MOOT_ENOMEM;
}

static void digest_add(void *arg, const void *data, size_t len)
{
    moot__hash_add_int(arg, (int64_t)len);
    moot__hash_add(arg, data, len);
}

static void live_digest(const struct moot_live *live, uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add_text(&h, live->path);
    for (size_t i = 0; i < live->seat_count; i++) {
        const struct moot_seated *seat = &live->seats[i];
        moot__hash_add_text(&h, seat->who->id);
        moot__hash_add(&h, seat->history.req, sizeof(seat->history.req));
        seat->who->ops->digest(seat->self, digest_add, &h);
    }
    moot__hash_end(&h, out);
}

/* Exclusive or, so that the order in which conversations end does not matter. */
static void mix(uint8_t into[MOOT_HASH_SIZE], const uint8_t more[MOOT_HASH_SIZE])
{
    for (size_t i = 0; i < MOOT_HASH_SIZE; i++)
        into[i] ^= more[i];
}

void moot__stage_end(struct moot_stage *s, const char *path)
{
    struct moot_live *live = moot__map_take(&s->live, path);
    if (live == NULL)
        return;
#ifndef NDEBUG
    uint8_t digest[MOOT_HASH_SIZE];
    live_digest(live, digest);
    mix(s->digest, digest);
#endif
    live_free(live);
}

void moot__stage_digest(const struct moot_stage *s, uint8_t out[MOOT_HASH_SIZE])
{
    memcpy(out, s->digest, MOOT_HASH_SIZE);
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&s->live, &i)) != NULL;) {
        uint8_t digest[MOOT_HASH_SIZE];
        live_digest(e->value, digest);
        mix(out, digest);
    }
}

struct moot_seated *moot__stage_seat(struct moot_live *live, const char *agent)
{
    for (size_t i = 0; i < live->seat_count; i++) {
        if (strcmp(live->seats[i].who->id, agent) == 0)
            return &live->seats[i];
    }
    return NULL;
}

int moot__stage_said(struct moot_live *live, struct moot_message *m)
{
    if (m->kind != MOOT_MODEL_REPLY && m->kind != MOOT_TOOL_RESULT && m->kind != MOOT_MSG &&
        m->kind != MOOT_TOOL_CALL && m->kind != MOOT_QUESTION && m->kind != MOOT_TURN &&
        m->kind != MOOT_SUMMARY)
        return MOOT_OK;
    if (live->said_count == live->said_size) {
        size_t size = live->said_size == 0 ? 8 : live->said_size * 2;
        struct moot_message **said = realloc(live->said, size * sizeof(struct moot_message *));
        if (said == NULL)
            return MOOT_ENOMEM;
        live->said = said;
        live->said_size = size;
    }
    live->said[live->said_count++] = moot__message_ref(m);
    return MOOT_OK;
}

const struct moot_message *moot__stage_recall(void *arg, const char *from, uint32_t n)
{
    const struct moot_live *live = arg;
    for (size_t i = live->said_count; i-- > 0;) {
        if (live->said[i]->n == n && strcmp(live->said[i]->from, from) == 0)
            return live->said[i];
    }
    return NULL;
}

int moot__stage_thinking(struct moot_seated *seat, struct moot_effect *effect)
{
    struct moot_effect *list =
        realloc(seat->thinking, (seat->thinking_count + 1) * sizeof(*seat->thinking));
    if (list == NULL)
        return MOOT_ENOMEM;
    seat->thinking = list;
    list[seat->thinking_count++] = *effect;
    memset(effect, 0, sizeof(*effect));
    return MOOT_OK;
}

struct moot_effect *moot__stage_thought(struct moot_seated *seat, uint32_t n)
{
    for (size_t i = 0; i < seat->thinking_count; i++) {
        if (seat->thinking[i].n == n)
            return &seat->thinking[i];
    }
    return NULL;
}

void moot__stage_thought_done(struct moot_seated *seat, uint32_t n)
{
    struct moot_effect *done = moot__stage_thought(seat, n);
    if (done == NULL)
        return;
    struct moot_effect *one = malloc(sizeof(*one));
    if (one == NULL)
        return; /* it is freed with the seat */
    *one = *done;
    *done = seat->thinking[--seat->thinking_count];
    struct moot_effects fx = {.list = one, .count = 1};
    moot__effects_release(&fx);
}
