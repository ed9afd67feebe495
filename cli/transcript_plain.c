/* A line for each turn, for pipes, files and terminals that cannot move their cursor:
 * time item task speaker: text */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"

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
    if (text.len > 0 && !judge) {
        begin_plain(t, &line, m, m->re_from);
        moot__safe_add_line(&line, moot__buf_text(&text), text.len);
        end_plain(t, &line);
    }
    if (strcmp(status, "ok") != 0) {
        const char *detail = moot__json_get_text(m->body, "detail", "");
        begin_plain(t, &line, m, m->re_from);
        moot__buf_addf(&line, "no reply (%s) ", status);
        moot__safe_add_line(&line, detail, strlen(detail));
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
    const struct moot_json *who = moot__tr_crew(t, "agents", m->from);
    bool judge = strcmp(moot__json_get_text(who, "kind", ""), "judge") == 0;
    begin_plain(t, &line, m, judge ? m->from : "checks");
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
    case MOOT_QUESTION:
        plain_words(t, m, "? ");
        break;
    case MOOT_ANSWER:
    case MOOT_APPROVAL:
    case MOOT_MSG:
    case MOOT_ERROR:
        plain_words(t, m, "");
        break;
    case MOOT_END:
        plain_item(t, m);
        break;
    default:
        break;
    }
}
