#include "runtime/anchor.h"

static void anchor_bytes(const struct moot_anchor *a, struct moot_buf *out)
{
    char link[MOOT_HEX_SIZE];
    moot__hex(a->link, MOOT_HASH_SIZE, link);
    moot__buf_init(out, 1000);
    moot__buf_addf(out, "{\"link\":\"%s\",\"run\":\"%s\",\"seq\":%lld}", link, a->run,
                   (long long)a->seq);
}

int moot__anchor_make(const struct moot_key *k, const char *run, int64_t seq,
                      const uint8_t link[MOOT_HASH_SIZE], struct moot_anchor *out)
{
    MOOT_ASSERT(strlen(run) == sizeof(out->run) - 1);
    memset(out, 0, sizeof(*out));
    memcpy(out->run, run, sizeof(out->run));
    out->seq = seq;
    memcpy(out->link, link, MOOT_HASH_SIZE);
    memcpy(out->kid, moot__key_kid(k), sizeof(out->kid));
    struct moot_buf bytes;
    anchor_bytes(out, &bytes);
    int status = bytes.status;
    if (status == MOOT_OK)
        status = moot__sign(k, MOOT_PAE_ANCHOR, bytes.data, bytes.len, out->sig);
    moot__buf_release(&bytes);
    return status;
}

int moot__anchor_check(const struct moot_key *k, const struct moot_anchor *a,
                       struct moot_error *err)
{
    struct moot_buf bytes;
    anchor_bytes(a, &bytes);
    bool good = bytes.status == MOOT_OK && strcmp(a->kid, moot__key_kid(k)) == 0 &&
                moot__verify(k, MOOT_PAE_ANCHOR, bytes.data, bytes.len, a->sig);
    moot__buf_release(&bytes);
    if (good)
        return MOOT_OK;
    return moot__fail(err, MOOT_ESIGNATURE, "the signature of the anchor at %lld is wrong",
                      (long long)a->seq);
}

int moot__anchor_export(const struct moot_anchor *a, struct moot_buf *out)
{
    char link[MOOT_HEX_SIZE];
    char sig[2 * MOOT_SIG_SIZE + 1];
    moot__hex(a->link, MOOT_HASH_SIZE, link);
    moot__hex(a->sig, MOOT_SIG_SIZE, sig);
    return moot__buf_addf(out,
                          "{\"anchor\":{\"kid\":\"%s\",\"link\":\"%s\",\"run\":\"%s\","
                          "\"seq\":%lld,\"sig\":\"%s\"}}",
                          a->kid, link, a->run, (long long)a->seq, sig);
}

static bool anchor_read(const struct moot_json *j, struct moot_anchor *out)
{
    memset(out, 0, sizeof(*out));
    const char *run = moot__json_get_text(j, "run", "");
    const char *kid = moot__json_get_text(j, "kid", "");
    out->seq = moot__json_get_int(j, "seq", -1);
    /* Only these digits can stand in them; what else is wrong with a kid no key will match. */
    if (strlen(run) != sizeof(out->run) - 1 || strspn(run, "0123456789abcdef") != strlen(run) ||
        strlen(kid) != sizeof(out->kid) - 1 ||
        strspn(kid, "abcdefghijklmnopqrstuvwxyz234567") != strlen(kid) || out->seq < 0)
        return false;
    memcpy(out->run, run, sizeof(out->run));
    memcpy(out->kid, kid, sizeof(out->kid));
    return moot__unhex(moot__json_get_text(j, "link", ""), out->link, MOOT_HASH_SIZE) &&
           moot__unhex(moot__json_get_text(j, "sig", ""), out->sig, MOOT_SIG_SIZE);
}

int moot__anchor_import(const char *line, size_t len, struct moot_anchor *out,
                        struct moot_error *err)
{
    struct moot_json *tree = NULL;
    int status = moot__json_parse(line, len, &tree, err);
    if (status == MOOT_ENOMEM)
        return status;
    bool good = status == MOOT_OK && anchor_read(moot__json_get(tree, "anchor"), out);
    moot__json_free(tree);
    if (good) {
        struct moot_buf again;
        moot__buf_init(&again, 1000);
        good = moot__anchor_export(out, &again) == MOOT_OK && again.len == len &&
               memcmp(again.data, line, len) == 0;
        moot__buf_release(&again);
    }
    return good ? MOOT_OK : moot__fail(err, MOOT_EMALFORMED, "an anchor is not in its form");
}

bool moot__anchor_is_line(const char *line, size_t len)
{
    static const char head[] = "{\"anchor\":";
    return len >= sizeof(head) - 1 && memcmp(line, head, sizeof(head) - 1) == 0;
}
