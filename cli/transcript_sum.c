/* The closing lines. */
#include "cli/safe.h"
#include "cli/transcript_state.h"

#include <inttypes.h>

/* What is made of an item that is done: "sent" where the crew's last task sends, else "done". */
static const char *done_word(const struct moot_transcript *t)
{
    const struct moot_json *last = NULL;
    const struct moot_json *task = moot__json_first(moot__json_get(t->crew, "tasks"));
    for (; task != NULL; task = moot__json_next(task))
        last = task;
    bool sends = strcmp(moot__json_get_text(last, "tool", ""), "send_email") == 0;
    return sends && t->dry_run                 ? "written, not sent"
           : sends && !t->only && !t->replayed ? "sent"
                                               : "done";
}

struct counts {
    int64_t at[TR_WAITING + 1];
    int64_t mended, mended_more; /* rejected once, more often, and then passed */
};

static void count(const struct moot_transcript *t, struct counts *c)
{
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < t->item_count; i++) {
        const struct tr_item *item = &t->items[i];
        enum tr_at at = !item->over && item->waits > 0 ? TR_WAITING : item->at;
        c->at[at]++;
        if (at == TR_DONE && item->rejections > 0) {
            c->mended++;
            c->mended_more += item->rejections > 1;
        }
    }
}

static void add_part(struct moot_buf *out, size_t start, int64_t n, const char *word)
{
    if (n == 0)
        return;
    if (out->len > start)
        moot__buf_adds(out, ", ");
    moot__buf_addf(out, "%" PRId64 " %s", n, word);
}

static void add_outcomes(struct moot_transcript *t, const struct counts *c, struct moot_buf *out)
{
    int64_t items =
        t->options.items > (int64_t)t->item_count ? t->options.items : (int64_t)t->item_count;
    moot__add_number_of(out, items, t->item_word != NULL ? t->item_word : "item");
    moot__buf_adds(out, ": ");
    size_t start = out->len;
    add_part(out, start, c->at[TR_DONE], done_word(t));
    add_part(out, start, c->at[TR_SKIPPED], "skipped");
    add_part(out, start, c->at[TR_REJECTED], "rejected");
    add_part(out, start, c->at[TR_FAILED], "failed");
    add_part(out, start, c->at[TR_WAITING],
             c->at[TR_WAITING] == 1 ? "waits for you" : "wait for you");
    add_part(out, start, c->at[TR_WORKING] + (items - (int64_t)t->item_count), "not finished");
    add_part(out, start, c->mended,
             c->mended_more > 0 ? "rejected at first and mended" : "rejected once and mended");
}

static void add_single(const struct moot_transcript *t, const struct counts *c,
                       struct moot_buf *out)
{
    static const char *const words[] = {
        [TR_WORKING] = "not finished", [TR_DONE] = "done",       [TR_REJECTED] = "rejected",
        [TR_FAILED] = "failed",        [TR_SKIPPED] = "skipped", [TR_WAITING] = "waits for you",
    };
    enum tr_at at = TR_WORKING;
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        at = c->at[i] > 0 ? (enum tr_at)i : at;
    if (t->chat_turns >= 0 && at != TR_WAITING) {
        moot__tr_chat_outcome(t->chat_turns, t->chat_stop, out);
        return;
    }
    moot__buf_adds(out, at == TR_DONE ? done_word(t) : words[at]);
    if (c->mended > 0)
        moot__buf_adds(out, c->mended_more > 0 ? ", rejected at first and mended"
                                               : ", rejected once and mended");
}

/* Of a run that has just ended no id is needed: it is the last one. */
static void add_ways_on(struct moot_transcript *t, struct moot_buf *out)
{
    char run[12] = "";
    if (!t->options.live) {
        run[0] = ' ';
        moot__run_short(t->run, run + 1);
        run[5] = '\0';
    }
    moot__buf_addf(out, "  results   moot result%s      transcript   moot show%s      proof   ",
                   run, run);
    moot__buf_addf(out, "moot verify%s\n", run);
}

static void add_left_undone(struct moot_transcript *t, struct moot_buf *out)
{
    for (size_t i = 0; i < t->item_count; i++) {
        const struct tr_item *item = &t->items[i];
        bool said = t->chat_turns >= 0; /* why, where it ended */
        if (said || (item->at != TR_REJECTED && item->at != TR_FAILED))
            continue;
        struct moot_buf line;
        moot__buf_init(&line, TALK_LINE_MAX);
        if (!t->single) {
            moot__safe_add_line(&line, item->name, strlen(item->name));
            moot__buf_adds(&line, "   ");
        }
        const char *why = item->why != NULL       ? item->why
                          : item->at == TR_FAILED ? "failed"
                                                  : "rejected";
        moot__safe_add_line(&line, why, strlen(why));
        moot__buf_adds(out, "  ");
        moot__add_cut(out, moot__buf_text(&line), moot__tr_width(t) - 2);
        moot__buf_addc(out, '\n');
        if (item->at == TR_FAILED && item->hint != NULL) {
            moot__buf_adds(out, "  ");
            moot__safe_add_line(out, item->hint, strlen(item->hint));
            moot__buf_addc(out, '\n');
        }
        moot__buf_release(&line);
    }
}

void moot__transcript_summary(struct moot_transcript *t, int exit_code)
{
    struct moot_buf out, usage;
    struct counts c;
    count(t, &c);
    moot__screen_end(t->screen);
    moot__buf_init(&out, TALK_MAX);
    moot__buf_init(&usage, TALK_LINE_MAX);
    if (t->drafts > 0) {
        moot__add_number_of(&usage, t->drafts, "draft");
        moot__buf_adds(&usage, " · ");
    }
    moot__foot_usage(t, &usage);
    if (exit_code != 0)
        moot__buf_addf(&usage, "   exit %d", exit_code);
    if (t->last_line)
        moot__buf_addc(&out, '\n');
    size_t start = out.len;
    if (t->single)
        add_single(t, &c, &out);
    else
        add_outcomes(t, &c, &out);
    size_t width = moot__tr_width(t);
    size_t columns = moot__columns(moot__buf_text(&usage), usage.len);
    size_t used = moot__columns(moot__buf_text(&out) + start, out.len - start);
    if (used + 3 + columns <= width)
        moot__add_pad(&out, start, width - columns, 3);
    else
        moot__buf_adds(&out, "\n  ");
    moot__buf_addf(&out, "%s\n", moot__buf_text(&usage));
    add_left_undone(t, &out);
    add_ways_on(t, &out);
    moot__tr_lines(t, moot__buf_text(&out), out.len);
    moot__screen_flush(t->screen, t->screen->painted_at);
    moot__buf_release(&out);
    moot__buf_release(&usage);
}
