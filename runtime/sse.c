#include "runtime/sse.h"

enum { LOOK_AHEAD = 256 };

static const char bom[3] = {'\xef', '\xbb', '\xbf'};

void moot__sse_init(struct moot_sse *s, size_t max)
{
    memset(s, 0, sizeof(*s));
    moot__buf_init(&s->line, max);
    moot__buf_init(&s->data, max);
}

void moot__sse_release(struct moot_sse *s)
{
    moot__buf_release(&s->line);
    moot__buf_release(&s->data);
}

typedef int (*event_fn)(void *arg, const struct moot_sse_event *e);

static int sse_dispatch(struct moot_sse *s, bool unfinished, event_fn event, void *arg)
{
    if (!s->has_data) {
        s->name[0] = '\0';
        return 0;
    }
    moot__buf_truncate(&s->data, s->data.len - 1); /* the last LF */
    struct moot_sse_event e = {.name = s->name,
                               .data = moot__buf_text(&s->data),
                               .len = s->data.len,
                               .unfinished = unfinished};
    int status = event(arg, &e);
    moot__buf_clear(&s->data);
    s->has_data = false;
    s->name[0] = '\0';
    return status;
}

static bool field_is(const char *line, size_t len, const char *name)
{
    return len == strlen(name) && memcmp(line, name, len) == 0;
}

/* One line without its end. */
static int sse_line(struct moot_sse *s, const char *line, size_t len, event_fn event, void *arg)
{
    if (len == 0)
        return sse_dispatch(s, false, event, arg);
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - line) : len;
    const char *value = colon != NULL ? colon + 1 : line + len;
    const char *end = line + len;
    if (name_len == 0) /* a comment: keeps the connection alive */
        return 0;
    if (value < end && *value == ' ')
        value++;
    size_t value_len = (size_t)(end - value);
    if (field_is(line, name_len, "data")) {
        moot__buf_add(&s->data, value, value_len);
        moot__buf_addc(&s->data, '\n');
        s->has_data = s->data.status == MOOT_OK;
        return s->data.status;
    }
    if (field_is(line, name_len, "event")) {
        size_t n = value_len < sizeof(s->name) - 1 ? value_len : sizeof(s->name) - 1;
        memcpy(s->name, value, n);
        s->name[n] = '\0';
        return 0;
    }
    if (!field_is(line, name_len, "error") || value_len == 0)
        return 0;
    char *copy = moot__copy(value, value_len);
    if (copy == NULL)
        return MOOT_ENOMEM;
    struct moot_sse_event e = {.name = "error", .data = copy, .len = value_len};
    int status = event(arg, &e);
    free(copy);
    return status;
}

/* Skips a byte-order mark at the very beginning, however it is cut. */
static int sse_skip_bom(struct moot_sse *s, const char **data, size_t *len)
{
    while (s->bom < sizeof(bom) && *len > 0) {
        if (**data != bom[s->bom]) {
            size_t seen = s->bom;
            s->bom = sizeof(bom);
            return moot__buf_add(&s->line, bom, seen);
        }
        s->bom++;
        (*data)++;
        (*len)--;
    }
    return 0;
}

/* Up to the next CR or LF, or all there is; piece by piece, lest each of many lines that end in one
 * of them be a search of all the rest for the other. */
static size_t line_len(const char *data, size_t len)
{
    for (size_t at = 0; at < len; at += LOOK_AHEAD) {
        size_t n = len - at < LOOK_AHEAD ? len - at : LOOK_AHEAD;
        const char *lf = memchr(data + at, '\n', n);
        const char *cr = memchr(data + at, '\r', lf != NULL ? (size_t)(lf - data) - at : n);
        if (cr != NULL || lf != NULL)
            return (size_t)((cr != NULL ? cr : lf) - data);
    }
    return len;
}

static int sse_run(struct moot_sse *s, const char *data, size_t len, event_fn event, void *arg)
{
    int status = sse_skip_bom(s, &data, &len);
    while (status == 0 && len > 0) {
        if (s->after_cr) {
            s->after_cr = false;
            if (*data == '\n') {
                data++;
                len--;
                continue;
            }
        }
        size_t n = line_len(data, len);
        if (n == len)
            return moot__buf_add(&s->line, data, n);
        s->after_cr = data[n] == '\r';
        if (s->line.len > 0) {
            status = moot__buf_add(&s->line, data, n);
            if (status == 0)
                status = sse_line(s, s->line.data, s->line.len, event, arg);
            moot__buf_clear(&s->line);
        } else {
            status = n <= s->line.max ? sse_line(s, data, n, event, arg) : MOOT_ETOOBIG;
        }
        data += n + 1;
        len -= n + 1;
    }
    return status;
}

int moot__sse_feed(struct moot_sse *s, const char *data, size_t len,
                   int (*event)(void *arg, const struct moot_sse_event *e), void *arg)
{
    if (s->status == 0)
        s->status = sse_run(s, data, len, event, arg);
    return s->status;
}

int moot__sse_end(struct moot_sse *s, int (*event)(void *arg, const struct moot_sse_event *e),
                  void *arg)
{
    if (s->status == 0 && s->line.len > 0) {
        s->status = sse_line(s, s->line.data, s->line.len, event, arg);
        moot__buf_clear(&s->line);
    }
    if (s->status == 0)
        s->status = sse_dispatch(s, true, event, arg);
    return s->status;
}
