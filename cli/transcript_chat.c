/* Conversations under a manager: who is in them, who has the floor and why, what came of them. */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"
#include "runtime/price.h"

#include <inttypes.h>

enum { MEMBERS_MAX = 1000 };

struct tr_chat *moot__tr_chat(const struct moot_transcript *t, const char *conv)
{
    for (size_t i = 0; i < t->chat_count; i++)
        if (strcmp(t->chats[i]->conv, conv) == 0)
            return t->chats[i];
    return NULL;
}

void moot__tr_chat_free(struct tr_chat *chat)
{
    for (size_t i = 0; i < chat->member_count; i++)
        free(chat->members[i]);
    free(chat->members);
    free(chat->seen);
    free(chat->conv);
    free(chat->manager);
    free(chat->floor);
    free(chat->why);
    free(chat);
}

/* NULL: out of memory. */
static struct tr_chat *chat_new(const struct moot_message *m, const struct moot_json *participants)
{
    struct tr_chat *chat = calloc(1, sizeof(*chat));
    const struct moot_json *one = moot__json_first(participants);
    const char *manager = moot__json_text(one);
    if (chat == NULL || manager == NULL) {
        free(chat);
        return NULL;
    }
    size_t count = moot__json_count(participants) - 1;
    chat->conv = moot__copy(m->conv, strlen(m->conv));
    chat->manager = moot__copy(manager, strlen(manager));
    chat->members = calloc(count, sizeof(*chat->members));
    chat->seen = calloc(count, sizeof(*chat->seen));
    bool whole =
        chat->conv != NULL && chat->manager != NULL && chat->members != NULL && chat->seen != NULL;
    while (whole && (one = moot__json_next(one)) != NULL) {
        const char *id = moot__json_text(one);
        char *copy = id != NULL ? moot__copy(id, strlen(id)) : NULL;
        whole = copy != NULL;
        if (whole)
            chat->members[chat->member_count++] = copy;
    }
    if (!whole) {
        moot__tr_chat_free(chat);
        return NULL;
    }
    return chat;
}

void moot__tr_chat_open(struct moot_transcript *t, const struct moot_message *m)
{
    const struct moot_json *participants = moot__json_get(m->body, "participants");
    size_t count = moot__json_count(participants);
    if (count < 2 || count > MEMBERS_MAX || moot__tr_chat(t, m->conv) != NULL)
        return;
    struct tr_chat **more = realloc(t->chats, (t->chat_count + 1) * sizeof(*more));
    if (more == NULL)
        return;
    t->chats = more;
    struct tr_chat *chat = chat_new(m, participants);
    if (chat != NULL)
        t->chats[t->chat_count++] = chat;
}

static void chat_set(char **field, const char *text)
{
    free(*field);
    *field = text != NULL ? moot__copy(text, strlen(text)) : NULL;
}

static void emit_line(void *arg, const char *line, size_t len)
{
    struct moot_buf *out = arg;
    moot__buf_add(out, line, len);
    moot__buf_addc(out, '\n');
}

/* A text set into lines behind a prefix. */
static void add_wrapped(const struct moot_transcript *t, struct moot_buf *out, const char *prefix,
                        int ink, const struct moot_buf *text)
{
    struct moot_wrap wrap;
    moot__wrap_init(&wrap, prefix, moot__tr_width(t), moot__tr_colours(t), emit_line, out);
    moot__wrap_ink(&wrap, ink);
    moot__wrap_text(&wrap, moot__buf_text(text), text->len);
    moot__wrap_end(&wrap);
    moot__wrap_release(&wrap);
}

void moot__tr_chat_turn(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_chat *chat = moot__tr_chat(t, m->conv);
    const char *nudge = moot__json_get_text(m->body, "nudge", NULL);
    if (chat == NULL)
        return;
    chat->turns++;
    chat_set(&chat->floor, m->to_count > 0 ? m->to[0] : NULL);
    chat_set(&chat->why, moot__json_get_text(m->body, "why", NULL));
    chat->nudged = chat->nudged || nudge != NULL;
    if (nudge == NULL || t->options.look != MOOT_LOOK_TALK)
        return;
    struct moot_buf line;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_adds(&line, "told ");
    if (chat->floor != NULL)
        moot__safe_add_line(&line, chat->floor, strlen(chat->floor));
    moot__buf_adds(&line, ": ");
    moot__safe_add_line(&line, nudge, strlen(nudge));
    struct moot_buf lines;
    moot__buf_init(&lines, TALK_MAX);
    add_wrapped(t, &lines, "  ", MOOT_INK_DIM, &line);
    moot__buf_addc(&lines, '\n');
    moot__tr_gap(t);
    moot__tr_lines(t, moot__buf_text(&lines), lines.len);
    t->last_line = false;
    moot__buf_release(&lines);
    moot__buf_release(&line);
}

void moot__tr_chat_count(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_chat *chat = moot__tr_chat(t, m->conv);
    int64_t cost = moot__fact_cost(m->body);
    if (chat == NULL)
        return;
    chat->tokens += moot__fact_tokens(m->body);
    chat->cost += cost > 0 ? cost : 0;
}

const char *moot__tr_chat_speaker(const struct moot_message *m)
{
    bool opening = moot__json_get_bool(m->body, "opening", false);
    return opening ? moot__json_get_text(m->body, "as", m->from) : m->from;
}

const char *moot__tr_chat_addressee(const struct tr_chat *chat, const struct moot_message *m)
{
    const char *who = moot__json_get_text(m->body, "for", NULL);
    const char *from = moot__tr_chat_speaker(m);
    if (who != NULL || chat->member_count != 2)
        return who;
    if (strcmp(from, chat->members[0]) == 0)
        return chat->members[1];
    return strcmp(from, chat->members[1]) == 0 ? chat->members[0] : NULL;
}

void moot__tr_chat_asks(struct tr_chat *chat, const struct moot_message *m)
{
    chat->asked_at = m->ts;
}

void moot__tr_chat_asked(struct moot_transcript *t, const struct tr_chat *chat,
                         const struct moot_message *m)
{
    struct moot_buf text, safe, line, took;
    int colours = moot__tr_colours(t);
    moot__buf_init(&text, TALK_MAX);
    moot__buf_init(&safe, TALK_MAX);
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_init(&took, TALK_LINE_MAX);
    const char *status = moot__json_get_text(m->body, "status", "ok");
    moot__fact_parts(m->body, &text);
    if (strcmp(status, "ok") != 0)
        moot__buf_addf(&text, "no reply (%s) %s", status,
                       moot__json_get_text(m->body, "detail", ""));
    moot__safe_add_line(&safe, chat->manager, strlen(chat->manager));
    moot__buf_adds(&safe, ": ");
    moot__safe_add_line(&safe, moot__buf_text(&text), text.len);
    moot__fact_add_tokens(&took, moot__fact_tokens(m->body));
    moot__buf_adds(&took, " · ");
    moot__add_seconds(&took, m->ts - chat->asked_at);
    size_t width = moot__tr_width(t);
    size_t columns = moot__columns(moot__buf_text(&took), took.len);
    moot__buf_addf(&line, "  %s", moot__ink(colours, MOOT_INK_DIM));
    moot__add_cut(&line, moot__buf_text(&safe), width > columns + 6 ? width - columns - 4 : 10);
    moot__add_pad(&line, 0, width > columns ? width - columns : 0, 2);
    moot__buf_addf(&line, "%s%s\n", moot__buf_text(&took), moot__ink(colours, MOOT_INK_NONE));
    moot__tr_lines(t, moot__buf_text(&line), line.len);
    t->last_line = true;
    moot__buf_release(&text);
    moot__buf_release(&safe);
    moot__buf_release(&line);
    moot__buf_release(&took);
}

void moot__tr_chat_why(const struct tr_chat *chat, const struct moot_json *end,
                       struct moot_buf *out)
{
    static const struct {
        const char *stop, *words;
    } stops[] = {{"terminated", "ended"},
                 {"limit", "limit"},
                 {"no_progress", "no progress"},
                 {"stopped", "stopped"},
                 {"failed", "failed"}};
    const char *stop = moot__json_get_text(end, "stop", "");
    const char *detail = moot__json_get_text(end, "detail", "");
    for (size_t i = 0; i < MOOT_COUNT(stops); i++)
        if (strcmp(stop, stops[i].stop) == 0)
            moot__buf_adds(out, stops[i].words);
    if (out->len == 0)
        return;
    if (detail[0] != '\0') {
        moot__buf_adds(out, ": ");
        moot__safe_add_line(out, detail, strlen(detail));
    }
    if (strcmp(stop, "no_progress") == 0)
        moot__buf_adds(out, chat->nudged ? " · nudged once, then stopped" : " · stopped");
}

void moot__tr_chat_outcome(int64_t turns, const char *stop, struct moot_buf *out)
{
    moot__add_number_of(out, turns, "turn");
    if (strcmp(stop, "terminated") == 0) /* as it was meant to */
        moot__buf_adds(out, " · terminated");
    else
        moot__buf_addf(out, " · finished: %s", strcmp(stop, "finished") == 0 ? "yes" : "no");
}

/* Of a single item the summary says the rest. */
void moot__tr_chat_end(struct moot_transcript *t, const struct moot_message *m)
{
    const struct tr_chat *chat = moot__tr_chat(t, m->conv);
    if (chat == NULL)
        return;
    struct moot_buf why, line;
    const char *stop = moot__json_get_text(m->body, "stop", "");
    bool own = strchr(m->conv, '/') == NULL;
    bool bad = strcmp(stop, "failed") == 0;
    moot__buf_init(&why, TALK_LINE_MAX);
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__tr_chat_why(chat, m->body, &why);
    if (!(t->single && own)) {
        moot__buf_adds(&line, "  ");
        moot__tr_place(t, &line, m->item, m->task);
        moot__buf_adds(&line, line.len > 2 ? "   " : "");
        moot__tr_chat_outcome(chat->turns, stop, &line);
        moot__buf_adds(&line, " · ");
        moot__fact_add_tokens(&line, chat->tokens);
        if (chat->cost > 0) {
            char cost[32];
            moot__money_format(chat->cost, cost);
            moot__buf_addf(&line, " · %s", cost);
        }
        moot__buf_addc(&line, '\n');
    }
    if (why.len > 0)
        add_wrapped(t, &line, line.len > 0 ? "    " : "", bad ? MOOT_INK_BAD : MOOT_INK_NONE, &why);
    moot__tr_lines(t, moot__buf_text(&line), line.len);
    t->last_line = t->last_line || line.len > 0;
    moot__buf_release(&why);
    moot__buf_release(&line);
}

void moot__tr_chat_drop(struct moot_transcript *t, const struct moot_message *m)
{
    for (size_t i = 0; i < t->chat_count; i++) {
        struct tr_chat *chat = t->chats[i];
        if (strcmp(chat->conv, m->conv) != 0)
            continue;
        if (t->single && strchr(m->conv, '/') == NULL) {
            t->chat_turns = chat->turns;
            snprintf(t->chat_stop, sizeof(t->chat_stop), "%s",
                     moot__json_get_text(m->body, "stop", ""));
        }
        moot__tr_chat_free(chat);
        t->chats[i] = t->chats[--t->chat_count];
        return;
    }
}
