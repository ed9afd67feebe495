#include "agents/did.h"

#include "runtime/hash.h"
#include "runtime/utf8.h"

enum {
    SAME_BYTES = 8,  /* enough to tell the calls of one conversation apart */
    ARGS_TOLD = 500, /* bytes of arguments and of a result that the others are told */
    OUTPUT_TOLD = 4000,
};

static int set_hash(struct moot_json *in, const char *key, const char *first, const char *second)
{
    uint8_t hash[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add_text(&h, first);
    moot__hash_add_text(&h, second);
    moot__hash_end(&h, hash);
    moot__hex(hash, SAME_BYTES, hex);
    return moot__json_set_text(in, key, hex);
}

/* At most so many bytes of it, cut between code points. */
static int set_short(struct moot_json *in, const char *key, const char *text, size_t most)
{
    size_t len = strlen(text);
    if (len <= most)
        return moot__json_set_text(in, key, text);
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    struct moot_buf cut;
    moot__buf_init(&cut, most + 8);
    moot__buf_add(&cut, text, most);
    moot__buf_adds(&cut, "…");
    int rc =
        cut.status == MOOT_OK ? moot__json_set_text(in, key, moot__buf_text(&cut)) : cut.status;
    moot__buf_release(&cut);
    return rc;
}

int moot__did_call(struct moot_json **list, const char *tool, const char *args, bool told,
                   size_t *place)
{
    if (*list == NULL)
        *list = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    int rc =
        *list == NULL || entry == NULL ? MOOT_ENOMEM : moot__json_set_text(entry, "tool", tool);
    if (rc == MOOT_OK)
        rc = set_hash(entry, "same", tool, args);
    if (rc == MOOT_OK && told)
        rc = set_short(entry, "args", args, ARGS_TOLD);
    if (rc != MOOT_OK) {
        moot__json_free(entry);
        return rc;
    }
    *place = moot__json_count(*list) + 1;
    return moot__json_add(*list, entry);
}

int moot__did_result(struct moot_json *list, size_t place, const struct moot_json *result,
                     bool told)
{
    struct moot_json *entry = place > 0 ? moot__json_edit_at(list, place - 1) : NULL;
    if (entry == NULL)
        return MOOT_OK;
    const char *output = moot__json_get_text(result, "output", "");
    int rc = moot__json_set_text(entry, "status", moot__json_get_text(result, "status", "error"));
    if (rc == MOOT_OK)
        rc = set_hash(entry, "got", output, NULL);
    return rc == MOOT_OK && told ? set_short(entry, "output", output, OUTPUT_TOLD) : rc;
}

int moot__did_text(const char *from, const struct moot_json *list, bool results,
                   struct moot_buf *out)
{
    for (const struct moot_json *c = moot__json_first(list); c != NULL; c = moot__json_next(c)) {
        const char *status = moot__json_get_text(c, "status", "error");
        moot__buf_addf(out, "%s(%s called %s(%s)", out->len > 0 ? "\n" : "", from,
                       moot__json_get_text(c, "tool", "?"), moot__json_get_text(c, "args", ""));
        if (results)
            moot__buf_addf(out, "%s%s: %s", strcmp(status, "ok") == 0 ? "" : ", ",
                           strcmp(status, "ok") == 0 ? "" : status,
                           moot__json_get_text(c, "output", ""));
        moot__buf_adds(out, ")");
    }
    return out->status;
}
