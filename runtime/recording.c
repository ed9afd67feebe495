#include "runtime/recording_part.h"

enum { NAME_SIZE = MOOT_MAX_PATH_CONV + MOOT_MAX_NAME + 16 };

/* The conversation as it was called at first: `3~2/email#1` is `3/email#1`. */
static void plain_conv(const char *conv, char *out, size_t size)
{
    size_t root = strcspn(conv, "/");
    size_t name = strcspn(conv, "~/");
    snprintf(out, size, "%.*s%s", (int)name, conv, conv + root);
}

static void name_of(char out[NAME_SIZE], const char *conv, const char *from, uint32_t n)
{
    snprintf(out, NAME_SIZE, "%s\n%s\n%u", conv, from, n);
}

struct moot_recording_entry *moot__recording_entry(enum moot_kind call, const char *conv,
                                                   const char *from, uint32_t n)
{
    char plain[MOOT_MAX_PATH_CONV];
    struct moot_recording_entry *e = calloc(1, sizeof(*e));
    if (e == NULL)
        return NULL;
    plain_conv(conv, plain, sizeof(plain));
    e->kind = call;
    e->n = n;
    e->conv = moot__copy(plain, strlen(plain));
    e->from = moot__copy(from, strlen(from));
    if (e->conv != NULL && e->from != NULL)
        return e;
    moot__recording_entry_free(e);
    return NULL;
}

void moot__recording_entry_free(void *entry)
{
    struct moot_recording_entry *e = entry;
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->prov_count; i++)
        free(e->prov[i]);
    free(e->prov);
    free(e->conv);
    free(e->from);
    free(e->asked);
    moot__json_free(e->body);
    free(e);
}

int moot__recording_put(struct moot_recording *r, struct moot_recording_entry *e)
{
    char name[NAME_SIZE];
    name_of(name, e->conv, e->from, e->n);
    e->order = r->outcomes;
    struct moot_recording_entry *older = moot__map_take(&r->names, name);
    moot__recording_entry_free(older);
    if (moot__map_put(&r->names, name, e) != MOOT_OK) {
        moot__recording_entry_free(e);
        return MOOT_ENOMEM;
    }
    r->outcomes++;
    return MOOT_OK;
}

char *moot__recording_asked(enum moot_kind call, const struct moot_json *body)
{
    const char *text = moot__json_get_text(body, call == MOOT_MODEL_CALL ? "req" : "text", "");
    if (call != MOOT_TOOL_CALL)
        return moot__copy(text, strlen(text));
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__buf_addf(&b, "%s ", moot__json_get_text(body, "tool", ""));
    moot__buf_adds(&b, moot__json_get_text(body, "args", ""));
    return moot__buf_take(&b);
}

int moot__recording_open(const char *path, int64_t last, struct moot_recording **out,
                         struct moot_error *err)
{
    struct moot_recording *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__map_init(&r->names);
    moot__map_init(&r->calls);
    r->err = err;
    r->last = last;
    r->seq = -1;
    char *real = realpath(path, NULL); /* what was begun here may be gone on with elsewhere */
    r->path = real != NULL ? real : moot__copy(path, strlen(path));
    r->items = moot__json_new(MOOT_JSON_ARRAY);
    int status = r->path != NULL && r->items != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = moot__recording_read(r);
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    /* Calls that were never answered: nothing is recorded of them. */
    moot__map_release(&r->calls, moot__recording_entry_free);
    moot__map_init(&r->calls);
    r->err = NULL;
    if (status != MOOT_OK) {
        moot__recording_free(r);
        return status;
    }
    *out = r;
    return MOOT_OK;
}

void moot__recording_free(struct moot_recording *r)
{
    if (r == NULL)
        return;
    moot__map_release(&r->names, moot__recording_entry_free);
    moot__map_release(&r->calls, moot__recording_entry_free);
    moot__json_free(r->items);
    free(r->path);
    free(r->crew);
    free(r->date);
    free(r);
}

void moot__recording_source(const struct moot_recording *r, struct moot_recording_source *out)
{
    memset(out, 0, sizeof(*out));
    out->path = r->path;
    out->run = r->run;
    out->crew = r->crew != NULL ? r->crew : "";
    out->date = r->date != NULL ? r->date : "";
    out->seed = r->seed;
    out->has_seed = r->has_seed;
    out->seq = r->seq;
    memcpy(out->link, r->link, sizeof(out->link));
    out->items = moot__json_count(r->items) > 0 ? r->items : NULL;
    out->outcomes = r->outcomes;
}

enum moot_found moot__recording_find(const struct moot_recording *r,
                                     const struct moot_message *call, struct moot_recorded *out)
{
    char plain[MOOT_MAX_PATH_CONV];
    char name[NAME_SIZE];
    plain_conv(call->conv, plain, sizeof(plain));
    name_of(name, plain, call->from, call->n);
    const struct moot_recording_entry *e = moot__map_get(&r->names, name);
    if (e == NULL)
        return MOOT_FOUND_NONE;
    if (e->asked == NULL || e->body == NULL)
        return MOOT_FOUND_REDACTED;
    char *asked = moot__recording_asked(call->kind, call->body);
    bool same = asked != NULL && e->kind == call->kind && strcmp(asked, e->asked) == 0;
    free(asked);
    if (!same)
        return MOOT_FOUND_OTHER;
    *out = (struct moot_recorded){.body = e->body,
                                  .prov = e->prov,
                                  .prov_count = e->prov_count,
                                  .order = e->order,
                                  .given_up = e->given_up};
    return MOOT_FOUND;
}
