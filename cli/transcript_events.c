/* What is no turn: verdicts, tools that nobody's model called, what a person is asked, notes. */
#include "cli/inbox.h"
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"

#include <inttypes.h>

static void show(struct moot_transcript *t, struct moot_buf *line)
{
    moot__tr_lines(t, moot__buf_text(line), line->len);
    t->last_line = true;
    moot__buf_release(line);
}

/* "  item · task · who" in the inks of its parts. */
static void begin_line(struct moot_transcript *t, struct moot_buf *line,
                       const struct moot_message *m, const char *who)
{
    moot__buf_init(line, TALK_LINE_MAX);
    moot__buf_adds(line, "  ");
    size_t before = line->len;
    moot__tr_place(t, line, m->item, m->task);
    if (who == NULL)
        return;
    if (line->len > before)
        moot__buf_adds(line, " · ");
    struct moot_buf name;
    moot__buf_init(&name, TALK_LINE_MAX);
    moot__safe_add_line(&name, who, strlen(who));
    moot__add_ink(line, moot__tr_colours(t), moot__tr_speaker(t, who), moot__buf_text(&name));
    moot__buf_release(&name);
}

/* A verdict by no judge is that of the checks in code, but for a manager's. */
const char *moot__tr_verdict_author(const struct moot_transcript *t, const struct moot_message *m)
{
    const struct moot_json *def = moot__tr_crew(t, "agents", m->from);
    bool judge = strcmp(moot__json_get_text(def, "kind", ""), "judge") == 0;
    return judge || moot__json_get(m->body, "work_item") != NULL ? m->from : "checks";
}

static void emit_line(void *arg, const char *line, size_t len)
{
    struct moot_buf *out = arg;
    moot__buf_add(out, line, len);
    moot__buf_addc(out, '\n');
}

static void add_problems(struct moot_transcript *t, struct moot_buf *out,
                         const struct moot_json *body)
{
    struct moot_buf text;
    moot__buf_init(&text, TALK_LINE_MAX);
    for (size_t i = 0; moot__fact_problem(body, i, &text); i++) {
        struct moot_wrap wrap;
        char number[24];
        snprintf(number, sizeof(number), "%zu. ", i + 1);
        moot__wrap_init(&wrap, "    ", moot__tr_width(t), 0, emit_line, out);
        moot__wrap_text(&wrap, number, strlen(number));
        moot__wrap_text(&wrap, moot__buf_text(&text), text.len);
        moot__wrap_end(&wrap);
        moot__wrap_release(&wrap);
        moot__buf_clear(&text);
    }
    moot__buf_release(&text);
}

/* "↩ back to summary, attempt 2 of 3", or that there is no more. */
static void add_way_back(struct moot_transcript *t, struct moot_buf *out,
                         const struct moot_message *m)
{
    const struct moot_json *def = moot__tr_crew(t, "tasks", m->task);
    struct tr_task *task = moot__tr_task(moot__tr_item(t, m->conv), m->task);
    if (def == NULL || task == NULL)
        return;
    int64_t most = moot__fact_attempts(def);
    if (task->attempts < most) {
        moot__buf_adds(out, "    ↩ back to ");
        const char *back = moot__fact_back_to(def);
        moot__safe_add_line(out, back, strlen(back));
        moot__buf_addf(out, ", attempt %" PRId64 " of %" PRId64 "\n", task->attempts + 1, most);
    } else {
        moot__buf_addf(out, "    that was the last of %" PRId64 " attempt%s\n", most,
                       most == 1 ? "" : "s");
    }
}

void moot__event_verdict(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    bool passed = moot__json_get_bool(m->body, "passed", false);
    if (!passed)
        moot__tr_gap(t);
    begin_line(t, &line, m, moot__tr_verdict_author(t, m));
    moot__buf_adds(&line, ": ");
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), passed ? MOOT_INK_GOOD : MOOT_INK_BAD));
    moot__fact_verdict(m->body, &line);
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), MOOT_INK_NONE));
    moot__buf_addc(&line, '\n');
    if (!passed) {
        add_problems(t, &line, m->body);
        add_way_back(t, &line, m);
        moot__buf_addc(&line, '\n');
    }
    show(t, &line);
    t->last_line = passed;
}

void moot__event_decision(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line, text;
    bool agreed = moot__fact_agreed(m->body);
    moot__tr_gap(t);
    begin_line(t, &line, m, NULL);
    moot__buf_adds(&line, ": ");
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), agreed ? MOOT_INK_GOOD : MOOT_INK_BAD));
    moot__fact_decision(m->body, &line);
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), MOOT_INK_NONE));
    moot__buf_addc(&line, '\n');
    moot__buf_init(&text, TALK_LINE_MAX);
    for (size_t i = 0; moot__fact_dissent(m->body, i, &text); i++) {
        struct moot_wrap wrap;
        moot__wrap_init(&wrap, "    ", moot__tr_width(t), 0, emit_line, &line);
        moot__wrap_text(&wrap, moot__buf_text(&text), text.len);
        moot__wrap_end(&wrap);
        moot__wrap_release(&wrap);
        moot__buf_clear(&text);
    }
    moot__buf_release(&text);
    moot__buf_addc(&line, '\n');
    show(t, &line);
    t->last_line = false;
}

/* One line, cut to the width: all of it stands in the journal. */
void moot__event_work(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line, fact;
    moot__buf_init(&fact, TALK_MAX);
    if (moot__fact_work(m, &fact)) {
        begin_line(t, &line, m, m->from);
        moot__buf_addc(&line, ' ');
        size_t used = moot__columns(moot__buf_text(&line), line.len);
        size_t width = moot__tr_width(t);
        moot__add_cut(&line, moot__buf_text(&fact), width > used + 10 ? width - used : 10);
        moot__buf_addc(&line, '\n');
        show(t, &line);
    }
    moot__buf_release(&fact);
}

void moot__event_would(const struct moot_transcript *t, const struct moot_message *call,
                       struct moot_buf *out)
{
    struct moot_waiting w = {.m = (struct moot_message *)call}; /* NOLINT(cast-qual): read only */
    moot__buf_adds(out, "  ");
    moot__waiting_show(&w, moot__tr_colours(t), moot__tr_width(t), NULL, out);
}

/* Tool calls of the runner: one line when the result is there. The call's text is kept in the task,
 * as a block would keep it. */
void moot__event_tool(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_item *item = moot__tr_item(t, m->conv);
    struct tr_task *task = moot__tr_task(item, m->task);
    size_t width = moot__tr_width(t);
    if (task == NULL)
        return;
    if (m->kind == MOOT_TOOL_CALL) {
        moot__message_unref(task->call);
        /* Held, not changed. */
        task->call = moot__message_ref((struct moot_message *)m); /* NOLINT(cast-qual) */
        return;
    }
    struct moot_buf line, outcome;
    moot__buf_init(&outcome, TALK_LINE_MAX);
    moot__fact_outcome(m->body, width / 3, &outcome);
    begin_line(t, &line, m, NULL);
    moot__buf_adds(&line, "   ⚙ ");
    size_t columns = moot__columns(moot__buf_text(&outcome), outcome.len);
    size_t used = moot__columns(moot__buf_text(&line), line.len) + columns + 2;
    if (task->call != NULL)
        moot__fact_call(task->call->body, width > used ? width - used : 10, &line);
    moot__add_pad(&line, 0, width > columns ? width - columns : 0, 2);
    bool ok = strcmp(moot__json_get_text(m->body, "status", "ok"), "ok") == 0;
    moot__add_ink(&line, moot__tr_colours(t), ok ? MOOT_INK_GOOD : MOOT_INK_BAD,
                  moot__buf_text(&outcome));
    moot__buf_addc(&line, '\n');
    moot__buf_release(&outcome);
    if (task->call != NULL && moot__json_get_bool(m->body, "dry_run", false))
        moot__event_would(t, task->call, &line);
    show(t, &line);
}

void moot__event_item(struct moot_transcript *t, const struct tr_item *item)
{
    static const char *const words[] = {
        [TR_WORKING] = "is still worked on",
        [TR_DONE] = "done",
        [TR_REJECTED] = "rejected",
        [TR_FAILED] = "failed",
        [TR_SKIPPED] = "skipped",
        [TR_WAITING] = "waits for you",
    };
    if (item->at == TR_DONE)
        return;
    struct moot_buf line;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_adds(&line, "  ");
    if (!t->single) {
        moot__safe_add_line(&line, item->name, strlen(item->name));
        moot__buf_adds(&line, "   ");
    }
    bool bad = item->at == TR_REJECTED || item->at == TR_FAILED;
    moot__add_ink(&line, moot__tr_colours(t), bad ? MOOT_INK_BAD : MOOT_INK_DIM, words[item->at]);
    if (item->why != NULL) {
        moot__buf_adds(&line, "   ");
        moot__safe_add_line(&line, item->why, strlen(item->why));
    }
    moot__buf_addc(&line, '\n');
    show(t, &line);
}

void moot__event_person(struct moot_transcript *t, const struct moot_message *m)
{
    bool asks = m->kind == MOOT_QUESTION || m->kind == MOOT_APPROVAL_REQUEST;
    if (asks && t->options.has_person)
        return;
    struct moot_buf line;
    begin_line(t, &line, m, asks ? NULL : m->from);
    moot__buf_adds(&line, asks ? "   " : ": ");
    if (asks)
        moot__add_ink(&line, moot__tr_colours(t), MOOT_INK_ASK, "? ");
    if (m->kind == MOOT_APPROVAL_REQUEST) {
        moot__fact_call(m->body, moot__tr_width(t), &line);
    } else if (m->kind == MOOT_APPROVAL) {
        const char *decision = moot__json_get_text(m->body, "decision", "");
        const char *reason = moot__json_get_text(m->body, "reason", "");
        moot__safe_add_line(&line, decision, strlen(decision));
        if (reason[0] != '\0')
            moot__buf_adds(&line, ": ");
        moot__safe_add_line(&line, reason, strlen(reason));
    } else {
        struct moot_buf text;
        moot__buf_init(&text, TALK_MAX);
        moot__fact_parts(m->body, &text);
        moot__buf_adds(&text, moot__json_get_text(m->body, "text", ""));
        if (text.len == 0)
            moot__buf_adds(&text, moot__json_get_text(m->body, "decision", ""));
        moot__safe_add_line(&line, moot__buf_text(&text), text.len);
        moot__buf_release(&text);
    }
    moot__buf_addc(&line, '\n');
    show(t, &line);
}

/* A failed try of a call (it is tried again), or what else there is to say. */
void moot__event_note(struct moot_transcript *t, const struct moot_message *m, const char *text)
{
    struct moot_buf line, words;
    moot__buf_init(&words, TALK_LINE_MAX);
    if (m != NULL) {
        const char *detail =
            moot__json_get_text(m->body, "detail", moot__json_get_text(m->body, "error", "failed"));
        int64_t delay = moot__json_get_int(m->body, "delay", -1);
        moot__safe_add_line(&words, detail, strlen(detail));
        if (delay >= 0) {
            moot__buf_adds(&words, "; again in ");
            moot__add_seconds(&words, delay);
        }
        begin_line(t, &line, m, m->re_from);
        moot__buf_adds(&line, ": ");
    } else {
        moot__safe_add_line(&words, text, strlen(text));
        moot__buf_init(&line, TALK_LINE_MAX);
        moot__buf_adds(&line, "  ");
    }
    moot__add_ink(&line, moot__tr_colours(t), MOOT_INK_DIM, moot__buf_text(&words));
    moot__buf_addc(&line, '\n');
    moot__buf_release(&words);
    show(t, &line);
}

void moot__event_redaction(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    const struct moot_json *one = moot__json_first(moot__json_get(m->body, "messages"));
    const char *why = moot__json_get_text(m->body, "why", "");
    const char *kid = m->kid != NULL ? m->kid : "";
    moot__tr_gap(t);
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_adds(&line, "owner kid:");
    moot__safe_add_line(&line, kid, strlen(kid));
    moot__buf_adds(&line, " removed the text of");
    for (const char *comma = " "; one != NULL; one = moot__json_next(one), comma = ", ")
        moot__buf_addf(&line, "%s%" PRId64, comma, moot__json_get_int(one, "seq", -1));
    if (why[0] != '\0')
        moot__buf_adds(&line, ": ");
    moot__safe_add_line(&line, why, strlen(why));
    moot__buf_addc(&line, '\n');
    moot__tr_lines(t, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
}
