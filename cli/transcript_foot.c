/* The bottom lines: where the items that are being worked on have got to, and one bar for all. */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/price.h"
#include "runtime/utf8.h"

#include <inttypes.h>

enum { BAR_CELLS_MAX = 10, FOOT_CELL_MIN = 34, FOOT_GAP = 4 };

static int64_t items_all(const struct moot_transcript *t)
{
    int64_t known = (int64_t)t->item_count;
    return t->options.items > known ? t->options.items : known;
}

static const char *mark_of(const struct tr_item *item, const struct tr_task *task)
{
    static const char *const marks[] = {
        [TR_WORKING] = " …", [TR_DONE] = "",      [TR_REJECTED] = " ✗",
        [TR_FAILED] = " ✗",  [TR_SKIPPED] = " -", [TR_WAITING] = " ?",
    };
    return item->waits > 0 && task->at == TR_WORKING ? " ?" : marks[task->at];
}

static size_t task_columns(const struct tr_item *item, const struct tr_task *task)
{
    const char *mark = mark_of(item, task);
    if (task->past)
        return 0;
    return 2 + moot__utf8_width(task->id, strlen(task->id)) + moot__utf8_width(mark, strlen(mark));
}

/* "turn 5 · coder …" of a conversation. */
static void add_floor(const struct tr_chat *chat, struct moot_buf *out)
{
    moot__buf_addf(out, "  turn %" PRId64, chat->turns);
    if (chat->floor != NULL) {
        moot__buf_adds(out, " · ");
        moot__safe_add_line(out, chat->floor, strlen(chat->floor));
        moot__buf_adds(out, " …");
    }
}

/* "odd-thursday  summary  concept …": the tasks begun, an ellipsis behind those in work. */
static void add_item(const struct moot_transcript *t, const struct tr_item *item, size_t columns,
                     struct moot_buf *out)
{
    int colours = moot__tr_colours(t);
    struct moot_buf name, tasks;
    moot__buf_init(&name, TALK_LINE_MAX);
    moot__buf_init(&tasks, TALK_LINE_MAX);
    moot__safe_add_line(&name, item->name, strlen(item->name));
    size_t begin = out->len;
    moot__buf_adds(out, moot__ink(colours, MOOT_INK_BOLD));
    moot__add_cut(out, moot__buf_text(&name), columns * 2 / 3);
    moot__buf_adds(out, moot__ink(colours, MOOT_INK_NONE));
    size_t used = moot__columns(moot__buf_text(out) + begin, out->len - begin);
    /* From the newest back, as many as fit. */
    size_t first = item->task_count;
    size_t room = columns > used ? columns - used : 0;
    while (first > 0 && task_columns(item, &item->tasks[first - 1]) <= room) {
        room -= task_columns(item, &item->tasks[first - 1]);
        first--;
    }
    for (size_t i = first; i < item->task_count; i++) {
        const struct tr_task *task = &item->tasks[i];
        if (task->past)
            continue;
        moot__buf_adds(&tasks, "  ");
        moot__safe_add_line(&tasks, task->id, strlen(task->id));
        moot__buf_adds(&tasks, mark_of(item, task));
    }
    const struct tr_chat *chat = moot__tr_chat(t, item->conv);
    if (chat != NULL)
        add_floor(chat, &tasks);
    moot__add_ink(out, colours, MOOT_INK_DIM, moot__buf_text(&tasks));
    moot__buf_release(&name);
    moot__buf_release(&tasks);
}

static void add_items(const struct moot_transcript *t, size_t width, struct moot_buf *out)
{
    size_t per_row = width / (FOOT_CELL_MIN + FOOT_GAP);
    per_row = per_row == 0 ? 1 : per_row > 3 ? 3 : per_row;
    size_t cell = width / per_row - (per_row > 1 ? FOOT_GAP : 0);
    size_t rows_max = (size_t)t->screen->term->rows / 4;
    rows_max = rows_max > MOOT_FOOT_LINES_MAX - 1 ? MOOT_FOOT_LINES_MAX - 1 : rows_max;
    size_t at = 0, row_start = out->len;
    for (size_t i = 0; i < t->item_count; i++) {
        const struct tr_item *item = &t->items[i];
        if (item->over || (item->task_count == 0 && moot__tr_chat(t, item->conv) == NULL))
            continue;
        if (at >= per_row * rows_max)
            break;
        if (at > 0 && at % per_row == 0) {
            moot__buf_addc(out, '\n');
            row_start = out->len;
        } else if (at > 0) {
            moot__add_pad(out, row_start, (at % per_row) * (cell + FOOT_GAP), 2);
        }
        add_item(t, item, cell, out);
        at++;
    }
    if (at > 0)
        moot__buf_addc(out, '\n');
}

static void add_bar(const struct moot_transcript *t, int64_t done, int64_t all,
                    struct moot_buf *out)
{
    int64_t cells = all < BAR_CELLS_MAX ? all : BAR_CELLS_MAX;
    int64_t full = all > 0 ? done * cells / all : 0;
    moot__buf_adds(out, moot__ink(moot__tr_colours(t), MOOT_INK_GOOD));
    for (int64_t i = 0; i < full; i++)
        moot__buf_adds(out, "▰");
    moot__buf_adds(out, moot__ink(moot__tr_colours(t), MOOT_INK_NONE));
    for (int64_t i = full; i < cells; i++)
        moot__buf_adds(out, "▱");
}

/* " · 14 calls · 21.3k tokens · $0.04 · 0:07". */
void moot__foot_usage(const struct moot_transcript *t, struct moot_buf *out)
{
    moot__add_number_of(out, t->calls, "call");
    if (t->recorded > 0 && t->recorded == t->calls)
        moot__buf_adds(out, ", recorded");
    else if (t->recorded > 0)
        moot__buf_addf(out, ", %" PRId64 " recorded", t->recorded);
    moot__buf_adds(out, " · ");
    moot__add_count(out, t->tokens);
    moot__buf_adds(out, t->tokens == 1 ? " token" : " tokens");
    if (t->cost > 0) {
        char cost[32];
        moot__money_format(t->cost, cost);
        moot__buf_addf(out, " · %s%s", t->cost_unknown ? "at least " : "", cost);
    }
    moot__buf_adds(out, " · ");
    moot__add_clock(out, t->run_ms);
}

void moot__foot_set(struct moot_transcript *t)
{
    struct moot_buf foot;
    int64_t all = items_all(t), over = 0, waits = 0;
    moot__buf_init(&foot, TALK_LINE_MAX);
    for (size_t i = 0; i < t->item_count; i++) {
        over += t->items[i].over;
        waits += t->items[i].waits > 0 || t->items[i].at == TR_WAITING;
    }
    if (all > 1 && !t->closed) {
        size_t width = (size_t)t->screen->term->columns - 1;
        if (t->last_line)
            moot__buf_addc(&foot, '\n');
        add_items(t, width, &foot);
        size_t start = foot.len;
        add_bar(t, over, all, &foot);
        struct moot_buf line;
        moot__buf_init(&line, TALK_LINE_MAX);
        moot__buf_addf(&line, " %" PRId64 "/%" PRId64 " done · ", over, all);
        if (waits > 0)
            moot__buf_addf(&line, "%" PRId64 " waiting for you · ", waits);
        moot__foot_usage(t, &line);
        size_t used = moot__columns(moot__buf_text(&foot) + start, foot.len - start);
        moot__add_cut(&foot, moot__buf_text(&line), width > used ? width - used : 0);
        moot__buf_addc(&foot, '\n');
        moot__buf_release(&line);
    }
    moot__screen_foot(t->screen, moot__buf_text(&foot), foot.len);
    moot__buf_release(&foot);
}
