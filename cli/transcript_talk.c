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
    if (b->speech.wrap.begun) {
        moot__buf_add(&tail, moot__buf_text(&b->speech.wrap.line), b->speech.wrap.line.len);
        if (b->speech.wrap.ink != MOOT_INK_NONE)
            moot__buf_adds(&tail, moot__ink(moot__tr_colours(b->t), MOOT_INK_NONE));
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

static void block_head(struct tr_block *b)
{
    struct moot_transcript *t = b->t;
    int colours = moot__tr_colours(t);
    struct moot_buf line, name;
    moot__buf_init(&line, TALK_LINE_MAX);
    moot__buf_init(&name, TALK_LINE_MAX);
    if (b->streamed)
        moot__tr_gap(t);
    add_safe(&name, b->agent);
    size_t name_columns = moot__utf8_width(moot__buf_text(&name), name.len);
    moot__buf_addf(&line, "%s┌%s ", moot__ink(colours, moot__tr_speaker(t, b->agent)),
                   moot__ink(colours, MOOT_INK_NONE));
    moot__tr_place(t, &line, b->item, b->task);
    size_t width = moot__tr_width(t);
    moot__add_pad(&line, 0, width > name_columns ? width - name_columns : 0, 2);
    moot__add_ink(&line, colours, moot__tr_speaker(t, b->agent), moot__buf_text(&name));
    moot__buf_addc(&line, '\n');
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
    moot__buf_release(&name);
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

static char *copy_or_null(const char *text)
{
    return text != NULL ? moot__copy(text, strlen(text)) : NULL;
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

void moot__talk_reply(struct tr_block *b, const struct moot_message *m)
{
    struct moot_buf text;
    moot__buf_init(&text, TALK_MAX);
    moot__fact_parts(m->body, &text);
    const char *status = moot__json_get_text(m->body, "status", "ok");
    int64_t cost = moot__fact_cost(m->body);
    put_reply(b, moot__buf_text(&text), text.len);
    if (strcmp(status, "ok") != 0) {
        struct moot_buf why;
        moot__buf_init(&why, TALK_LINE_MAX);
        moot__buf_addf(&why, "no reply (%s)", status);
        const char *detail = moot__json_get_text(m->body, "detail", "");
        if (detail[0] != '\0')
            moot__buf_addf(&why, ": %s", detail);
        const char *hint = moot__json_get_text(m->body, "hint", "");
        if (hint[0] != '\0')
            moot__buf_addf(&why, "\n%s", hint);
        moot__talk_cut(b, moot__buf_text(&why));
        moot__buf_release(&why);
    }
    if (moot__json_count(moot__json_get(m->body, "calls")) == 0)
        b->replies++;
    b->thinking = false;
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
    moot__add_count(&line, b->tokens);
    moot__buf_addf(&line, " token%s · ", b->tokens == 1 ? "" : "s");
    moot__add_seconds(&line, b->ended_at - b->began_at);
    if (b->cost > 0) {
        char cost[32];
        moot__money_format(b->cost, cost);
        moot__buf_addf(&line, " · %s", cost);
    }
    moot__buf_addf(&line, "%s\n\n", moot__ink(colours, MOOT_INK_NONE));
    block_lines(b, moot__buf_text(&line), line.len);
    moot__buf_release(&line);
}

void moot__talk_end(struct tr_block *b)
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
