/* Writing JSON: plain, canonical and pretty. Only what json.h offers is used. */
#include "runtime/json.h"

enum {
    /* A tree that was read is 64 deep at most; one built around it may be somewhat deeper. */
    WRITE_DEPTH = 4 * MOOT_MAX_DEPTH,
};

enum style { PLAIN, CANONICAL, PRETTY };

struct writer {
    struct moot_buf *out;
    enum style style;
    struct moot_error *err;
    size_t depth;
};

static int write_value(struct writer *w, const struct moot_json *j);

/* Integers within +-(2^53-1) in their one shortest form. */
static bool is_canonical_number(const char *digits)
{
    int64_t n = 0;
    const int64_t largest = ((int64_t)1 << 53) - 1;
    char again[MOOT_INT_TEXT];
    if (!moot__int_parse(digits, &n) || n > largest || n < -largest)
        return false;
    moot__int_write(n, again);
    return strcmp(digits, again) == 0;
}

/* UTF-16 order differs from that of UTF-8 only where a code point above U+FFFF (lead byte from
 * 0xf0), in UTF-16 a surrogate, meets one of U+E000 to U+FFFF (lead bytes 0xee and 0xef). */
static int compare_utf16(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }
    unsigned char x = (unsigned char)*a;
    unsigned char y = (unsigned char)*b;
    if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
        return x >= 0xf0 ? -1 : 1;
    return (x > y) - (x < y);
}

static int compare_members(const void *a, const void *b)
{
    const struct moot_json *x = *(const struct moot_json *const *)a;
    const struct moot_json *y = *(const struct moot_json *const *)b;
    return compare_utf16(moot__json_key(x), moot__json_key(y));
}

static int new_line(struct writer *w)
{
    if (w->style != PRETTY)
        return MOOT_OK;
    moot__buf_addc(w->out, '\n');
    for (size_t i = 0; i < w->depth; i++)
        moot__buf_adds(w->out, "  ");
    return w->out->status;
}

static int write_text(struct writer *w, const char *text)
{
    return moot__buf_add_json(w->out, text, strlen(text));
}

static int write_child(struct writer *w, const struct moot_json *child, bool first)
{
    if (!first)
        moot__buf_addc(w->out, ',');
    new_line(w);
    if (moot__json_key(child) != NULL) {
        write_text(w, moot__json_key(child));
        moot__buf_adds(w->out, w->style == PRETTY ? ": " : ":");
    }
    return write_value(w, child);
}

static int write_sorted(struct writer *w, const struct moot_json *object)
{
    size_t count = moot__json_count(object);
    const struct moot_json **members = malloc((count + 1) * sizeof(const struct moot_json *));
    if (members == NULL)
        return moot__fail(w->err, MOOT_ENOMEM, "out of memory while writing JSON");
    size_t i = 0;
    for (const struct moot_json *m = moot__json_first(object); m != NULL; m = moot__json_next(m))
        members[i++] = m;
    if (count > 1)
        qsort(members, count, sizeof(const struct moot_json *), compare_members);
    int status = MOOT_OK;
    for (i = 0; i < count && status == MOOT_OK; i++)
        status = write_child(w, members[i], i == 0);
    free(members);
    return status;
}

static int write_children(struct writer *w, const struct moot_json *j)
{
    bool object = moot__json_is(j, MOOT_JSON_OBJECT);
    if (w->depth == WRITE_DEPTH)
        return moot__fail(w->err, MOOT_ETOOBIG, "JSON to write is nested deeper than %d",
                          WRITE_DEPTH);
    moot__buf_addc(w->out, object ? '{' : '[');
    w->depth++;
    int status = MOOT_OK;
    if (object && w->style == CANONICAL) {
        status = write_sorted(w, j);
    } else {
        const struct moot_json *first = moot__json_first(j);
        for (const struct moot_json *c = first; c != NULL && status == MOOT_OK;
             c = moot__json_next(c))
            status = write_child(w, c, c == first);
    }
    w->depth--;
    if (status != MOOT_OK)
        return status;
    if (moot__json_first(j) != NULL)
        new_line(w);
    return moot__buf_addc(w->out, object ? '}' : ']');
}

/* Recursion is bounded by WRITE_DEPTH. */
static int write_value(struct writer *w, const struct moot_json *j)
{
    switch (moot__json_type(j)) {
    case MOOT_JSON_BOOL:
        return moot__buf_adds(w->out, moot__json_true(j) ? "true" : "false");
    case MOOT_JSON_NUMBER:
        if (w->style == CANONICAL && !is_canonical_number(moot__json_digits(j)))
            return moot__fail(w->err, MOOT_EINVAL,
                              "%.60s is no integer within +-(2^53-1) in its shortest form",
                              moot__json_digits(j));
        return moot__buf_adds(w->out, moot__json_digits(j));
    case MOOT_JSON_STRING:
        return write_text(w, moot__json_text(j));
    case MOOT_JSON_ARRAY:
    case MOOT_JSON_OBJECT:
        return write_children(w, j);
    case MOOT_JSON_NULL:
        break;
    }
    return moot__buf_adds(w->out, "null");
}

static int write_all(struct writer *w, const struct moot_json *j)
{
    size_t before = w->out->len;
    int status = write_value(w, j);
    if (status != MOOT_OK && w->out->status == MOOT_OK)
        moot__buf_truncate(w->out, before);
    if (w->out->status != MOOT_OK)
        return moot__fail(w->err, w->out->status, "JSON cannot be written: %s",
                          moot__status_text(w->out->status));
    return status;
}

int moot__json_write(const struct moot_json *j, struct moot_buf *out)
{
    struct writer w = {.out = out, .style = PLAIN};
    return write_all(&w, j);
}

int moot__json_write_canonical(const struct moot_json *j, struct moot_buf *out,
                               struct moot_error *err)
{
    struct writer w = {.out = out, .style = CANONICAL, .err = err};
    return write_all(&w, j);
}

int moot__json_write_pretty(const struct moot_json *j, struct moot_buf *out)
{
    struct writer w = {.out = out, .style = PRETTY};
    return write_all(&w, j);
}

char *moot__json_string(const struct moot_json *j)
{
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_JSON);
    if (moot__json_write(j, &out) == MOOT_OK)
        return moot__buf_take(&out);
    moot__buf_release(&out);
    return NULL;
}
