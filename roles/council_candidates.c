/* What is voted on: drafts told apart, and shown to a voter under labels of its own. */
#include "roles/council.h"

#include "agents/prompt.h"
#include "runtime/utf8.h"

enum { TITLE_MAX = 60 };

/* The same value, or the same text but for the space around it. */
static bool same(const struct moot_json *a, const struct moot_json *b)
{
    const char *x = moot__json_text(a);
    const char *y = moot__json_text(b);
    if (x == NULL || y == NULL)
        return moot__json_equal(a, b);
    x += strspn(x, " \t\r\n");
    y += strspn(y, " \t\r\n");
    size_t n = strlen(x);
    size_t k = strlen(y);
    while (n > 0 && strchr(" \t\r\n", x[n - 1]) != NULL)
        n--;
    while (k > 0 && strchr(" \t\r\n", y[k - 1]) != NULL)
        k--;
    return n == k && memcmp(x, y, n) == 0;
}

static int set_hash(struct moot_json *candidate, const struct moot_json *value)
{
    uint8_t digest[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    char *text = moot__json_string(value);
    if (text == NULL)
        return MOOT_ENOMEM;
    moot__hash(text, strlen(text), digest);
    free(text);
    moot__hex(digest, sizeof(digest), hex);
    return moot__json_set_text(candidate, "hash", hex);
}

/* A plan by who does what. */
static void plan_title(const struct moot_json *items, struct moot_buf *out)
{
    const struct moot_json *m = moot__json_first(items);
    for (int i = 0; m != NULL; m = moot__json_next(m), i++)
        moot__buf_addf(out, "%s%s (%s)", i > 0 ? ", " : "", moot__json_get_text(m, "id", ""),
                       moot__json_get_text(m, "agent", ""));
}

/* What it is called where there is no room for all of it. */
static int set_title(struct moot_json *candidate, const struct moot_json *value)
{
    static const char *const names[] = {"name", "title", "id"};
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    const char *title = moot__json_text(value);
    for (size_t i = 0; i < MOOT_COUNT(names) && title == NULL; i++)
        title = moot__json_get_text(value, names[i], NULL);
    if (title != NULL)
        moot__buf_adds(&text, title + strspn(title, " \t\r\n"));
    else if (moot__json_is(moot__json_get(value, "items"), MOOT_JSON_ARRAY))
        plan_title(moot__json_get(value, "items"), &text);
    else
        moot__json_write(value, &text);
    int rc = text.status;
    size_t len = strcspn(moot__buf_text(&text), "\r\n");
    size_t cut = moot__utf8_cut(moot__buf_text(&text), len < TITLE_MAX ? len : TITLE_MAX);
    moot__buf_truncate(&text, cut);
    if (cut < len)
        moot__buf_adds(&text, "…");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(candidate, "title", moot__buf_text(&text));
    moot__buf_release(&text);
    return rc;
}

static int add_candidate(struct moot_json *list, const struct moot_json *draft)
{
    struct moot_json *c = moot__json_new(MOOT_JSON_OBJECT);
    const struct moot_json *value = moot__json_get(draft, "value");
    int rc =
        c == NULL ? MOOT_ENOMEM : moot__json_set_int(c, "n", (int64_t)moot__json_count(list) + 1);
    if (rc == MOOT_OK)
        rc = set_hash(c, value);
    if (rc == MOOT_OK)
        rc = set_title(c, value);
    if (rc == MOOT_OK)
        rc = moot__json_set(c, "sponsors", moot__json_copy(moot__json_get(draft, "sponsors")));
    if (rc == MOOT_OK)
        rc = moot__json_set(c, "value", moot__json_copy(value));
    if (rc == MOOT_OK)
        return moot__json_add(list, c);
    moot__json_free(c);
    return rc;
}

static int add_sponsors(struct moot_json *candidate, const struct moot_json *more)
{
    struct moot_json *list = moot__json_edit(candidate, "sponsors");
    int rc = MOOT_OK;
    for (const struct moot_json *m = moot__json_first(more); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m))
        rc = moot__json_add(list, moot__json_copy(m));
    return rc;
}

int moot__council_candidates(struct moot_council *c)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *d = moot__json_first(c->drafts);
    for (; d != NULL && rc == MOOT_OK; d = moot__json_next(d)) {
        size_t at = 0;
        if (moot__json_get(d, "value") == NULL)
            continue;
        const struct moot_json *known = moot__json_first(list);
        for (; known != NULL; known = moot__json_next(known), at++)
            if (same(moot__json_get(known, "value"), moot__json_get(d, "value")))
                break;
        if (known != NULL)
            rc = add_sponsors(moot__json_edit_at(list, at), moot__json_get(d, "sponsors"));
        else if (at == MOOT_CANDIDATES_MAX)
            rc = MOOT_ETOOBIG;
        else
            rc = add_candidate(list, d);
    }
    if (rc != MOOT_OK) {
        moot__json_free(list);
        return rc;
    }
    moot__json_free(c->candidates);
    c->candidates = list;
    return MOOT_OK;
}

/* ---- the paper ---- */

static bool sponsored_by(const struct moot_json *candidate, const char *who)
{
    const struct moot_json *m = moot__json_first(moot__json_get(candidate, "sponsors"));
    for (; who != NULL && m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), who) == 0)
            return true;
    return false;
}

/* Bytes of the first `characters` of a text. */
static size_t bytes_of(const char *text, size_t characters)
{
    size_t at = 0;
    for (size_t i = 0; i < characters && text[at] != '\0'; i++) {
        uint32_t code;
        at += moot__utf8_decode(text + at, &code);
    }
    return at;
}

/* All are cut to the same length: of a long one the beginning and the end are shown. */
static int shown_text(const struct moot_council *c, const struct moot_json *value,
                      struct moot_buf *out)
{
    struct moot_buf whole;
    moot__buf_init(&whole, MOOT_MAX_JSON);
    int rc = moot__prompt_value(value, &whole);
    const char *text = moot__buf_text(&whole);
    size_t cap = (size_t)c->task->vote->candidate_cap;
    size_t count = moot__utf8_characters(text, whole.len);
    if (rc == MOOT_OK && count <= cap)
        rc = moot__buf_add(out, text, whole.len);
    if (rc == MOOT_OK && count > cap) {
        size_t tail = cap / 4;
        size_t head = cap - tail;
        moot__buf_add(out, text, bytes_of(text, head));
        moot__buf_addf(out, "\n[%zu characters left out]\n", count - cap);
        rc = moot__buf_adds(out, text + bytes_of(text, count - tail));
    }
    moot__buf_release(&whole);
    return rc;
}

static int add_to_paper(const struct moot_council *c, struct moot_json *paper,
                        const struct moot_json *candidate)
{
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    char label[2] = {(char)('A' + moot__json_count(paper)), '\0'};
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    int rc = entry == NULL ? MOOT_ENOMEM : shown_text(c, moot__json_get(candidate, "value"), &text);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(entry, "label", label);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(entry, "n", moot__json_get_int(candidate, "n", 0));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(entry, "text", moot__buf_text(&text));
    moot__buf_release(&text);
    if (rc == MOOT_OK)
        return moot__json_add(paper, entry);
    moot__json_free(entry);
    return rc;
}

struct moot_json *moot__council_paper(const struct moot_council *c, const char *conv,
                                      const char *voter, const bool marked[])
{
    const struct moot_json *may[MOOT_CANDIDATES_MAX];
    char name[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 32];
    size_t count = 0;
    size_t at = 0;
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL && at < MOOT_CANDIDATES_MAX; m = moot__json_next(m), at++)
        if (!sponsored_by(m, voter) && (marked == NULL || marked[at]))
            may[count++] = m;
    snprintf(name, sizeof(name), "%s %lld %s", conv, (long long)c->round,
             voter != NULL ? voter : "");
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)(moot__draw((uint64_t)c->seed, name, (uint32_t)i) % i);
        const struct moot_json *kept = may[i - 1];
        may[i - 1] = may[j];
        may[j] = kept;
    }
    struct moot_json *paper = moot__json_new(MOOT_JSON_ARRAY);
    int rc = paper == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (size_t i = 0; i < count && rc == MOOT_OK; i++)
        rc = add_to_paper(c, paper, may[i]);
    if (rc == MOOT_OK)
        return paper;
    moot__json_free(paper);
    return NULL;
}

static const char *label_of(const struct moot_json *paper, int64_t n)
{
    const struct moot_json *m = moot__json_first(paper);
    for (; m != NULL; m = moot__json_next(m))
        if (moot__json_get_int(m, "n", 0) == n)
            return moot__json_get_text(m, "label", NULL);
    return NULL;
}

struct moot_json *moot__council_remarks(const struct moot_council *c, const struct moot_json *paper)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *d = moot__json_first(c->defects);
    for (; d != NULL && rc == MOOT_OK; d = moot__json_next(d)) {
        const char *label = label_of(paper, moot__json_get_int(d, "n", 0));
        if (label == NULL)
            continue;
        struct moot_json *remark = moot__json_copy(d);
        rc = remark == NULL ? MOOT_ENOMEM : moot__json_set_text(remark, "label", label);
        if (rc == MOOT_OK)
            rc = moot__json_add(list, remark);
        else
            moot__json_free(remark);
    }
    if (rc == MOOT_OK)
        return list;
    moot__json_free(list);
    return NULL;
}
