#include "runtime/effects.h"

void moot__effects_init(struct moot_effects *fx, uint32_t next_n)
{
    memset(fx, 0, sizeof(*fx));
    fx->next_n = next_n;
}

static void release_think(struct moot_think *think)
{
    for (size_t i = 0; i < think->add_count; i++) {
        free(think->adds[i].text);
        free(think->adds[i].from);
        free(think->adds[i].call);
    }
    free(think->adds);
}

static void release_effect(struct moot_effect *e)
{
    for (size_t i = 0; i < e->to_count; i++)
        free(e->to[i]);
    free(e->to);
    free(e->path);
    free(e->task);
    free(e->tool);
    free(e->re_from);
    moot__json_free(e->body);
    release_think(&e->think);
}

void moot__effects_release(struct moot_effects *fx)
{
    for (size_t i = 0; i < fx->count; i++)
        release_effect(&fx->list[i]);
    free(fx->list);
    moot__effects_init(fx, fx->next_n);
}

static void fail(struct moot_effects *fx, int status)
{
    if (fx->status == MOOT_OK)
        fx->status = status;
}

/* A new last effect, empty but for its kind; NULL after a failure. */
static struct moot_effect *append(struct moot_effects *fx, enum moot_effect_kind kind)
{
    if (fx->status != MOOT_OK)
        return NULL;
    if (fx->count == fx->size) {
        size_t size = fx->size == 0 ? 4 : 2 * fx->size;
        struct moot_effect *list = realloc(fx->list, size * sizeof(*list));
        if (list == NULL) {
            fail(fx, MOOT_ENOMEM);
            return NULL;
        }
        fx->list = list;
        fx->size = size;
    }
    struct moot_effect *e = &fx->list[fx->count++];
    memset(e, 0, sizeof(*e));
    e->kind = kind;
    return e;
}

/* One that is counted, with its body, which is taken over. */
static struct moot_effect *append_counted(struct moot_effects *fx, enum moot_effect_kind kind,
                                          struct moot_json *body)
{
    struct moot_effect *e = append(fx, kind);
    if (e == NULL) {
        moot__json_free(body);
        return NULL;
    }
    e->body = body;
    if (body == NULL && kind != MOOT_FX_MODEL_CALL)
        fail(fx, MOOT_ENOMEM);
    e->n = fx->next_n++;
    return e;
}

/* Copies a text into its empty place; NULL stays NULL. */
static void put(struct moot_effects *fx, char **place, const char *text)
{
    if (text == NULL)
        return;
    *place = moot__copy(text, strlen(text));
    if (*place == NULL)
        fail(fx, MOOT_ENOMEM);
}

static void put_to(struct moot_effects *fx, struct moot_effect *e, const char *to)
{
    if (to == NULL)
        return;
    char **list = realloc(e->to, (e->to_count + 1) * sizeof(*list));
    if (list == NULL) {
        fail(fx, MOOT_ENOMEM);
        return;
    }
    e->to = list;
    list[e->to_count] = NULL;
    put(fx, &list[e->to_count++], to);
}

static uint32_t count_of(const struct moot_effects *fx, const struct moot_effect *e)
{
    return fx->status == MOOT_OK ? e->n : 0;
}

uint32_t moot__fx_send(struct moot_effects *fx, enum moot_kind as, const char *to,
                       struct moot_json *body)
{
    struct moot_effect *e = append_counted(fx, MOOT_FX_SEND, body);
    if (e == NULL)
        return 0;
    e->as = as;
    put_to(fx, e, to);
    return count_of(fx, e);
}

uint32_t moot__fx_think(struct moot_effects *fx, const struct moot_think *think)
{
    struct moot_effect *e = append_counted(fx, MOOT_FX_MODEL_CALL, NULL);
    if (e == NULL)
        return 0;
    e->think = *think;
    e->think.adds = NULL;
    e->think.add_count = 0;
    return count_of(fx, e);
}

struct moot_effect *moot__fx_last_think(struct moot_effects *fx)
{
    size_t i = fx->count;
    while (i > 0 && fx->list[i - 1].kind != MOOT_FX_MODEL_CALL)
        i--;
    return i > 0 ? &fx->list[i - 1] : NULL;
}

void moot__fx_anew(struct moot_effects *fx)
{
    struct moot_think *think = &moot__fx_last_think(fx)->think;
    release_think(think);
    think->adds = NULL;
    think->add_count = 0;
    think->base = 0;
}

static struct moot_add *append_add(struct moot_effects *fx)
{
    if (fx->status != MOOT_OK)
        return NULL;
    struct moot_effect *e = moot__fx_last_think(fx);
    MOOT_ASSERT(e != NULL);
    struct moot_think *think = &e->think;
    /* Few and grown one at a time: a call adds what is new since the one it extends. */
    struct moot_add *adds = realloc(think->adds, (think->add_count + 1) * sizeof(*adds));
    if (adds == NULL) {
        fail(fx, MOOT_ENOMEM);
        return NULL;
    }
    think->adds = adds;
    struct moot_add *add = &adds[think->add_count++];
    memset(add, 0, sizeof(*add));
    return add;
}

int moot__fx_add_text(struct moot_effects *fx, enum moot_add_role role, const char *text)
{
    MOOT_ASSERT(text != NULL);
    struct moot_add *add = append_add(fx);
    if (add != NULL) {
        add->role = role;
        put(fx, &add->text, text);
    }
    return fx->status;
}

int moot__fx_add_refusal(struct moot_effects *fx, const char *call, const char *text)
{
    MOOT_ASSERT(text != NULL);
    struct moot_add *add = append_add(fx);
    if (add != NULL) {
        add->role = MOOT_ADD_TOOL;
        put(fx, &add->text, text);
        put(fx, &add->call, call);
    }
    return fx->status;
}

int moot__fx_add_message(struct moot_effects *fx, enum moot_add_role role, const char *from,
                         uint32_t n)
{
    MOOT_ASSERT(from != NULL && n > 0);
    struct moot_add *add = append_add(fx);
    if (add != NULL) {
        add->role = role;
        add->n = n;
        put(fx, &add->from, from);
    }
    return fx->status;
}

int moot__fx_add_named(struct moot_effects *fx, enum moot_add_role role, const char *from,
                       uint32_t n)
{
    int status = moot__fx_add_message(fx, role, from, n);
    if (status == MOOT_OK) {
        struct moot_think *think = &moot__fx_last_think(fx)->think;
        think->adds[think->add_count - 1].named = true;
    }
    return status;
}

uint32_t moot__fx_call(struct moot_effects *fx, const char *tool, const char *args,
                       const char *call)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body != NULL && (moot__json_set_text(body, "args", args) != MOOT_OK ||
                         (call != NULL && moot__json_set_text(body, "call", call) != MOOT_OK))) {
        moot__json_free(body);
        body = NULL;
    }
    struct moot_effect *e = append_counted(fx, MOOT_FX_TOOL_CALL, body);
    if (e == NULL)
        return 0;
    put(fx, &e->tool, tool);
    return count_of(fx, e);
}

void moot__fx_add_to(struct moot_effects *fx, const char *to)
{
    if (fx->status != MOOT_OK)
        return;
    MOOT_ASSERT(fx->count > 0);
    struct moot_effect *e = &fx->list[fx->count - 1];
    MOOT_ASSERT(e->kind == MOOT_FX_SEND || e->kind == MOOT_FX_ASK || e->kind == MOOT_FX_OPEN);
    put_to(fx, e, to);
}

void moot__fx_re(struct moot_effects *fx, const char *from, uint32_t n)
{
    if (fx->status != MOOT_OK)
        return;
    MOOT_ASSERT(fx->count > 0);
    struct moot_effect *e = &fx->list[fx->count - 1];
    MOOT_ASSERT(e->kind == MOOT_FX_SEND && e->re_from == NULL);
    e->re_n = n;
    put(fx, &e->re_from, from);
}

uint32_t moot__fx_ask(struct moot_effects *fx, const char *to, struct moot_json *body)
{
    struct moot_effect *e = append_counted(fx, MOOT_FX_ASK, body);
    if (e == NULL)
        return 0;
    e->as = MOOT_QUESTION;
    put_to(fx, e, to);
    return count_of(fx, e);
}

void moot__fx_wait(struct moot_effects *fx, uint32_t timer, int64_t ms)
{
    struct moot_effect *e = append(fx, MOOT_FX_TIMER);
    if (e == NULL)
        return;
    e->timer = timer;
    e->ms = ms;
}

void moot__fx_open(struct moot_effects *fx, const char *path, const char *participant,
                   const char *task, struct moot_json *body)
{
    struct moot_effect *e = append(fx, MOOT_FX_OPEN);
    if (e == NULL) {
        moot__json_free(body);
        return;
    }
    e->body = body;
    if (body == NULL)
        fail(fx, MOOT_ENOMEM);
    put(fx, &e->path, path);
    put(fx, &e->task, task);
    put_to(fx, e, participant);
}

void moot__fx_cancel(struct moot_effects *fx, uint32_t n)
{
    struct moot_effect *e = append(fx, MOOT_FX_CANCEL);
    if (e != NULL)
        e->cancel_n = n;
}

void moot__fx_cancel_conv(struct moot_effects *fx, const char *path)
{
    struct moot_effect *e = append(fx, MOOT_FX_CANCEL);
    if (e != NULL)
        put(fx, &e->path, path);
}

void moot__fx_done(struct moot_effects *fx, struct moot_json *body)
{
    struct moot_effect *e = append(fx, MOOT_FX_DONE);
    if (e == NULL) {
        moot__json_free(body);
        return;
    }
    e->body = body;
    if (body == NULL)
        fail(fx, MOOT_ENOMEM);
}
