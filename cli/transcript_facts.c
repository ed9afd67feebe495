/* What the bodies of messages say, in words. */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/tool_program.h"
#include "runtime/utf8.h"

#include <inttypes.h>

enum { FACT_MAX = 256 * 1024, FACT_ARG_COLUMNS = 40 };

void moot__fact_parts(const struct moot_json *body, struct moot_buf *out)
{
    const struct moot_json *part = moot__json_first(moot__json_get(body, "parts"));
    if (body == NULL)
        moot__buf_adds(out, "(removed by the owner)");
    for (; part != NULL; part = moot__json_next(part))
        moot__buf_adds(out, moot__json_get_text(part, "text", ""));
}

void moot__fact_add_tokens(struct moot_buf *out, int64_t tokens)
{
    moot__add_count(out, tokens);
    moot__buf_addf(out, " token%s", tokens == 1 ? "" : "s");
}

bool moot__fact_recorded(const struct moot_json *body)
{
    return moot__json_get_bool(body, "recorded", false);
}

int64_t moot__fact_tokens(const struct moot_json *body)
{
    const struct moot_json *usage = moot__json_get(body, "usage");
    if (moot__fact_recorded(body))
        return 0;
    return moot__json_get_int(usage, "input", 0) + moot__json_get_int(usage, "output", 0);
}

int64_t moot__fact_cost(const struct moot_json *body)
{
    int64_t cost = -1;
    const char *digits = moot__json_get_text(body, "cost", NULL);
    if (moot__fact_recorded(body))
        return 0;
    return digits != NULL && moot__int_parse(digits, &cost) ? cost : -1;
}

/* A value in few columns: texts bare, the rest as JSON, a file's lines as a count. */
static void add_value(const struct moot_json *value, size_t columns, struct moot_buf *out)
{
    struct moot_buf safe;
    moot__buf_init(&safe, FACT_MAX);
    const char *text = moot__json_text(value);
    char *made = text == NULL ? moot__json_string(value) : NULL;
    text = text != NULL ? text : made != NULL ? made : "";
    size_t lines = moot__program_lines(text);
    size_t len = strlen(text);
    if (lines > 2) {
        moot__buf_addf(out, "%zu lines", lines);
    } else {
        moot__safe_add_line(&safe, text, len > 4096 ? moot__utf8_cut(text, 4096) : len);
        moot__add_cut(out, moot__buf_text(&safe), columns);
    }
    moot__buf_release(&safe);
    free(made);
}

/* The arguments without their names where there is one, else "a b · c". */
static void add_args(const struct moot_json *args, struct moot_buf *out)
{
    size_t count = moot__json_count(args);
    const struct moot_json *value = moot__json_first(args);
    for (; value != NULL; value = moot__json_next(value)) {
        if (count > 1) {
            moot__safe_add_line(out, moot__json_key(value), strlen(moot__json_key(value)));
            moot__buf_addc(out, ' ');
        }
        add_value(value, FACT_ARG_COLUMNS, out);
        if (moot__json_next(value) != NULL)
            moot__buf_adds(out, ", ");
    }
}

void moot__fact_call(const struct moot_json *body, size_t columns, struct moot_buf *out)
{
    struct moot_buf text;
    moot__buf_init(&text, FACT_MAX);
    const char *name = moot__json_get_text(body, "tool", "?");
    moot__safe_add_line(&text, name, strlen(name));
    const char *args = moot__json_get_text(body, "args", "");
    struct moot_json *parsed = NULL;
    if (moot__json_parse(args, strlen(args), &parsed, NULL) == MOOT_OK &&
        moot__json_count(parsed) > 0) {
        moot__buf_adds(&text, " (");
        add_args(parsed, &text);
        moot__buf_addc(&text, ')');
    }
    moot__json_free(parsed);
    moot__add_cut(out, moot__buf_text(&text), columns);
    moot__buf_release(&text);
}

void moot__fact_outcome(const struct moot_json *body, size_t columns, struct moot_buf *out)
{
    struct moot_buf text;
    moot__buf_init(&text, FACT_MAX);
    const char *status = moot__json_get_text(body, "status", "ok");
    const char *shown = moot__json_get_text(body, "shown", NULL);
    bool ok = strcmp(status, "ok") == 0;
    const char *detail = shown != NULL ? shown
                         : ok          ? "ok"
                                       : moot__json_get_text(body, "detail", NULL);
    if (!ok && detail == NULL)
        detail = moot__json_get_text(body, "output", "");
    if (!ok && detail != NULL && detail[0] != '\0')
        moot__buf_addf(&text, "%s: ", status);
    else if (!ok)
        moot__buf_adds(&text, status);
    size_t len = strlen(detail);
    moot__safe_add_line(&text, detail, len > 4096 ? moot__utf8_cut(detail, 4096) : len);
    moot__add_cut(out, moot__buf_text(&text), columns);
    moot__buf_release(&text);
}

static void add_text(struct moot_buf *out, const struct moot_json *body, const char *key,
                     const char *before)
{
    const char *text = moot__json_get_text(body, key, "");
    if (text[0] == '\0')
        return;
    moot__buf_adds(out, before);
    moot__safe_add_line(out, text, strlen(text));
}

bool moot__fact_work(const struct moot_message *m, struct moot_buf *out)
{
    const char *to = moot__json_get_text(m->body, "to", "");
    const char *from = moot__json_get_text(m->body, "from", "");
    bool given = m->kind == MOOT_DELEGATE;
    bool accepted = strcmp(from, "checking") == 0 && strcmp(to, "done") == 0;
    bool stuck = strcmp(to, "blocked") == 0 || strcmp(to, "failed") == 0;
    if (!given && !accepted && !stuck)
        return false;
    if (given)
        add_text(out, m->body, "to", "to ");
    else if (accepted)
        moot__buf_adds(out, "accepted");
    else
        add_text(out, m->body, "to", "");
    add_text(out, m->body, "task", " ");
    add_text(out, m->body, "work_item", " ");
    add_text(out, m->body, "goal", ": ");
    if (!accepted)
        add_text(out, m->body, given ? "instruction" : "why", ": ");
    return true;
}

void moot__fact_verdict(const struct moot_json *body, struct moot_buf *out)
{
    const struct moot_json *score = moot__json_get(body, "score");
    moot__buf_adds(out, moot__json_get_bool(body, "passed", false) ? "passed" : "not yet");
    /* A score with a fraction travels as a text: bodies hold integers only. */
    const char *digits = moot__json_digits(score);
    digits = digits != NULL ? digits : moot__json_text(score);
    if (digits != NULL) {
        moot__buf_adds(out, " (");
        moot__safe_add_line(out, digits, strlen(digits));
        moot__buf_adds(out, "/10)");
    }
}

bool moot__fact_problem(const struct moot_json *body, size_t i, struct moot_buf *out)
{
    const struct moot_json *problem = moot__json_at(moot__json_get(body, "problems"), i);
    if (problem == NULL)
        return false;
    const char *what = moot__json_text(problem);
    what = what != NULL ? what : moot__json_get_text(problem, "what", "");
    moot__safe_add_line(out, what, strlen(what));
    const char *quote = moot__json_get_text(problem, "quote", "");
    if (quote[0] != '\0' && strstr(what, quote) == NULL) {
        moot__buf_adds(out, ": \"");
        moot__safe_add_line(out, quote, strlen(quote));
        moot__buf_addc(out, '"');
    }
    return true;
}

const char *moot__fact_back_to(const struct moot_json *task)
{
    return moot__json_get_text(task, "on_reject", moot__json_get_text(task, "id", ""));
}

int64_t moot__fact_attempts(const struct moot_json *task)
{
    return moot__json_get_int(task, "attempts", 2);
}

bool moot__fact_thinking(const struct moot_json *task, int64_t i)
{
    const struct moot_json *steps = moot__json_get(task, "steps");
    int64_t count = (int64_t)moot__json_count(steps);
    bool any_as = false;
    if (count < 2 || i >= count)
        return false;
    for (const struct moot_json *s = moot__json_first(steps); s != NULL; s = moot__json_next(s))
        any_as = any_as || moot__json_get(s, "as") != NULL;
    if (!any_as)
        return i + 1 < count;
    return moot__json_get(moot__json_at(steps, (size_t)i), "as") == NULL;
}

const char *moot__fact_field(const struct moot_json *task, int64_t i)
{
    return moot__json_get_text(moot__json_at(moot__json_get(task, "steps"), (size_t)i), "as", NULL);
}

bool moot__fact_cut_off(const struct moot_json *failed)
{
    return strcmp(moot__json_get_text(failed, "status", ""), "cancelled") == 0;
}
