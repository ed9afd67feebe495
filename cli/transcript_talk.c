/* Turns as blocks:
 *
 *   ┌ odd-thursday · concept                                             inventor
 *   │ what is said
 *   └ 612 tokens · 1.9 s · $0.003
 */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"
#include "runtime/price.h"
#include "runtime/utf8.h"

enum { HEADER_MODELS_MAX = 64, THINKING_LINES = 1 };

static char *copy_or_null(const char *text)
{
    return text != NULL ? moot__copy(text, strlen(text)) : NULL;
}

static void add_safe(struct moot_buf *out, const char *text)
{
    moot__safe_add_line(out, text, strlen(text));
}

/* "scripted", "openai/gpt-4.1-mini", "2 models"; nothing if there is none. */
static void add_models(const struct moot_transcript *t, struct moot_buf *out)
{
    const struct moot_json *one = moot__json_first(moot__json_get(t->crew, "models"));
    const char *first = NULL;
    size_t count = 0;
    for (; one != NULL; one = moot__json_next(one)) {
        const char *name = moot__json_text(one);
        name = name != NULL ? name : moot__json_get_text(one, "model", "");
        if (strncmp(name, "scripted", 8) == 0)
            name = "scripted";
        if (first == NULL || strcmp(first, name) != 0)
            count++;
        first = first != NULL ? first : name;
    }
    if (count == 1 && first != NULL) {
        moot__buf_adds(out, " · ");
        add_safe(out, first);
    } else if (count > 1) {
        moot__buf_addf(out, " · %zu models", count);
    }
}

/* " · coder ⇄ user". */
static void add_pair(const struct moot_transcript *t, struct moot_buf *out)
{
    const struct moot_json *agents = moot__json_get(t->crew, "agents");
    if (moot__json_count(agents) != 2)
        return;
    moot__buf_adds(out, " · ");
    add_safe(out, moot__json_get_text(moot__json_at(agents, 0), "id", ""));
    moot__buf_adds(out, " ⇄ ");
    add_safe(out, moot__json_get_text(moot__json_at(agents, 1), "id", ""));
}

void moot__talk_header(struct moot_transcript *t, const struct moot_message *m)
{
    struct moot_buf line;
    char run[10];
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__run_short(m->run, run);
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), MOOT_INK_BOLD));
    add_safe(&line, moot__json_get_text(t->crew, "crew", "crew"));
    moot__buf_adds(&line, moot__ink(moot__tr_colours(t), MOOT_INK_NONE));
    const char *process = moot__json_get_text(t->crew, "process", "sequential");
    moot__buf_adds(&line, " · ");
    add_safe(&line, process);
    if (strcmp(process, "pair") == 0)
        add_pair(t, &line);
    if (t->options.items > 1) {
        moot__buf_adds(&line, " · ");
        moot__add_number_of(&line, t->options.items, t->item_word != NULL ? t->item_word : "item");
    }
    add_models(t, &line);
    moot__buf_addf(&line, " · run %s\n\n", run);
    moot__tr_lines(t, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
}

static void block_lines(struct tr_block *b, const char *text, size_t len)
{
    if (b->streamed)
        moot__screen_lines(b->t->screen, text, len);
    else
        moot__buf_add(&b->held, text, len);
}

static void block_emit(void *arg, const char *line, size_t len)
{
    struct moot_buf out;
    moot__buf_init(&out, TALK_LINE_MAX);
    moot__buf_add(&out, line, len);
    moot__buf_addc(&out, '\n');
    block_lines(arg, moot__buf_text(&out), out.len);
    moot__buf_release(&out);
}

/* What stands on the growing line: what is being said, or what is waited for. */
static void block_tail(struct tr_block *b)
{
    if (!b->streamed)
        return;
    struct moot_buf tail;
    moot__buf_init(&tail, TALK_LINE_MAX);
    size_t most = (size_t)b->t->screen->term->rows / 2;
    if (moot__speech_tail(&b->speech, most > 0 ? most : 1, &tail)) {
        /* it is all there is to say */
    } else if (b->call_count > 0) {
        moot__buf_adds(&tail, b->prefix);
        moot__add_cut(&tail, b->calls[0].text, moot__tr_width(b->t) - 6);
        moot__buf_adds(&tail, " …");
    } else if (b->call_n != 0) {
        moot__buf_adds(&tail, b->prefix);
        moot__buf_adds(&tail, "…");
    }
    moot__screen_tail(b->t->screen, moot__buf_text(&tail), tail.len);
    moot__buf_release(&tail);
}

/* "user → coder", in the ink of who speaks. */
static void add_speaker(const struct tr_block *b, struct moot_buf *out)
{
    int colours = moot__tr_colours(b->t);
    moot__buf_adds(out, moot__ink(colours, moot__tr_speaker(b->t, b->agent)));
    add_safe(out, b->agent);
    moot__buf_adds(out, moot__ink(colours, MOOT_INK_NONE));
    if (b->to != NULL) {
        moot__buf_adds(out, " → ");
        add_safe(out, b->to);
    }
}

/* A task's head names its work and at the right who does it; a conversation's who speaks to whom
 * and at the right why. */
static void block_head(struct tr_block *b)
{
    struct moot_transcript *t = b->t;
    int colours = moot__tr_colours(t);
    struct moot_buf line, right, aside;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_init(&right, TALK_LINE_MAX);
    moot__buf_init(&aside, TALK_LINE_MAX);
    if (b->streamed)
        moot__tr_gap(t);
    moot__buf_addf(&line, "%s┌%s ", moot__ink(colours, moot__tr_speaker(t, b->agent)),
                   moot__ink(colours, MOOT_INK_NONE));
    size_t before = line.len;
    moot__tr_place(t, &line, b->item, b->task);
    size_t width = moot__tr_width(t);
    if (b->in_chat) {
        moot__buf_adds(&line, line.len > before ? " · " : "");
        add_speaker(b, &line);
        add_safe(&aside, b->aside != NULL ? b->aside : "");
        size_t used = moot__columns(moot__buf_text(&line), line.len) + 2;
        moot__buf_adds(&right, moot__ink(colours, MOOT_INK_DIM));
        moot__add_cut(&right, moot__buf_text(&aside), width > used ? width - used : 0);
        moot__buf_adds(&right, moot__ink(colours, MOOT_INK_NONE));
    } else {
        add_speaker(b, &right);
    }
    size_t columns = moot__columns(moot__buf_text(&right), right.len);
    if (columns > 0) {
        moot__add_pad(&line, 0, width > columns ? width - columns : 0, 2);
        moot__buf_adds(&line, moot__buf_text(&right));
    }
    moot__buf_addc(&line, '\n');
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
    moot__buf_release(&right);
    moot__buf_release(&aside);
    b->headed = true;
}

void moot__talk_stream(struct tr_block *b)
{
    struct moot_transcript *t = b->t;
    if (b->held.len > 0) {
        moot__tr_gap(t);
        moot__screen_lines(t->screen, moot__buf_text(&b->held), b->held.len);
    }
    moot__buf_clear(&b->held);
    b->streamed = true;
    if (!b->headed)
        block_head(b);
    block_tail(b);
}

/* Why this one speaks is worth saying where more than two might. */
static void note_chat(struct tr_block *b, const struct moot_message *m)
{
    const struct tr_chat *chat = moot__tr_chat(b->t, m->conv);
    if (chat == NULL)
        return;
    bool opening = moot__json_get_bool(m->body, "opening", false);
    bool has_floor = chat->floor != NULL && strcmp(chat->floor, b->agent) == 0;
    b->in_chat = true;
    b->to = copy_or_null(moot__tr_chat_addressee(chat, m));
    if (opening)
        b->aside = copy_or_null("the opening");
    else if (has_floor && chat->member_count > 2)
        b->aside = copy_or_null(chat->why);
    b->outside = !opening && m->kind == MOOT_MSG && !has_floor;
    if (b->outside)
        b->aside = copy_or_null(moot__json_get_bool(m->body, "interrupt", false)
                                    ? "from outside, interrupts"
                                    : "from outside");
}

struct tr_block *moot__talk_block(struct moot_transcript *t, const struct moot_message *m,
                                  const char *agent)
{
    struct tr_block **more = realloc(t->blocks, (t->block_count + 1) * sizeof(*more));
    struct tr_block *b = calloc(1, sizeof(*b));
    t->blocks = more != NULL ? more : t->blocks;
    if (more == NULL || b == NULL) {
        free(b);
        return NULL;
    }
    b->t = t;
    b->conv = copy_or_null(m->conv);
    b->agent = copy_or_null(agent);
    b->item = copy_or_null(m->item);
    b->task = copy_or_null(m->task);
    b->began_at = b->ended_at = m->ts;
    note_chat(b, m);
    moot__buf_init(&b->held, TALK_MAX);
    struct moot_buf prefix;
    moot__buf_init(&prefix, 64);
    moot__add_ink(&prefix, moot__tr_colours(t), moot__tr_speaker(t, agent), "│");
    moot__buf_addc(&prefix, ' ');
    b->prefix = moot__buf_take(&prefix);
    if (b->conv == NULL || b->agent == NULL || b->prefix == NULL) {
        moot__talk_free(b);
        return NULL;
    }
    moot__speech_init(&b->speech, b->prefix, moot__tr_width(t), moot__tr_colours(t), block_emit, b);
    t->blocks[t->block_count++] = b;
    return b;
}

void moot__talk_free(struct tr_block *b)
{
    for (size_t i = 0; i < b->call_count; i++) {
        free(b->calls[i].from);
        free(b->calls[i].text);
        moot__message_unref(b->calls[i].m);
    }
    free(b->calls);
    free(b->conv);
    free(b->agent);
    free(b->item);
    free(b->task);
    free(b->prefix);
    free(b->aside);
    free(b->to);
    free(b->reply);
    free(b->by);
    moot__buf_release(&b->held);
    moot__speech_release(&b->speech);
    free(b);
}

static void begin_saying(struct tr_block *b)
{
    const struct moot_json *task = moot__tr_crew(b->t, "tasks", b->task);
    if (!b->headed)
        block_head(b);
    b->thinking = b->task != NULL && moot__fact_thinking(task, b->replies);
    moot__speech_begin(&b->speech, b->thinking ? MOOT_INK_DIM : MOOT_INK_NONE);
    const char *field = b->task != NULL ? moot__fact_field(task, b->replies) : NULL;
    if (field != NULL) {
        moot__wrap_ink(&b->speech.wrap, MOOT_INK_DIM);
        moot__wrap_text(&b->speech.wrap, field, strlen(field));
        moot__wrap_text(&b->speech.wrap, "  ", 2);
        moot__wrap_ink(&b->speech.wrap, MOOT_INK_NONE);
        b->speech.wrap.hang = 2;
    }
}

void moot__talk_delta(struct tr_block *b, uint32_t n, const char *text, size_t len)
{
    if (n != b->call_n)
        return;
    if (b->shown == 0)
        begin_saying(b);
    b->shown += len;
    moot__speech_text(&b->speech, text, len);
    block_tail(b);
}

static const char thought_mark[] = "(thinking, not kept)";

/* A thought whose turn was not watched is shown by its first line. */
static void put_thought(struct tr_block *b, const char *text, size_t len)
{
    struct moot_transcript *t = b->t;
    int colours = moot__tr_colours(t);
    struct moot_buf safe, line;
    moot__buf_init(&safe, TALK_MAX);
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__safe_add_line(&safe, text, len);
    size_t width = moot__tr_width(t);
    size_t mark = strlen(thought_mark);
    size_t room = width > mark + 6 ? width - mark - 6 : 10;
    moot__buf_adds(&line, b->prefix);
    moot__buf_adds(&line, moot__ink(colours, MOOT_INK_DIM));
    moot__add_cut(&line, moot__buf_text(&safe), room);
    moot__add_pad(&line, 0, width - mark, 2);
    moot__buf_addf(&line, "%s%s\n", thought_mark, moot__ink(colours, MOOT_INK_NONE));
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&safe);
    moot__buf_release(&line);
}

static void put_mark(struct tr_block *b)
{
    int colours = moot__tr_colours(b->t);
    struct moot_buf line;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_adds(&line, b->prefix);
    moot__add_pad(&line, 0, moot__tr_width(b->t) - strlen(thought_mark), 0);
    moot__add_ink(&line, colours, MOOT_INK_DIM, thought_mark);
    moot__buf_addc(&line, '\n');
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
}

static void put_reply(struct tr_block *b, const char *text, size_t len)
{
    bool began = b->shown > 0;
    if (!began && len > 0)
        begin_saying(b);
    if (!began && b->thinking && !b->streamed) {
        if (len > 0)
            put_thought(b, text, len);
        return;
    }
    if (len > b->shown)
        moot__speech_text(&b->speech, text + b->shown, len - b->shown);
    moot__speech_end(&b->speech);
    if (b->thinking && (began || len > 0))
        put_mark(b);
}

/* A line or more of a turn that are no words of its speaker's. */
static void put_note(struct tr_block *b, int ink, const char *mark, const char *text)
{
    if (!b->headed)
        block_head(b);
    moot__speech_end(&b->speech);
    moot__speech_begin(&b->speech, ink);
    b->speech.state = MOOT_SPEECH_TEXT;
    moot__speech_text(&b->speech, mark, strlen(mark));
    moot__speech_text(&b->speech, text, strlen(text));
    moot__speech_end(&b->speech);
}

/* What was too long for the model, or what it told of that in short, is nobody's words. */
static void put_compacted(struct tr_block *b, const struct moot_json *body)
{
    bool told = strcmp(moot__json_get_text(body, "status", "ok"), "ok") == 0;
    put_note(b, MOOT_INK_DIM, "",
             !b->sums ? "(too long for its model)"
             : told   ? "(what came before is told in short)"
                      : "(what came before is left out)");
}

void moot__talk_reply(struct tr_block *b, const struct moot_message *m)
{
    struct moot_buf text;
    moot__buf_init(&text, TALK_MAX);
    moot__fact_parts(m->body, &text);
    const char *status = moot__json_get_text(m->body, "status", "ok");
    int64_t cost = moot__fact_cost(m->body);
    bool compacts = b->sums || moot__json_get_bool(m->body, "too_long", false);
    if (compacts)
        put_compacted(b, m->body);
    else
        put_reply(b, moot__buf_text(&text), text.len);
    if (!compacts && strcmp(status, "ok") != 0) {
        struct moot_buf why;
        moot__buf_init(&why, TALK_LINE_MAX);
        moot__buf_addf(&why, "no reply (%s)", status);
        const char *detail = moot__json_get_text(m->body, "detail", "");
        if (detail[0] != '\0')
            moot__buf_addf(&why, ": %s", detail);
        const char *hint = moot__json_get_text(m->body, "hint", "");
        if (hint[0] != '\0')
            moot__buf_addf(&why, "\n%s", hint);
        b->failed = !b->in_chat || strcmp(status, "cancelled") != 0; /* else its turn says so */
        if (b->failed)
            moot__talk_cut(b, moot__buf_text(&why));
        moot__buf_release(&why);
    }
    if (!compacts) {
        free(b->reply);
        b->reply = copy_or_null(moot__buf_text(&text));
        if (moot__json_count(moot__json_get(m->body, "calls")) == 0)
            b->replies++;
    }
    b->thinking = false;
    b->sums = false;
    b->call_n = 0;
    b->shown = 0;
    b->tokens += moot__fact_tokens(m->body);
    b->cost += cost > 0 ? cost : 0;
    b->ended_at = m->ts;
    moot__buf_release(&text);
    block_tail(b);
}

void moot__talk_cut(struct tr_block *b, const char *text)
{
    if (!b->headed)
        block_head(b);
    moot__speech_end(&b->speech);
    moot__speech_begin(&b->speech, MOOT_INK_BAD);
    b->speech.state = MOOT_SPEECH_TEXT;
    moot__speech_text(&b->speech, text, strlen(text));
    moot__speech_end(&b->speech);
    b->shown = 0;
    block_tail(b);
}

static bool same_words(const char *a, const char *b)
{
    static const char space[] = " \t\r\n";
    a += strspn(a, space);
    b += strspn(b, space);
    size_t a_len = strlen(a), b_len = strlen(b);
    while (a_len > 0 && strchr(space, a[a_len - 1]) != NULL)
        a_len--;
    while (b_len > 0 && strchr(space, b[b_len - 1]) != NULL)
        b_len--;
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static void put_failed(struct tr_block *b, const struct moot_json *failed)
{
    struct moot_buf why;
    moot__buf_init(&why, TALK_LINE_MAX);
    const char *detail = moot__json_get_text(failed, "detail", "");
    if (moot__fact_cut_off(failed))
        moot__buf_adds(&why, "… cut off");
    else
        moot__buf_addf(&why, "could not speak (%s)%s%s",
                       moot__json_get_text(failed, "status", "error"),
                       detail[0] != '\0' ? ": " : "", detail);
    moot__talk_cut(b, moot__buf_text(&why));
    moot__buf_release(&why);
}

/* What spoke, where it was no model. */
static const char *spoken_by(const struct tr_block *b, const struct moot_json *body)
{
    const char *by = moot__json_get_text(body, "by", "");
    if (moot__json_get_bool(body, "opening", false))
        return "to all";
    if (b->outside || strcmp(by, "person") == 0)
        return "a person";
    return strcmp(by, "auto") == 0 ? "no model" : NULL;
}

void moot__talk_said(struct tr_block *b, const struct moot_message *m)
{
    struct moot_buf text;
    moot__buf_init(&text, TALK_MAX);
    moot__fact_parts(m->body, &text);
    const char *words = moot__buf_text(&text);
    const char *finish = moot__json_get_text(m->body, "finish", NULL);
    const char *handoff = moot__json_get_text(m->body, "handoff", NULL);
    const struct moot_json *failed = moot__json_get(m->body, "failed");
    bool heard = b->reply != NULL && same_words(b->reply, words);
    if (!heard && !same_words(words, "") && (finish == NULL || !same_words(words, finish))) {
        begin_saying(b);
        moot__speech_text(&b->speech, words, text.len);
        moot__speech_end(&b->speech);
    } else if (same_words(words, "") && finish == NULL && handoff == NULL && failed == NULL) {
        put_note(b, MOOT_INK_DIM, "(no words)", "");
    }
    if (failed != NULL && !b->failed)
        put_failed(b, failed);
    if (handoff != NULL)
        put_note(b, MOOT_INK_NONE, "→ ", handoff);
    if (finish != NULL)
        put_note(b, MOOT_INK_GOOD, "finished: ", finish);
    const char *exit = moot__json_get_text(m->body, "exit", NULL);
    if (exit != NULL)
        put_note(b, MOOT_INK_DIM,
                 strcmp(exit, "person") == 0   ? "wants to stop"
                 : strcmp(exit, "ending") == 0 ? "lets it end"
                                               : "has no automatic reply left",
                 "");
    b->by = copy_or_null(spoken_by(b, m->body));
    b->ended_at = m->ts;
    moot__buf_release(&text);
}

void moot__talk_call(struct tr_block *b, const struct moot_message *m)
{
    struct tr_call *more = realloc(b->calls, (b->call_count + 1) * sizeof(*more));
    struct moot_buf text;
    if (more == NULL)
        return;
    b->calls = more;
    if (!b->headed)
        block_head(b);
    moot__speech_end(&b->speech);
    moot__buf_init(&text, TALK_LINE_MAX);
    moot__buf_adds(&text, "⚙ ");
    moot__fact_call(m->body, CALL_COLUMNS_MAX, &text);
    struct tr_call *call = &b->calls[b->call_count];
    call->n = m->n;
    call->from = copy_or_null(m->from);
    call->text = moot__buf_take(&text);
    call->m =
        moot__message_ref((struct moot_message *)m); /* NOLINT(cast-qual): held, not changed */
    if (call->from != NULL && call->text != NULL) {
        b->call_count++;
    } else {
        free(call->from);
        free(call->text);
        moot__message_unref(call->m);
    }
    block_tail(b);
}

void moot__talk_result(struct tr_block *b, const struct moot_message *m)
{
    size_t i = 0;
    while (i < b->call_count &&
           (b->calls[i].n != m->re_n || strcmp(b->calls[i].from, m->re_from) != 0))
        i++;
    if (i == b->call_count)
        return;
    struct moot_buf line, outcome;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_init(&outcome, TALK_LINE_MAX);
    size_t width = moot__tr_width(b->t);
    moot__fact_outcome(m->body, width / 3, &outcome);
    size_t columns = moot__columns(moot__buf_text(&outcome), outcome.len);
    size_t used = moot__columns(b->prefix, strlen(b->prefix)) + columns + 2;
    moot__buf_adds(&line, b->prefix);
    moot__add_cut(&line, b->calls[i].text, width > used ? width - used : 10);
    moot__add_pad(&line, 0, width > columns ? width - columns : 0, 2);
    moot__buf_addf(&line, "%s\n", moot__buf_text(&outcome));
    if (moot__json_get_bool(m->body, "dry_run", false))
        moot__event_would(b->t, b->calls[i].m, &line);
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
    moot__buf_release(&outcome);
    free(b->calls[i].from);
    free(b->calls[i].text);
    moot__message_unref(b->calls[i].m);
    memmove(&b->calls[i], &b->calls[i + 1], (b->call_count - i - 1) * sizeof(*b->calls));
    b->call_count--;
    b->ended_at = m->ts;
    block_tail(b);
}

static void block_foot(struct tr_block *b)
{
    struct moot_transcript *t = b->t;
    int colours = moot__tr_colours(t);
    struct moot_buf line;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__add_ink(&line, colours, moot__tr_speaker(t, b->agent), "└");
    moot__buf_addf(&line, " %s", moot__ink(colours, MOOT_INK_DIM));
    if (b->by != NULL && b->tokens == 0) {
        moot__buf_adds(&line, b->by);
    } else {
        moot__fact_add_tokens(&line, b->tokens);
        moot__buf_adds(&line, " · ");
        moot__add_seconds(&line, b->ended_at - b->began_at);
    }
    moot__tr_chat_add_hidden(t, b->conv, b->agent, &line);
    if (b->cost > 0) {
        char cost[32];
        moot__money_format(b->cost, cost);
        moot__buf_addf(&line, " · %s", cost);
    }
    moot__buf_addf(&line, "%s\n\n", moot__ink(colours, MOOT_INK_NONE));
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
}

void moot__talk_closing(struct tr_block *b)
{
    moot__speech_end(&b->speech);
    if (b->headed)
        block_foot(b);
    if (b->streamed)
        moot__screen_tail(b->t->screen, "", 0);
    if (!b->streamed && b->held.len > 0) {
        moot__tr_gap(b->t);
        moot__tr_lines(b->t, moot__buf_text(&b->held), b->held.len);
        b->t->last_line = false;
    }
    moot__talk_free(b);
}

void moot__talk_resize(struct moot_transcript *t)
{
    for (size_t i = 0; i < t->block_count; i++) {
        struct tr_block *b = t->blocks[i];
        b->speech.wrap.width = moot__tr_width(t);
        /* What stands on the growing line is set anew in the new width. */
        if (b->speech.wrap.begun && b->speech.wrap.columns > b->speech.wrap.width)
            moot__wrap_end(&b->speech.wrap);
        block_tail(b);
    }
}
