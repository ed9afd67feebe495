#include "runtime/quotes.h"

enum { NEST_MAX = 8 }; /* JSON held as a text inside JSON held as a text… */

void moot__quotes_init(struct moot_quotes *q)
{
    memset(q, 0, sizeof(*q));
}

void moot__quotes_release(struct moot_quotes *q)
{
    for (size_t i = 0; i < q->count; i++)
        free(q->lines[i]);
    free(q->lines);
    moot__quotes_init(q);
}

/* Calls `each` for every text below a value, also for those in JSON that is held as a text. Stops
 * when it returns something else than 0, which is returned. */
static int walk(const struct moot_json *j, int depth, int nest,
                int (*each)(void *arg, const char *text), void *arg);

static int walk_text(const char *text, int nest, int (*each)(void *arg, const char *text),
                     void *arg)
{
    struct moot_json *inner = NULL;
    size_t start = strspn(text, " \t\r\n");
    bool holds = text[start] == '{' || text[start] == '[';
    if (nest < NEST_MAX && holds && moot__json_parse(text, strlen(text), &inner, NULL) == MOOT_OK) {
        int status = walk(inner, 0, nest + 1, each, arg);
        moot__json_free(inner);
        return status;
    }
    return each(arg, text);
}

static int walk(const struct moot_json *j, int depth, int nest,
                int (*each)(void *arg, const char *text), void *arg)
{
    const char *text = moot__json_text(j);
    if (text != NULL)
        return walk_text(text, nest, each, arg);
    int status = MOOT_OK;
    const struct moot_json *child = moot__json_first(j);
    for (; child != NULL && status == MOOT_OK && depth < MOOT_MAX_DEPTH;
         child = moot__json_next(child))
        status = walk(child, depth + 1, nest, each, arg);
    return status;
}

static int add_line(struct moot_quotes *q, const char *text, size_t len)
{
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
        len--;
    while (len > 0 && strchr(" \t\r", *text) != NULL) {
        text++;
        len--;
    }
    if (len < MOOT_QUOTE_BYTES)
        return MOOT_OK;
    if (q->count == MOOT_QUOTE_LINES)
        return MOOT_ETOOBIG;
    if (q->count == q->size) {
        size_t size = q->size == 0 ? 16 : q->size * 2;
        char **lines = realloc(q->lines, size * sizeof(char *));
        if (lines == NULL)
            return MOOT_ENOMEM;
        q->lines = lines;
        q->size = size;
    }
    q->lines[q->count] = moot__copy(text, len);
    return q->lines[q->count] != NULL ? (q->count++, MOOT_OK) : MOOT_ENOMEM;
}

static int add_text(void *arg, const char *text)
{
    int status = MOOT_OK;
    while (*text != '\0' && status == MOOT_OK) {
        size_t len = strcspn(text, "\n");
        status = add_line(arg, text, len);
        text += len + (text[len] == '\n');
    }
    return status;
}

int moot__quotes_add(struct moot_quotes *q, const struct moot_json *body)
{
    /* Where words stand; the rest are names, counts and hashes. */
    static const char *const keys[] = {"text",   "output", "args",   "input",
                                       "result", "detail", "reason", "problems"};
    static const struct {
        const char *list, *key;
    } lists[] = {{"parts", "text"}, {"add", "text"}, {"calls", "arguments"}};
    int status = MOOT_OK;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++)
        status = walk(moot__json_get(body, keys[i]), 0, 0, add_text, q);
    for (size_t i = 0; i < MOOT_COUNT(lists) && status == MOOT_OK; i++) {
        const struct moot_json *one = moot__json_first(moot__json_get(body, lists[i].list));
        for (; one != NULL && status == MOOT_OK; one = moot__json_next(one))
            status = walk(moot__json_get(one, lists[i].key), 0, 0, add_text, q);
    }
    return status;
}

static int find_text(void *arg, const char *text)
{
    const struct moot_quotes *q = arg;
    for (size_t i = 0; i < q->count; i++)
        if (strstr(text, q->lines[i]) != NULL)
            return 1;
    return 0;
}

bool moot__quotes_in(const struct moot_quotes *q, const struct moot_json *body)
{
    struct moot_quotes look = *q;
    return walk(body, 0, 0, find_text, &look) == 1;
}
