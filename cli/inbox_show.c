/* What waits, as a person must see it: nothing hidden, nothing that could look like something else.
 */
#include "cli/inbox.h"
#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/wrap.h"
#include "runtime/utf8.h"

enum {
    SHOW_MAX = 64 * 1024 * 1024,
    SHOW_WORDS_MIN = 40,
    SHOW_NAME_MIN = 8,
    SHOW_CODE_LINES = 60, /* of code that are shown without being asked for */
};

/* Arguments that are code: what matters of an act is in them, every blank included. */
static const char *const code_names[] = {"code", "command"};

static void add_exact(struct moot_buf *out, const char *text)
{
    moot__safe_add_exact(out, text, strlen(text));
}

static void emit(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

/* A long text, line by line; what could mislead is made visible in each. */
static void add_long(struct moot_buf *out, const char *text, size_t width)
{
    struct moot_buf line;
    struct moot_wrap wrap;
    moot__buf_init(&line, SHOW_MAX);
    moot__wrap_init(&wrap, "      ", width, 0, emit, out);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        moot__buf_clear(&line);
        moot__safe_add_exact(&line, text, len);
        moot__wrap_text(&wrap, moot__buf_text(&line), line.len);
        moot__wrap_text(&wrap, "\n", 1);
        text += len + (text[len] == '\n');
    }
    moot__wrap_end(&wrap);
    moot__wrap_release(&wrap);
    moot__buf_release(&line);
}

static bool is_code(const char *name)
{
    for (size_t i = 0; i < MOOT_COUNT(code_names); i++)
        if (strcmp(name, code_names[i]) == 0)
            return true;
    return false;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n' || at[1] == '\0';
    return lines;
}

/* One line of code behind a rule; one that is too wide goes on behind a broken rule. */
static void add_code_line(struct moot_buf *out, const char *text, size_t len, size_t width)
{
    struct moot_buf line;
    size_t columns = 0;
    moot__buf_init(&line, SHOW_MAX);
    moot__safe_add_exact(&line, text, len);
    moot__buf_adds(out, "      │ ");
    for (size_t at = 0; at < line.len;) {
        size_t n = 1;
        while (at + n < line.len && ((unsigned char)line.data[at + n] & 0xc0) == 0x80)
            n++;
        columns += moot__utf8_width(line.data + at, n);
        if (columns > width) {
            moot__buf_adds(out, "\n      ┆ ");
            columns = moot__utf8_width(line.data + at, n);
        }
        moot__buf_add(out, line.data + at, n);
        at += n;
    }
    moot__buf_addc(out, '\n');
    moot__buf_release(&line);
}

/* Code stands as it is, with all its blanks, and whole unless it is very long. */
static void add_code(struct moot_buf *out, const char *text, size_t width, const char *view)
{
    size_t lines = count_lines(text);
    if (view != NULL && (lines > SHOW_CODE_LINES || strlen(text) > SHOW_CODE_LINES * width)) {
        moot__buf_addf(out, "%zu lines, %zu characters · view (%s)\n", lines,
                       moot__utf8_characters(text, strlen(text)), view);
        return;
    }
    moot__buf_addc(out, '\n');
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        add_code_line(out, at, len, width - 8);
        at += len + (at[len] == '\n');
    }
}

/* "  subject  A map for people": a short value whole, a long one counted, or whole below. */
static void add_arg(struct moot_buf *out, const char *name, const struct moot_json *value,
                    size_t column, size_t width, const char *view)
{
    char *made = moot__json_text(value) == NULL ? moot__json_string(value) : NULL;
    const char *text = made != NULL ? made : moot__json_text(value);
    size_t start = out->len;
    moot__buf_adds(out, "    ");
    add_exact(out, name);
    moot__add_pad(out, start, column, 2);
    text = text != NULL ? text : "";
    size_t words = moot__utf8_words(text, strlen(text));
    bool is_long = strchr(text, '\n') != NULL || moot__utf8_width(text, strlen(text)) > width * 2;
    if (is_code(name) && moot__json_text(value) != NULL) {
        add_code(out, text, width, view);
    } else if (is_long && view == NULL) {
        moot__buf_addc(out, '\n');
        add_long(out, text, width);
    } else if (is_long) {
        moot__buf_addf(out, "%zu words, %zu characters · view (%s)\n", words,
                       moot__utf8_characters(text, strlen(text)), view);
    } else {
        add_exact(out, text);
        moot__buf_addc(out, '\n');
    }
    free(made);
}

static struct moot_json *args_of(const struct moot_waiting *w)
{
    const char *text = moot__json_get_text(w->m->body, "args", "");
    struct moot_json *args = NULL;
    moot__json_parse(text, strlen(text), &args, NULL);
    return args;
}

/* "? send_email to lin@example.org" and below it all other arguments. */
static void show_act(const struct moot_waiting *w, size_t width, const char *view,
                     struct moot_buf *out)
{
    struct moot_json *args = args_of(w);
    const char *to = moot__json_get_text(args, "to", NULL);
    add_exact(out, moot__json_get_text(w->m->body, "tool", "?"));
    if (to != NULL) {
        moot__buf_adds(out, " to ");
        add_exact(out, to);
    }
    moot__buf_addc(out, '\n');
    size_t column = SHOW_NAME_MIN;
    const struct moot_json *a;
    for (a = moot__json_first(args); a != NULL; a = moot__json_next(a)) {
        size_t columns = moot__utf8_width(moot__json_key(a), strlen(moot__json_key(a)));
        column = columns > column ? columns : column;
    }
    for (a = moot__json_first(args); a != NULL; a = moot__json_next(a))
        if (to == NULL || strcmp(moot__json_key(a), "to") != 0)
            add_arg(out, moot__json_key(a), a, column + 6, width, view);
    const char *reason = moot__json_get_text(w->m->body, "reason", "");
    if (reason[0] != '\0') {
        moot__buf_adds(out, "    asked because ");
        add_exact(out, reason);
        moot__buf_addc(out, '\n');
    }
    moot__json_free(args);
}

/* The problems of the newest try, where all attempts are used up. */
static void show_tries(const struct moot_json *about, size_t width, struct moot_buf *out)
{
    const char *text = moot__json_get_text(about, "tries", "");
    struct moot_json *tries = NULL;
    if (text[0] == '\0' || moot__json_parse(text, strlen(text), &tries, NULL) != MOOT_OK)
        return;
    size_t count = moot__json_count(tries);
    const struct moot_json *last = count > 0 ? moot__json_at(tries, count - 1) : NULL;
    const struct moot_json *p =
        moot__json_first(moot__json_get(moot__json_get(last, "verdict"), "problems"));
    if (p != NULL)
        moot__buf_addf(out, "    the last of %zu attempts was rejected for\n", count);
    for (; p != NULL; p = moot__json_next(p)) {
        const char *what = moot__json_text(p);
        struct moot_buf line;
        moot__buf_init(&line, SHOW_MAX);
        moot__buf_addf(&line, "- %s", what != NULL ? what : moot__json_get_text(p, "what", ""));
        add_long(out, moot__buf_text(&line), width);
        moot__buf_release(&line);
    }
    moot__json_free(tries);
}

static void show_question(const struct moot_waiting *w, size_t width, const char *view,
                          struct moot_buf *out)
{
    const struct moot_json *body = w->m->body;
    const struct moot_json *about = moot__json_get(body, "about");
    const struct moot_json *result = moot__json_get(about, "result");
    const char *json =
        moot__json_get_text(result, "json", moot__json_get_text(about, "json", NULL));
    const char *text =
        moot__json_get_text(result, "text", moot__json_get_text(about, "text", NULL));
    struct moot_json *parsed = NULL;
    const char *words = moot__json_get_text(body, "text", "");
    moot__safe_add_line(out, words, strlen(words));
    moot__buf_addc(out, '\n');
    show_tries(about, width, out);
    if (json != NULL && moot__json_parse(json, strlen(json), &parsed, NULL) == MOOT_OK &&
        moot__json_is(parsed, MOOT_JSON_OBJECT)) {
        for (const struct moot_json *a = moot__json_first(parsed); a != NULL;
             a = moot__json_next(a))
            add_arg(out, moot__json_key(a), a, SHOW_NAME_MIN + 8, width, view);
    } else if (json != NULL || text != NULL) {
        add_long(out, text != NULL ? text : json, width);
    }
    moot__json_free(parsed);
}

void moot__waiting_show(const struct moot_waiting *w, int colours, size_t width, const char *view,
                        struct moot_buf *out)
{
    width = width < SHOW_WORDS_MIN ? SHOW_WORDS_MIN : width;
    /* A call that was not made is shown as it would have been asked about. */
    moot__add_ink(out, colours, MOOT_INK_ASK, w->m->kind == MOOT_TOOL_CALL ? "would do" : "?");
    moot__buf_addc(out, ' ');
    if (w->m->kind == MOOT_APPROVAL_REQUEST || w->m->kind == MOOT_TOOL_CALL)
        show_act(w, width, view, out);
    else
        show_question(w, width, view, out);
}

char *moot__waiting_like(const struct moot_waiting *w)
{
    struct moot_json *args = args_of(w);
    const struct moot_json *first = moot__json_first(args);
    const char *name = first != NULL ? moot__json_key(first) : NULL;
    /* Never the language alone: other code in it is no act like this one. */
    for (size_t i = 0; i < MOOT_COUNT(code_names); i++)
        if (moot__json_get(args, code_names[i]) != NULL)
            name = code_names[i];
    if (moot__json_get(args, "to") != NULL)
        name = "to";
    char *copy = name != NULL ? moot__copy(name, strlen(name)) : NULL;
    moot__json_free(args);
    return copy;
}
