#include "runtime/schema_report.h"

#include "runtime/utf8.h"

enum {
    EXCERPT_MAX = 60,
    PLACE_MAX = 200,
    WEIGHT_FIXED = 1000,
};

int moot__schema_cut(const char *text, size_t max)
{
    return (int)moot__utf8_cut(text, strnlen(text, max));
}

static void add_excerpt(struct moot_buf *b, const char *text)
{
    int len = moot__schema_cut(text, EXCERPT_MAX);
    moot__buf_add_json(b, text, (size_t)len);
    if (text[len] != '\0' && b->status == MOOT_OK) {
        moot__buf_truncate(b, b->len - 1);
        moot__buf_adds(b, "…\"");
    }
}

void moot__schema_add_value(struct moot_buf *b, const struct moot_json *value)
{
    switch (moot__json_type(value)) {
    case MOOT_JSON_NULL:
        moot__buf_adds(b, "null");
        break;
    case MOOT_JSON_BOOL:
        moot__buf_adds(b, moot__json_true(value) ? "true" : "false");
        break;
    case MOOT_JSON_NUMBER:
        moot__buf_addf(b, "%.*s", EXCERPT_MAX, moot__json_digits(value));
        break;
    case MOOT_JSON_STRING:
        add_excerpt(b, moot__json_text(value));
        break;
    case MOOT_JSON_ARRAY:
        moot__buf_addf(b, "an array of %zu", moot__json_count(value));
        break;
    case MOOT_JSON_OBJECT:
        moot__buf_adds(b, "an object");
        break;
    }
}

static void add_place(struct moot_buf *b, const struct moot_schema_report *r)
{
    if (r->place_count == 0)
        moot__buf_adds(b, "(the whole value)");
    for (size_t i = 0; i < r->place_count; i++) {
        const struct moot_schema_place *p = &r->places[i];
        if (p->key == NULL)
            moot__buf_addf(b, "/%zu", p->index);
        else
            moot__buf_addf(b, "/%.*s", moot__schema_cut(p->key, PLACE_MAX), p->key);
        if (b->len > PLACE_MAX && i + 1 < r->place_count) {
            moot__buf_adds(b, "/…");
            return;
        }
    }
}

static void add_line(struct moot_schema_report *r, const char *what, const struct moot_json *value)
{
    struct moot_buf line;
    moot__buf_init(&line, 4096);
    moot__buf_adds(&line, "- ");
    add_place(&line, r);
    moot__buf_addf(&line, ": %s", what);
    if (value != NULL)
        moot__schema_add_value(&line, value);
    for (size_t i = 0; i < line.len; i++) { /* names may hold line feeds and the like */
        if ((unsigned char)line.data[i] < 0x20)
            line.data[i] = ' ';
    }
    moot__buf_addc(&line, '\n');
    r->last_line = r->problems->len;
    moot__buf_add(r->problems, moot__buf_text(&line), line.len);
    if (line.status == MOOT_ENOMEM) { /* a report without its lines would say that all is well */
        moot__buf_release(r->problems);
        r->problems->status = MOOT_ENOMEM;
    }
    moot__buf_release(&line);
}

static bool note(struct moot_schema_report *r, size_t weight, const char *what,
                 const struct moot_json *value)
{
    if (r->probing)
        r->weight += weight;
    if (r->quiet > 0)
        return false;
    r->count++;
    if (r->problems != NULL && r->count <= MOOT_SCHEMA_PROBLEMS_MAX)
        add_line(r, what, value);
    return false;
}

bool moot__schema_problem(struct moot_schema_report *r, const char *what,
                          const struct moot_json *value)
{
    return note(r, 1, what, value);
}

bool moot__schema_mismatch(struct moot_schema_report *r, const char *what,
                           const struct moot_json *value)
{
    bool here = r->place_count == r->probe_place;
    return note(r, here ? MOOT_SCHEMA_WEIGHT_TYPE : WEIGHT_FIXED, what, value);
}

bool moot__schema_enough(const struct moot_schema_report *r)
{
    return r->quiet > 0 && !r->probing;
}

void moot__schema_report_end(struct moot_schema_report *r)
{
    if (r->problems == NULL || r->count <= MOOT_SCHEMA_PROBLEMS_MAX ||
        r->problems->status != MOOT_OK)
        return;
    moot__buf_truncate(r->problems, r->last_line);
    moot__buf_addf(r->problems, "- and %zu more\n", r->count - MOOT_SCHEMA_PROBLEMS_MAX + 1);
}
