#include "cli/numbered.h"

#include "cli/paint.h"
#include "cli/safe.h"

#include <inttypes.h>

enum { LINE_MAX_BYTES = 64 * 1024, SAID_BYTES = 2000, KIND_COLUMN = 24, SAID_COLUMN = 52 };

/* The words that say most of what a message is. */
static const char *said(const struct moot_json *body)
{
    static const char *const keys[] = {"text",   "output", "args", "input",
                                       "detail", "reason", "stop", "name"};
    const struct moot_json *part = moot__json_first(moot__json_get(body, "parts"));
    const char *text = moot__json_get_text(part, "text", NULL);
    if (text == NULL) { /* of a model_call, what it adds last */
        const struct moot_json *add = moot__json_first(moot__json_get(body, "add"));
        for (; add != NULL; add = moot__json_next(add))
            text = moot__json_get_text(add, "text", text);
    }
    const struct moot_json *result = moot__json_get(body, "result");
    if (text == NULL)
        text = moot__json_get_text(result, "text", moot__json_get_text(result, "json", NULL));
    for (size_t i = 0; i < MOOT_COUNT(keys) && text == NULL; i++)
        text = moot__json_get_text(body, keys[i], NULL);
    return text != NULL ? text : "";
}

void moot__numbered_add(struct moot_buf *out, const struct moot_message *m, size_t columns)
{
    struct moot_buf line;
    moot__buf_init(&line, LINE_MAX_BYTES);
    moot__buf_addf(&line, "%5" PRId64 "  %s", m->seq, moot_kind_text(m->kind));
    moot__add_pad(&line, 0, KIND_COLUMN, 2);
    moot__safe_add_line(&line, m->from, strlen(m->from));
    moot__buf_addf(&line, " %" PRIu32, m->n);
    if (m->conv[0] != '\0') {
        moot__buf_adds(&line, " in ");
        moot__safe_add_line(&line, m->conv, strlen(m->conv));
    }
    const char *text = m->body != NULL ? said(m->body) : "(removed)";
    size_t len = strlen(text);
    if (len > SAID_BYTES) /* what is cut here lies beyond any line */
        len = SAID_BYTES;
    if (len > 0) {
        moot__add_pad(&line, 0, SAID_COLUMN, 2);
        moot__safe_add_line(&line, text, len);
    }
    moot__add_cut(out, moot__buf_text(&line), columns);
    moot__buf_release(&line);
}
