/* A line for each turn, for pipes, files and terminals that cannot move their cursor:
 * time item task speaker: text */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"
#include "runtime/price.h"

#include <inttypes.h>
#include <time.h>

static void begin_plain(struct moot_transcript *t, struct moot_buf *line,
                        const struct moot_message *m, const char *who)
{
    time_t seconds = (time_t)(m->ts / 1000);
    struct tm parts;
    char clock[16] = "--:--:--";
    if (localtime_r(&seconds, &parts) != NULL)
        strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
    moot__buf_init(line, TALK_MAX);
    moot__buf_adds(line, clock);
    const char *const words[] = {t->single ? NULL : m->item, m->task, who};
    for (size_t i = 0; i < MOOT_COUNT(words); i++) {
        if (words[i] == NULL)
            continue;
        moot__buf_addc(line, ' ');
        moot__safe_add_line(line, words[i], strlen(words[i]));
    }
    moot__buf_adds(line, ": ");
}

static void end_plain(struct moot_transcript *t, struct moot_buf *line)
{
    moot__buf_addc(line, '\n');
    if (line->status == MOOT_OK)
        moot__tr_lines(t, moot__buf_text(line), line->len);
    moot__buf_release(line);
}

static void plain_reply(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line, text;
    moot__buf_init(&text, TALK_MAX);
    moot__fact_parts(m->body, &text);
    const char *status = moot__json_get_text(m->body, "status", "ok");
    /* A judge is heard by its verdict. */
    const struct moot_json *who =
        m->re_from != NULL ? moot__tr_crew(t, "agents", m->re_from) : NULL;
    bool judge = strcmp(moot__json_get_text(who, "kind", ""), "judge") == 0;
    /* What is said in a conversation is said by a msg. */
    const struct tr_chat *chat = moot__tr_chat(t, m->conv);
    bool member = chat != NULL && m->re_from != NULL && strcmp(m->re_from, chat->manager) != 0;
    if (text.len > 0 && !judge && !member) {
        begin_plain(t, &line, m, m->re_from);
        moot__safe_add_line(&line, moot__buf_text(&text), text.len);
        end_plain(t, &line);
    }
    bool cut_off = member && strcmp(status, "cancelled") == 0; /* its turn says so */
    if (strcmp(status, "ok") != 0 && !cut_off) {
        const char *detail = moot__json_get_text(m->body, "detail", "");
        begin_plain(t, &line, m, m->re_from);
        moot__buf_addf(&line, "no reply (%s) ", status);
        moot__safe_add_line(&line, detail, strlen(detail));
        const char *hint = moot__json_get_text(m->body, "hint", "");
        moot__buf_adds(&line, hint[0] != '\0' ? "; " : "");
        moot__safe_add_line(&line, hint, strlen(hint));
        end_plain(t, &line);
    }
    moot__buf_release(&text);
}

static void plain_verdict(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    const struct moot_json *def = moot__tr_crew(t, "tasks", m->task);
    struct tr_task *task = moot__tr_task(moot__tr_item(t, m->conv), m->task);
    bool passed = moot__json_get_bool(m->body, "passed", false);
    begin_plain(t, &line, m, moot__tr_verdict_author(t, m));
    moot__fact_verdict(m->body, &line);
    for (size_t i = 0; i < moot__json_count(moot__json_get(m->body, "problems")); i++) {
        moot__buf_addf(&line, "%s %zu. ", i == 0 ? ":" : ";", i + 1);
        moot__fact_problem(m->body, i, &line);
    }
    if (!passed && def != NULL && task != NULL && task->attempts < moot__fact_attempts(def))
        moot__buf_addf(&line, "; back to %s, attempt %" PRId64 " of %" PRId64,
                       moot__fact_back_to(def), task->attempts + 1, moot__fact_attempts(def));
    end_plain(t, &line);
}

static void plain_decision(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    begin_plain(t, &line, m, NULL);
    moot__fact_decision(m->body, &line);
    for (size_t i = 0; i < moot__json_count(moot__json_get(m->body, "dissent")); i++) {
        moot__buf_adds(&line, "; ");
        moot__fact_dissent(m->body, i, &line);
    }
    end_plain(t, &line);
}

static void plain_work(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line, fact;
    moot__buf_init(&fact, TALK_MAX);
    if (moot__fact_work(m, &fact)) {
        begin_plain(t, &line, m, m->from);
        moot__buf_adds(&line, moot__buf_text(&fact));
        end_plain(t, &line);
    }
    moot__buf_release(&fact);
}

/* What a turn was besides its words. */
static void add_turn(const struct moot_json *body, struct moot_buf *line)
{
    const char *by = moot__json_get_text(body, "by", "");
    const char *handoff = moot__json_get_text(body, "handoff", "");
    const char *finish = moot__json_get_text(body, "finish", NULL);
    const struct moot_json *failed = moot__json_get(body, "failed");
    const struct moot_json *usage = moot__json_get(body, "usage");
    if (handoff[0] != '\0') {
        moot__buf_adds(line, " → ");
        moot__safe_add_line(line, handoff, strlen(handoff));
    }
    if (finish != NULL) {
        moot__buf_adds(line, " finished: ");
        moot__safe_add_line(line, finish, strlen(finish));
    }
    if (failed != NULL && moot__fact_cut_off(failed)) {
        moot__buf_adds(line, " … (cut off)");
    } else if (failed != NULL) {
        const char *status = moot__json_get_text(failed, "status", "error");
        const char *detail = moot__json_get_text(failed, "detail", "");
        moot__buf_adds(line, "could not speak (");
        moot__safe_add_line(line, status, strlen(status));
        moot__buf_adds(line, ") ");
        moot__safe_add_line(line, detail, strlen(detail));
    }
    if (strcmp(by, "person") == 0 || strcmp(by, "auto") == 0)
        moot__buf_addf(line, " (%s)", by[0] == 'p' ? "a person" : "no model");
    int64_t cost = moot__fact_cost(usage);
    if (moot__json_get_int(usage, "tokens", 0) > 0) {
        char money[32];
        moot__buf_adds(line, " (");
        moot__fact_add_tokens(line, moot__json_get_int(usage, "tokens", 0));
        moot__money_format(cost > 0 ? cost : 0, money);
        moot__buf_addf(line, "%s%s)", cost > 0 ? " · " : "", cost > 0 ? money : "");
    }
}

/* One line a turn: "coder → user: text (612 tokens)". */
static void plain_said(struct moot_transcript *t, const struct tr_chat *chat,
                       const struct moot_message *m)
{
    struct moot_buf line, text, who;
    moot__buf_init(&text, TALK_MAX);
    moot__buf_init(&who, TALK_LINE_MAX);
    const char *to = moot__tr_chat_addressee(chat, m);
    moot__buf_addf(&who, "%s%s%s", moot__tr_chat_speaker(m), to != NULL ? " → " : "",
                   to != NULL ? to : "");
    moot__fact_parts(m->body, &text);
    begin_plain(t, &line, m, moot__buf_text(&who));
    moot__safe_add_line(&line, moot__buf_text(&text), text.len);
    add_turn(m->body, &line);
    end_plain(t, &line);
    moot__buf_release(&text);
    moot__buf_release(&who);
}

static void plain_turn(struct moot_transcript *t, const struct moot_message *m)
{
    const char *nudge = moot__json_get_text(m->body, "nudge", NULL);
    struct moot_buf line;
    if (nudge == NULL)
        return;
    begin_plain(t, &line, m, m->from);
    moot__buf_adds(&line, "told ");
    if (m->to_count > 0)
        moot__safe_add_line(&line, m->to[0], strlen(m->to[0]));
    moot__buf_adds(&line, ": ");
    moot__safe_add_line(&line, nudge, strlen(nudge));
    end_plain(t, &line);
}

static void plain_chat_end(struct moot_transcript *t, const struct tr_chat *chat,
                           const struct moot_message *m)
{
    struct moot_buf line, why;
    moot__buf_init(&why, TALK_LINE_MAX);
    moot__tr_chat_why(chat, m->body, &why);
    begin_plain(t, &line, m, chat->manager);
    moot__tr_chat_outcome(chat->turns, moot__json_get_text(m->body, "stop", ""), &line);
    moot__buf_addf(&line, "%s%s", why.len > 0 ? "; " : "", moot__buf_text(&why));
    end_plain(t, &line);
    moot__buf_release(&why);
}

static void plain_item(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    if (strchr(m->conv, '/') != NULL || m->conv[0] == '\0')
        return;
    begin_plain(t, &line, m, NULL);
    const char *outcome = moot__json_get_text(m->body, "outcome", "");
    const char *detail = moot__json_get_text(m->body, "detail", "");
    moot__safe_add_line(&line, outcome, strlen(outcome));
    if (detail[0] != '\0')
        moot__buf_adds(&line, ": ");
    moot__safe_add_line(&line, detail, strlen(detail));
    end_plain(t, &line);
}

static void plain_words(struct moot_transcript *t, const struct moot_message *m, const char *mark)
{
    struct moot_buf line, text;
    moot__buf_init(&text, TALK_MAX);
    moot__fact_parts(m->body, &text);
    static const char *const keys[] = {"text", "decision", "reason", "detail"};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const char *more = moot__json_get_text(m->body, keys[i], "");
        moot__buf_addf(&text, "%s%s", text.len > 0 && more[0] != '\0' ? ": " : "", more);
    }
    begin_plain(t, &line, m, m->from);
    moot__buf_adds(&line, mark);
    moot__safe_add_line(&line, moot__buf_text(&text), text.len);
    end_plain(t, &line);
    moot__buf_release(&text);
}

void moot__plain_message(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    const struct tr_chat *chat = moot__tr_chat(t, m->conv);
    if (m->kind == MOOT_MSG && m->conv[0] == '\0')
        return; /* the run's items */
    switch ((int)m->kind) {
    case MOOT_GENESIS:
        moot__talk_header(t, m);
        break;
    case MOOT_MODEL_REPLY:
        plain_reply(t, m);
        break;
    case MOOT_TOOL_CALL:
    case MOOT_APPROVAL_REQUEST:
        begin_plain(t, &line, m, m->from);
        moot__buf_adds(&line, m->kind == MOOT_TOOL_CALL ? "⚙ " : "? ");
        moot__fact_call(m->body, TALK_LINE_MAX, &line);
        if (t->dry_run) { /* whole: that is what it is for */
            const char *args = moot__json_get_text(m->body, "args", "");
            moot__buf_addc(&line, ' ');
            moot__safe_add_exact(&line, args, strlen(args));
        }
        end_plain(t, &line);
        break;
    case MOOT_TOOL_RESULT:
        begin_plain(t, &line, m, m->re_from);
        moot__buf_adds(&line, "⚙ = ");
        moot__fact_outcome(m->body, TALK_LINE_MAX, &line);
        end_plain(t, &line);
        break;
    case MOOT_VERDICT:
        plain_verdict(t, m);
        break;
    case MOOT_DECISION:
        plain_decision(t, m);
        break;
    case MOOT_DELEGATE:
    case MOOT_TRANSITION:
        plain_work(t, m);
        break;
    case MOOT_REDACTION:
        moot__event_redaction(t, m);
        break;
    case MOOT_QUESTION:
        plain_words(t, m, "? ");
        break;
    case MOOT_TURN:
        plain_turn(t, m);
        break;
    case MOOT_ANSWER:
    case MOOT_MSG:
        if (chat == NULL)
            plain_words(t, m, "");
        else if (m->kind == MOOT_MSG)
            plain_said(t, chat, m);
        break;
    case MOOT_APPROVAL:
    case MOOT_ERROR:
        plain_words(t, m, "");
        break;
    case MOOT_END:
        if (chat != NULL)
            plain_chat_end(t, chat, m);
        else
            plain_item(t, m);
        break;
    default:
        break;
    }
}
