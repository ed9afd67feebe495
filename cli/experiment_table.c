#include "cli/experiment_table.h"

#include "cli/paint.h"
#include "cli/safe.h"
#include "runtime/price.h"

#include <inttypes.h>
#include <math.h>

enum {
    STOPS_MAX = 16,
    CELL_MAX = 64,
    NAME_LEAST = 8,
    NAME_MOST = 16,
    CLOCK_FROM_MS = 60000,
    LINE_MAX_BYTES = 64 * 1024,
};

/* ---- cells ---- */

enum column { CLAIMED, TRUE_, TURNS, TOKENS, COST, TIME, TOOLS, COLUMNS };

static const char *const heads[COLUMNS] = {"claimed", "true", "turns", "tokens",
                                           "cost",    "time", "tools"};

struct table {
    const struct moot_summary *rows;
    size_t count;
    size_t name_width;
    size_t widths[COLUMNS];
    int colours;
    struct moot_buf *out;
};

static void add_plain(struct moot_buf *b, double value)
{
    if (value == floor(value))
        moot__add_count(b, (int64_t)value);
    else
        moot__buf_addf(b, "%.1f", value);
}

static void add_money(struct moot_buf *b, double value)
{
    char text[32];
    moot__money_format((int64_t)value, text);
    moot__buf_adds(b, text);
}

static void add_time(struct moot_buf *b, double value)
{
    if (value < CLOCK_FROM_MS)
        moot__buf_addf(b, "%.1f s", value / 1000);
    else
        moot__add_clock(b, (int64_t)value);
}

static void add_rate(struct moot_buf *b, struct moot_interval i)
{
    moot__buf_addf(b, "%.0f–%.0f%%", floor(i.low * 100), ceil(i.high * 100));
}

static const struct moot_measure *measure_of(const struct moot_summary *r, enum column c)
{
    return c == TURNS    ? &r->turns
           : c == TOKENS ? &r->tokens
           : c == COST   ? &r->cost
           : c == TIME   ? &r->ms
                         : &r->tools;
}

static void (*adder_of(enum column c))(struct moot_buf *, double)
{
    return c == COST ? add_money : c == TIME ? add_time : add_plain;
}

/* The number itself. */
static void add_value(const struct moot_summary *r, enum column c, struct moot_buf *b)
{
    moot__buf_clear(b);
    if (r->runs == 0)
        return;
    if (c == CLAIMED)
        moot__buf_addf(b, "%" PRId64 "/%" PRId64, r->claimed, r->runs);
    else if (c == TRUE_ && r->judged == 0)
        moot__buf_adds(b, "?");
    else if (c == TRUE_)
        moot__buf_addf(b, "%" PRId64 "/%" PRId64, r->succeeded, r->judged);
    else if (c == COST && r->cost_unknown)
        moot__buf_adds(b, "?");
    else
        adder_of(c)(b, measure_of(r, c)->median);
}

/* "9–13", with one unit for both where there is one; nothing where both read the same. */
static void add_range(enum column c, struct moot_interval i, struct moot_buf *b)
{
    struct moot_buf low, high;
    moot__buf_init(&low, CELL_MAX);
    moot__buf_init(&high, CELL_MAX);
    adder_of(c)(&low, i.low);
    adder_of(c)(&high, i.high);
    if (strcmp(moot__buf_text(&low), moot__buf_text(&high)) == 0)
        moot__buf_clear(b);
    else if (c == TIME && i.high < CLOCK_FROM_MS)
        moot__buf_addf(b, "%.1f–%s", i.low / 1000, moot__buf_text(&high));
    else
        moot__buf_addf(b, "%s–%s", moot__buf_text(&low), moot__buf_text(&high));
    moot__buf_release(&low);
    moot__buf_release(&high);
}

/* Between what it may lie. */
static void add_interval(const struct moot_summary *r, enum column c, struct moot_buf *b)
{
    moot__buf_clear(b);
    if (c == CLAIMED)
        add_rate(b, r->claim_rate);
    else if (c == TRUE_ && r->judged > 0)
        add_rate(b, r->success_rate);
    else if (c != TRUE_ && (c != COST || !r->cost_unknown))
        add_range(c, measure_of(r, c)->interval, b);
}

static bool is_telling(const struct moot_summary *r)
{
    return r->runs >= MOOT_REPEATS_TELLING;
}

static size_t columns_of(const struct moot_buf *b)
{
    return moot__columns(moot__buf_text(b), b->len);
}

static void find_widths(struct table *t)
{
    struct moot_buf cell;
    moot__buf_init(&cell, LINE_MAX_BYTES);
    t->name_width = NAME_LEAST;
    for (size_t i = 0; i < t->count; i++) {
        size_t n = moot__columns(t->rows[i].variant, strlen(t->rows[i].variant));
        n = n > NAME_MOST ? NAME_MOST : n;
        t->name_width = n > t->name_width ? n : t->name_width;
    }
    for (int c = 0; c < COLUMNS; c++) {
        t->widths[c] = strlen(heads[c]);
        for (size_t i = 0; i < t->count; i++) {
            add_value(&t->rows[i], (enum column)c, &cell);
            if (columns_of(&cell) > t->widths[c])
                t->widths[c] = columns_of(&cell);
            if (!is_telling(&t->rows[i]))
                continue;
            add_interval(&t->rows[i], (enum column)c, &cell);
            if (columns_of(&cell) > t->widths[c])
                t->widths[c] = columns_of(&cell);
        }
    }
    moot__buf_release(&cell);
}

/* ---- lines ---- */

static void add_right(struct table *t, const char *text, size_t width)
{
    size_t used = moot__columns(text, strlen(text));
    moot__buf_adds(t->out, "  ");
    for (; used < width; used++)
        moot__buf_addc(t->out, ' ');
    moot__buf_adds(t->out, text);
}

/* Ends a line without spaces at its end. */
static void end_line(struct table *t, size_t start)
{
    size_t len = t->out->len;
    while (len > start && t->out->data[len - 1] == ' ')
        len--;
    moot__buf_truncate(t->out, len);
    moot__buf_addc(t->out, '\n');
}

static void add_head(struct table *t)
{
    size_t start = t->out->len;
    moot__buf_adds(t->out, moot__ink(t->colours, MOOT_INK_DIM));
    moot__buf_adds(t->out, "variant");
    moot__add_pad(t->out, start, t->name_width, 0);
    for (int c = 0; c < COLUMNS; c++)
        add_right(t, heads[c], t->widths[c]);
    moot__buf_adds(t->out, moot__ink(t->colours, MOOT_INK_NONE));
    end_line(t, start);
}

static void add_values(struct table *t, const struct moot_summary *r)
{
    struct moot_buf cell, name;
    size_t start = t->out->len;
    moot__buf_init(&cell, LINE_MAX_BYTES);
    moot__buf_init(&name, LINE_MAX_BYTES);
    moot__add_cut(&name, r->variant, t->name_width);
    moot__add_ink(t->out, t->colours, MOOT_INK_BOLD, moot__buf_text(&name));
    moot__add_pad(t->out, start, t->name_width, 0);
    for (int c = 0; c < COLUMNS; c++) {
        add_value(r, (enum column)c, &cell);
        add_right(t, moot__buf_text(&cell), t->widths[c]);
    }
    end_line(t, start);
    moot__buf_release(&cell);
    moot__buf_release(&name);
}

static void add_intervals(struct table *t, const struct moot_summary *r)
{
    struct moot_buf cell;
    size_t start = t->out->len;
    moot__buf_init(&cell, LINE_MAX_BYTES);
    moot__buf_adds(t->out, moot__ink(t->colours, MOOT_INK_DIM));
    moot__add_pad(t->out, start, t->name_width, 0);
    for (int c = 0; c < COLUMNS; c++) {
        add_interval(r, (enum column)c, &cell);
        add_right(t, moot__buf_text(&cell), t->widths[c]);
    }
    end_line(t, start);
    moot__buf_adds(t->out, moot__ink(t->colours, MOOT_INK_NONE));
    moot__buf_release(&cell);
}

/* How often each reason to stop came, in the order of first coming. */
static void add_stops(const struct moot_summary *r, struct moot_buf *out)
{
    const char *stops[STOPS_MAX];
    int64_t times[STOPS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < r->trial_count; i++) {
        const struct moot_trial *t = &r->trials[i];
        size_t at = 0;
        if (!moot__trial_counts(t))
            continue;
        while (at < count && strcmp(stops[at], t->stop) != 0)
            at++;
        if (at == STOPS_MAX)
            continue;
        if (at == count) {
            stops[count] = t->stop;
            times[count++] = 0;
        }
        times[at]++;
    }
    for (size_t i = 0; i < count; i++)
        moot__buf_addf(out, "%s%s %" PRId64, i > 0 ? ", " : "", stops[i], times[i]);
}

/* The tools of all runs together. */
static void add_tools(const struct moot_summary *r, struct moot_buf *out)
{
    /* each run has its tools by name: the next name after `last` is looked for in all */
    const char *last = "";
    bool any = false;
    for (;;) {
        const char *name = NULL;
        int64_t calls = 0;
        for (size_t i = 0; i < r->trial_count; i++) {
            const struct moot_trial *t = &r->trials[i];
            for (size_t k = 0; moot__trial_counts(t) && k < t->tool_count; k++)
                if (strcmp(t->tools[k].name, last) > 0 &&
                    (name == NULL || strcmp(t->tools[k].name, name) < 0))
                    name = t->tools[k].name;
        }
        if (name == NULL)
            return;
        for (size_t i = 0; i < r->trial_count; i++)
            for (size_t k = 0; moot__trial_counts(&r->trials[i]) && k < r->trials[i].tool_count;
                 k++)
                if (strcmp(r->trials[i].tools[k].name, name) == 0)
                    calls += r->trials[i].tools[k].calls;
        moot__buf_adds(out, any ? ", " : " · ");
        moot__safe_add_line(out, name, strlen(name));
        moot__buf_addf(out, " %" PRId64, calls);
        any = true;
        last = name;
    }
}

static void add_note(struct table *t, const struct moot_summary *r, size_t width)
{
    struct moot_buf note;
    moot__buf_init(&note, LINE_MAX_BYTES);
    moot__buf_adds(t->out, "  ");
    if (r->runs == 0) {
        moot__add_ink(t->out, t->colours, MOOT_INK_DIM, "no run has ended yet");
        moot__buf_addc(t->out, '\n');
        return;
    }
    if (r->false_claims > 0) {
        moot__buf_addf(&note, "claimed, not true: %" PRId64, r->false_claims);
        moot__add_ink(t->out, t->colours, MOOT_INK_BAD, moot__buf_text(&note));
        moot__buf_adds(t->out, " · ");
    }
    size_t used = 2 + columns_of(&note) + (note.len > 0 ? 3 : 0);
    moot__buf_clear(&note);
    if (!is_telling(r))
        moot__buf_addf(&note, "anecdote: %" PRId64 " run%s · ", r->runs, r->runs == 1 ? "" : "s");
    moot__buf_adds(&note, "stopped: ");
    add_stops(r, &note);
    add_tools(r, &note);
    moot__add_cut(t->out, moot__buf_text(&note), width > used ? width - used : 1);
    moot__buf_addc(t->out, '\n');
    moot__buf_release(&note);
}

int moot__experiment_table(const struct moot_summary *rows, size_t count, size_t width, int colours,
                           struct moot_buf *out)
{
    struct table t = {.rows = rows, .count = count, .colours = colours, .out = out};
    find_widths(&t);
    add_head(&t);
    for (size_t i = 0; i < count; i++) {
        add_values(&t, &rows[i]);
        if (is_telling(&rows[i]))
            add_intervals(&t, &rows[i]);
        add_note(&t, &rows[i], width);
    }
    return out->status;
}
