#include "cli/experiment_diff.h"

#include "cli/book.h"
#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "cli/wrap.h"
#include "runtime/normal.h"

#include <unistd.h>

enum { TEXT_MAX = 4 * 1024 * 1024, GAP = 3, WIDTH_LEAST = 40 };

/* ---- reading ---- */

static bool is_deed(enum moot_kind kind)
{
    static const enum moot_kind kinds[] = {
        MOOT_MSG,     MOOT_TURN,   MOOT_DELEGATE, MOOT_TOOL_CALL, MOOT_TOOL_RESULT, MOOT_ANSWER,
        MOOT_VERDICT, MOOT_BALLOT, MOOT_DECISION, MOOT_APPROVAL,  MOOT_END,
    };
    for (size_t i = 0; i < MOOT_COUNT(kinds); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

static int take(void *arg, struct moot_message *m)
{
    struct moot_deeds *d = arg;
    if (m->kind == MOOT_CLOSE) {
        const char *stop = moot__json_get_text(m->body, "stop", "");
        free(d->stop);
        d->stop = moot__copy(stop, strlen(stop));
        return d->stop != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    /* an item's end says again what its tasks' ends said */
    bool whole = m->kind == MOOT_END && strchr(m->conv, '/') == NULL;
    if (!is_deed(m->kind) || whole || m->body == NULL)
        return MOOT_OK;
    struct moot_message **more = realloc(d->list, (d->count + 1) * sizeof(struct moot_message *));
    if (more == NULL)
        return MOOT_ENOMEM;
    d->list = more;
    d->list[d->count++] = moot__message_ref(m);
    return MOOT_OK;
}

int moot__deeds_read(const char *journal, struct moot_deeds *out, struct moot_error *err)
{
    struct moot_book *book = NULL;
    int status = moot__book_open(journal, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take, out, err);
    moot__book_close(book);
    return status;
}

void moot__deeds_release(struct moot_deeds *d)
{
    for (size_t i = 0; i < d->count; i++)
        moot__message_unref(d->list[i]);
    free(d->list);
    free(d->stop);
    memset(d, 0, sizeof(*d));
}

/* ---- comparing ---- */

/* What chance, time and the price put there says nothing about what was said. */
static bool is_beside(enum moot_kind kind, const char *key)
{
    /* the calls of a turn were deeds of their own */
    static const char *const beside[] = {"usage", "cost", "call", "calls"};
    for (size_t i = 0; i < MOOT_COUNT(beside); i++)
        if (strcmp(key, beside[i]) == 0)
            return true;
    return moot__normal_chance(kind, key);
}

static size_t members(enum moot_kind kind, const struct moot_json *body)
{
    size_t count = 0;
    for (const struct moot_json *m = moot__json_first(body); m != NULL; m = moot__json_next(m))
        count += !is_beside(kind, moot__json_key(m));
    return count;
}

static bool same_member(const struct moot_json *a, const struct moot_json *b, const char *key)
{
    return moot__json_equal(moot__json_get(a, key), moot__json_get(b, key));
}

static bool same_body(enum moot_kind kind, const struct moot_json *a, const struct moot_json *b)
{
    /* what a program prints holds times and places; in one line it says what came of it */
    if (kind == MOOT_TOOL_RESULT && moot__json_get(a, "shown") != NULL)
        return same_member(a, b, "shown") && same_member(a, b, "status");
    if (members(kind, a) != members(kind, b))
        return false;
    for (const struct moot_json *m = moot__json_first(a); m != NULL; m = moot__json_next(m))
        if (!is_beside(kind, moot__json_key(m)) && !same_member(a, b, moot__json_key(m)))
            return false;
    return true;
}

static bool same_deed(const struct moot_message *a, const struct moot_message *b)
{
    return a->kind == b->kind && strcmp(a->from, b->from) == 0 &&
           same_body(a->kind, a->body, b->body);
}

/* The next deed of a conversation, from *at on. NULL: there is none. */
static const struct moot_message *next_in(const struct moot_deeds *d, const char *conv, size_t *at)
{
    while (*at < d->count) {
        const struct moot_message *m = d->list[(*at)++];
        if (strcmp(m->conv, conv) == 0)
            return m;
    }
    return NULL;
}

static bool seen_before(const struct moot_deeds *d, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(d->list[k]->conv, d->list[i]->conv) == 0)
            return true;
    return false;
}

/* Whether the conversation parts; the deeds that are the same are counted. */
static bool parts_in(const struct moot_deeds *a, const struct moot_deeds *b, const char *conv,
                     const struct moot_message **in_a, const struct moot_message **in_b,
                     size_t *same)
{
    size_t at_a = 0, at_b = 0;
    for (;;) {
        *in_a = next_in(a, conv, &at_a);
        *in_b = next_in(b, conv, &at_b);
        if (*in_a == NULL && *in_b == NULL)
            return false;
        if (*in_a == NULL || *in_b == NULL || !same_deed(*in_a, *in_b))
            return true;
        *same += 1;
    }
}

bool moot__deeds_part(const struct moot_deeds *a, const struct moot_deeds *b,
                      const struct moot_message **in_a, const struct moot_message **in_b,
                      size_t *same)
{
    *same = 0;
    for (size_t i = 0; i < a->count; i++)
        if (!seen_before(a, i) && parts_in(a, b, a->list[i]->conv, in_a, in_b, same))
            return true;
    for (size_t i = 0; i < b->count; i++) {
        size_t at = 0;
        if (!seen_before(b, i) && next_in(a, b->list[i]->conv, &at) == NULL) {
            *in_a = NULL;
            *in_b = b->list[i];
            return true;
        }
    }
    return false;
}

/* ---- showing ---- */

/* Lines of one side, as they will stand in its column. */
struct side {
    char **lines;
    size_t count;
    bool lost;
};

static void add_line(void *arg, const char *line, size_t len)
{
    struct side *s = arg;
    char **more = realloc(s->lines, (s->count + 1) * sizeof(char *));
    char *copy = moot__copy(line, len);
    s->lines = more != NULL ? more : s->lines;
    if (more == NULL || copy == NULL) {
        free(copy);
        s->lost = true;
        return;
    }
    s->lines[s->count++] = copy;
}

static void side_release(struct side *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->lines[i]);
    free(s->lines);
}

/* What a deed says, in words. */
static void add_deed(const struct moot_message *m, struct moot_buf *out)
{
    const struct moot_json *body = m->body;
    const char *args = moot__json_get_text(body, "args", NULL);
    const char *output = moot__json_get_text(body, "output", NULL);
    const struct moot_json *end = moot__json_get(body, "result");
    const char *result = moot__json_get_text(end, "text", moot__json_get_text(end, "json", NULL));
    struct moot_json *parsed = NULL;
    if (m->kind == MOOT_MSG && moot__json_get(body, "parts") != NULL) {
        moot__fact_parts(body, out);
        const char *finish = moot__json_get_text(body, "finish", NULL);
        if (finish != NULL)
            moot__buf_addf(out, "\nfinish: %s", finish);
    } else if (m->kind == MOOT_TOOL_CALL && args != NULL) {
        moot__buf_addf(out, "%s\n", moot__json_get_text(body, "tool", "?"));
        const struct moot_json *p = moot__json_parse(args, strlen(args), &parsed, NULL) == MOOT_OK
                                        ? moot__json_first(parsed)
                                        : NULL;
        for (; p != NULL; p = moot__json_next(p)) {
            char *made = moot__json_text(p) == NULL ? moot__json_string(p) : NULL;
            moot__buf_addf(out, "%s: %s\n", moot__json_key(p),
                           made != NULL ? made : moot__json_text(p));
            free(made);
        }
        moot__json_free(parsed);
    } else if (m->kind == MOOT_END && result != NULL) {
        moot__buf_adds(out, result);
    } else if (m->kind == MOOT_TOOL_RESULT && output != NULL) {
        moot__buf_adds(out, output);
    } else {
        moot__json_write_pretty(body, out);
    }
}

static const char *verb_of(enum moot_kind kind)
{
    return kind == MOOT_MSG           ? "says"
           : kind == MOOT_TOOL_CALL   ? "calls"
           : kind == MOOT_TOOL_RESULT ? "gets"
           : kind == MOOT_TURN        ? "gives the floor"
           : kind == MOOT_VERDICT     ? "judges"
           : kind == MOOT_END         ? "ends it with"
                                      : moot_kind_text(kind);
}

/* Whose deed it is: an outcome that the host brings is the agent's that gets it. */
static const char *author_of(const struct moot_message *m)
{
    bool brought = m->kind == MOOT_TOOL_RESULT && m->to_count == 1;
    return brought ? m->to[0] : m->from;
}

static void fill_side(struct side *s, const char *name, const struct moot_message *m,
                      const char *stop, size_t width)
{
    struct moot_buf text, safe;
    struct moot_wrap w;
    moot__buf_init(&text, TEXT_MAX);
    moot__buf_init(&safe, TEXT_MAX);
    moot__wrap_init(&w, "", width, 0, add_line, s);
    moot__buf_addf(&text, "%s\n", name);
    if (m == NULL)
        moot__buf_addf(&text, "(nothing more: %s)\n", stop != NULL ? stop : "not ended");
    else if (m->task != NULL)
        moot__buf_addf(&text, "%s · %s %s\n\n", m->task, author_of(m), verb_of(m->kind));
    else
        moot__buf_addf(&text, "%s %s\n\n", author_of(m), verb_of(m->kind));
    if (m != NULL)
        add_deed(m, &text);
    moot__safe_add(&safe, moot__buf_text(&text), text.len);
    moot__wrap_text(&w, moot__buf_text(&safe), safe.len);
    moot__wrap_end(&w);
    moot__wrap_release(&w);
    moot__buf_release(&text);
    moot__buf_release(&safe);
}

static void print_sides(const struct moot_cli *cli, const struct side *a, const struct side *b,
                        size_t width)
{
    size_t most = a->count > b->count ? a->count : b->count;
    struct moot_buf out;
    moot__buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < most; i++) {
        size_t start = out.len;
        if (i < a->count)
            moot__add_ink(&out, cli->out_term.colours, i == 0 ? MOOT_INK_BOLD : MOOT_INK_NONE,
                          a->lines[i]);
        if (i < b->count && b->lines[i][0] != '\0') {
            moot__add_pad(&out, start, width, 0);
            moot__buf_adds(&out, " │ ");
            moot__add_ink(&out, cli->out_term.colours, i == 0 ? MOOT_INK_BOLD : MOOT_INK_NONE,
                          b->lines[i]);
        } else {
            moot__add_pad(&out, start, width, 0);
            moot__buf_adds(&out, " │");
        }
        moot__buf_addc(&out, '\n');
    }
    fputs(moot__buf_text(&out), cli->out);
    moot__buf_release(&out);
}

/* ---- finding ---- */

/* The trial that VARIANT/REPEAT names. */
static int find_trial(struct moot_experiment *e, const char *name, struct moot_trial **out,
                      struct moot_error *err)
{
    const char *slash = strrchr(name, '/');
    int64_t repeat = 1;
    size_t len = slash != NULL ? (size_t)(slash - name) : strlen(name);
    bool good = slash == NULL || moot__int_parse(slash + 1, &repeat);
    for (size_t i = 0; good && i < e->file.variant_count; i++) {
        const char *variant = e->file.variants[i].name;
        if (strlen(variant) != len || strncmp(variant, name, len) != 0)
            continue;
        if (repeat < 1 || repeat > e->repeats)
            break;
        *out = moot__experiment_trial(e, i, (int)repeat);
        return MOOT_OK;
    }
    moot__fail(err, MOOT_ENOTFOUND, "'%s' is no run of %s", name, e->id);
    moot__fail_hint(err, "its runs are %s/1 to %s/%d, and so on for each variant",
                    e->file.variants[0].name, e->file.variants[0].name, e->repeats);
    return MOOT_ENOTFOUND;
}

static int read_run(struct moot_experiment *e, const char *name, struct moot_deeds *out,
                    struct moot_error *err)
{
    struct moot_trial *t = NULL;
    int status = find_trial(e, name, &t, err);
    char *journal = status == MOOT_OK ? moot__experiment_path(e, t, ".db") : NULL;
    if (status == MOOT_OK && journal == NULL)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK && access(journal, F_OK) != 0)
        status = moot__fail(err, MOOT_ENOTFOUND, "%s was not run yet", name);
    if (status == MOOT_OK)
        status = moot__deeds_read(journal, out, err);
    free(journal);
    return status;
}

int moot__experiment_diff(struct moot_experiment *e, const char *a, const char *b, size_t width,
                          struct moot_error *err)
{
    struct moot_deeds of_a = {0}, of_b = {0};
    struct side left = {0}, right = {0};
    const struct moot_message *in_a = NULL, *in_b = NULL;
    size_t same = 0;
    int status = read_run(e, a, &of_a, err);
    if (status == MOOT_OK)
        status = read_run(e, b, &of_b, err);
    size_t column = ((width > WIDTH_LEAST ? width : WIDTH_LEAST) - GAP) / 2;
    if (status == MOOT_OK && !moot__deeds_part(&of_a, &of_b, &in_a, &in_b, &same)) {
        fprintf(e->cli->out, "%s and %s are the same: %zu things said and done\n", a, b, same);
    } else if (status == MOOT_OK) {
        fprintf(e->cli->out, "the same at first: %zu thing%s said and done; then\n\n", same,
                same == 1 ? "" : "s");
        fill_side(&left, a, in_a, of_a.stop, column);
        fill_side(&right, b, in_b, of_b.stop, column);
        print_sides(e->cli, &left, &right, column);
        if (left.lost || right.lost)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    side_release(&left);
    side_release(&right);
    moot__deeds_release(&of_a);
    moot__deeds_release(&of_b);
    return status;
}
