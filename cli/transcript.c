/* The transcript's state, and which message is shown where. */
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "runtime/message.h"

#include <inttypes.h>

size_t moot__tr_width(const struct moot_transcript *t)
{
    size_t columns = (size_t)t->screen->term->columns - 1;
    return columns < TALK_WIDTH_MAX ? columns : TALK_WIDTH_MAX;
}

int moot__tr_colours(const struct moot_transcript *t)
{
    return t->screen->term->colours;
}

/* Room for one more element; NULL: out of memory, the old array stays. */
static void *grow(void *array, size_t count, size_t size)
{
    return realloc(array, (count + 1) * size);
}

int moot__tr_speaker(struct moot_transcript *t, const char *who)
{
    size_t i = 0;
    while (i < t->speaker_count && strcmp(t->speakers[i], who) != 0)
        i++;
    if (i == t->speaker_count) {
        char **more = grow(t->speakers, t->speaker_count, sizeof(*more));
        char *name = moot__copy(who, strlen(who));
        t->speakers = more != NULL ? more : t->speakers;
        if (more == NULL || name == NULL) {
            free(name);
            return MOOT_INK_SPEAKER;
        }
        t->speakers[t->speaker_count++] = name;
    }
    return MOOT_INK_SPEAKER + (int)(i % MOOT_SPEAKER_INKS);
}

void moot__tr_lines(struct moot_transcript *t, const char *text, size_t len)
{
    if (t->streaming != NULL)
        moot__buf_add(&t->later, text, len);
    else
        moot__screen_lines(t->screen, text, len);
}

void moot__tr_gap(struct moot_transcript *t)
{
    if (t->last_line && t->streaming == NULL)
        moot__screen_lines(t->screen, "\n", 1);
    else if (t->last_line)
        moot__buf_addc(&t->later, '\n');
    t->last_line = false;
}

void moot__tr_place(struct moot_transcript *t, struct moot_buf *out, const char *item,
                    const char *task)
{
    bool named = item != NULL && !t->single;
    if (named)
        moot__safe_add_line(out, item, strlen(item));
    if (named && task != NULL)
        moot__buf_adds(out, " · ");
    if (task != NULL)
        moot__safe_add_line(out, task, strlen(task));
}

const struct moot_json *moot__tr_crew(const struct moot_transcript *t, const char *what,
                                      const char *id)
{
    const struct moot_json *one = moot__json_first(moot__json_get(t->crew, what));
    while (one != NULL && (id == NULL || strcmp(moot__json_get_text(one, "id", ""), id) != 0))
        one = moot__json_next(one);
    return one;
}

/* The item that a conversation belongs to, by the first part of its path ("3~2" goes on with "3").
 */
struct tr_item *moot__tr_item(struct moot_transcript *t, const char *conv)
{
    char root[MOOT_MAX_PATH_CONV + 1];
    size_t len = strcspn(conv, "/~");
    len = len < sizeof(root) ? len : sizeof(root) - 1;
    memcpy(root, conv, len);
    root[len] = '\0';
    size_t at = (size_t)(uintptr_t)moot__map_get(&t->item_at, root);
    return at > 0 ? &t->items[at - 1] : NULL;
}

struct tr_task *moot__tr_task(struct tr_item *item, const char *id)
{
    if (item == NULL || id == NULL)
        return NULL;
    for (size_t i = 0; i < item->task_count; i++)
        if (strcmp(item->tasks[i].id, id) == 0)
            return &item->tasks[i];
    struct tr_task *more = grow(item->tasks, item->task_count, sizeof(*more));
    char *copy = moot__copy(id, strlen(id));
    item->tasks = more != NULL ? more : item->tasks;
    if (more == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    struct tr_task *task = &item->tasks[item->task_count++];
    memset(task, 0, sizeof(*task));
    task->id = copy;
    return task;
}

static void begin_item(struct moot_transcript *t, const struct moot_message *m)
{
    if (moot__tr_item(t, m->conv) != NULL)
        return;
    struct tr_item *more = grow(t->items, t->item_count, sizeof(*more));
    size_t len = strcspn(m->conv, "/~");
    char *conv = moot__copy(m->conv, len);
    const char *name = m->item != NULL ? m->item : m->conv;
    char *name_copy = moot__copy(name, strlen(name));
    t->items = more != NULL ? more : t->items;
    if (more == NULL || conv == NULL || name_copy == NULL ||
        moot__map_put(&t->item_at, conv, (void *)(uintptr_t)(t->item_count + 1)) != MOOT_OK) {
        free(conv);
        free(name_copy);
        return;
    }
    struct tr_item *item = &t->items[t->item_count++];
    memset(item, 0, sizeof(*item));
    item->conv = conv;
    item->name = name_copy;
    if (t->options.items == 0 && t->item_count > 1)
        t->single = false;
}

static void on_open(struct moot_transcript *t, const struct moot_message *m)
{
    if (m->conv[0] == '\0' || strncmp(m->conv, "run/", 4) == 0)
        return;
    if (strchr(m->conv, '/') == NULL) {
        begin_item(t, m);
        return;
    }
    /* Conversations inside a task's (a judge's, a tool's) are no attempts of it. */
    struct tr_item *item = moot__tr_item(t, m->conv);
    const char *below = strchr(m->conv, '/') + 1;
    struct tr_task *task = strchr(below, '/') == NULL ? moot__tr_task(item, m->task) : NULL;
    if (task == NULL)
        return;
    task->attempts++;
    task->at = TR_WORKING;
    for (size_t i = 0; i < item->task_count && task->attempts > 1; i++)
        item->tasks[i].past = item->tasks[i].past || &item->tasks[i] > task;
    task->past = false;
    const struct moot_json *def = moot__tr_crew(t, "tasks", m->task);
    if (moot__json_count(moot__json_get(def, "check")) > 0)
        t->drafts++;
}

static enum tr_at outcome_of(const struct moot_json *body)
{
    static const struct {
        const char *word;
        enum tr_at at;
    } words[] = {{"done", TR_DONE},
                 {"rejected", TR_REJECTED},
                 {"skipped", TR_SKIPPED},
                 {"waiting", TR_WAITING}};
    const char *outcome = moot__json_get_text(body, "outcome", "failed");
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(outcome, words[i].word) == 0)
            return words[i].at;
    return TR_FAILED;
}

/* Why an item was not done: its task, what was tried, the reason. */
static void note_why(struct tr_item *item, const char *task, const struct moot_json *body)
{
    struct moot_buf why;
    moot__buf_init(&why, TALK_LINE_MAX);
    struct tr_task *last = task != NULL ? moot__tr_task(item, task) : NULL;
    if (last != NULL) {
        moot__buf_adds(&why, task);
        if (last->attempts > 1)
            moot__buf_addf(&why, ", %" PRId64 " attempts", last->attempts);
        moot__buf_adds(&why, ": ");
    }
    size_t before = why.len;
    if (!moot__fact_problem(moot__json_get(body, "verdict"), 0, &why))
        moot__buf_adds(&why, moot__json_get_text(body, "detail", ""));
    if (why.len > before) {
        free(item->why);
        item->why = moot__buf_take(&why);
    }
    moot__buf_release(&why);
}

static void on_end(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_item *item = moot__tr_item(t, m->conv);
    const char *below = strchr(m->conv, '/');
    enum tr_at at = outcome_of(m->body);
    if (item == NULL)
        return;
    if (below == NULL) {
        item->at = at;
        item->over = at != TR_WAITING;
        item->waits = 0;
        if ((at == TR_REJECTED || at == TR_FAILED) && item->why == NULL)
            note_why(item, NULL, m->body);
        bool chat = moot__tr_chat(t, m->conv) != NULL; /* has said it already */
        if (t->options.look == MOOT_LOOK_TALK && !t->muted && !chat)
            moot__event_item(t, item);
        return;
    }
    struct tr_task *task = strchr(below + 1, '/') == NULL ? moot__tr_task(item, m->task) : NULL;
    if (task != NULL)
        task->at = at;
    if (task != NULL && (at == TR_REJECTED || at == TR_FAILED))
        note_why(item, m->task, m->body);
}

static struct tr_block *find_block(struct moot_transcript *t, const char *conv, const char *agent)
{
    for (size_t i = 0; i < t->block_count; i++)
        if (strcmp(t->blocks[i]->conv, conv) == 0 &&
            (agent == NULL || strcmp(t->blocks[i]->agent, agent) == 0))
            return t->blocks[i];
    return NULL;
}

/* Judges are heard by their verdicts, and what no agent of the crew does is no turn. */
static bool has_turns(const struct moot_transcript *t, const char *agent)
{
    const struct moot_json *def = moot__tr_crew(t, "agents", agent);
    const char *kind = moot__json_get_text(def, "kind", "assistant");
    return strcmp(agent, "runner") != 0 && strcmp(kind, "judge") != 0;
}

static struct tr_block *block_for(struct moot_transcript *t, const struct moot_message *m,
                                  const char *agent)
{
    struct tr_block *b = find_block(t, m->conv, agent);
    if (b != NULL || t->options.look != MOOT_LOOK_TALK || !has_turns(t, agent))
        return b;
    return moot__talk_block(t, m, agent);
}

/* A turn that nobody else can be heard before is streamed: the only one, or the one watched. */
static void choose_streaming(struct moot_transcript *t)
{
    if (!t->options.live || t->streaming != NULL || !t->screen->term->moves)
        return;
    for (size_t i = 0; i < t->block_count; i++) {
        struct tr_block *b = t->blocks[i];
        bool watched =
            t->options.watch != NULL && b->item != NULL && strcmp(b->item, t->options.watch) == 0;
        if (!watched && !(t->single && t->options.watch == NULL))
            continue;
        moot__talk_stream(b);
        t->streaming = b;
        return;
    }
}

static void end_block(struct moot_transcript *t, struct tr_block *b)
{
    size_t i = 0;
    while (t->blocks[i] != b)
        i++;
    t->blocks[i] = t->blocks[--t->block_count];
    bool streamed = t->streaming == b;
    moot__talk_closing(b);
    if (!streamed)
        return;
    t->streaming = NULL;
    if (t->later.len > 0)
        moot__screen_lines(t->screen, moot__buf_text(&t->later), t->later.len);
    moot__buf_clear(&t->later);
    choose_streaming(t);
}

/* An author has said what there was to say when its work is judged: its turns, in this conversation
 * and in those above it, are shown first. */
static void end_above(struct moot_transcript *t, const char *conv)
{
    for (size_t i = t->block_count; i > 0; i--) {
        struct tr_block *b = t->blocks[i - 1];
        size_t len = strlen(b->conv);
        if (strncmp(b->conv, conv, len) == 0 && (conv[len] == '\0' || conv[len] == '/'))
            end_block(t, b);
    }
}

static bool opens_judge(const struct moot_transcript *t, const struct moot_message *m)
{
    const char *who = moot__json_text(moot__json_at(moot__json_get(m->body, "participants"), 0));
    const struct moot_json *def = who != NULL ? moot__tr_crew(t, "agents", who) : NULL;
    return strcmp(moot__json_get_text(def, "kind", ""), "judge") == 0;
}

static void count_reply(struct moot_transcript *t, const struct moot_message *m)
{
    int64_t cost = moot__fact_cost(m->body);
    t->calls += m->kind == MOOT_MODEL_REPLY;
    t->recorded += m->kind == MOOT_MODEL_REPLY && moot__fact_recorded(m->body);
    t->tokens += moot__fact_tokens(m->body);
    t->cost += cost > 0 ? cost : 0;
    t->cost_unknown = t->cost_unknown || (m->kind == MOOT_MODEL_REPLY && cost < 0);
}

/* What can be done about a call without a reply is told again when the item has failed by it. */
static void note_hint(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_item *item = moot__tr_item(t, m->conv);
    const char *hint = moot__json_get_text(m->body, "hint", NULL);
    if (item == NULL)
        return;
    free(item->hint);
    item->hint = hint != NULL ? moot__copy(hint, strlen(hint)) : NULL;
}

static void talk_tool(struct moot_transcript *t, const struct moot_message *m)
{
    const char *caller = m->kind == MOOT_TOOL_CALL ? m->from : m->re_from;
    if (caller != NULL && !has_turns(t, caller)) {
        moot__event_tool(t, m);
        return;
    }
    struct tr_block *b = caller != NULL ? block_for(t, m, caller) : NULL;
    if (b != NULL && m->kind == MOOT_TOOL_CALL)
        moot__talk_call(b, m);
    else if (b != NULL)
        moot__talk_result(b, m);
}

/* The conversation whose manager this is; NULL: it is none. */
static struct tr_chat *managed(const struct moot_transcript *t, const struct moot_message *m,
                               const char *who)
{
    struct tr_chat *chat = who != NULL ? moot__tr_chat(t, m->conv) : NULL;
    return chat != NULL && strcmp(chat->manager, who) == 0 ? chat : NULL;
}

static void talk_model(struct moot_transcript *t, const struct moot_message *m)
{
    bool call = m->kind == MOOT_MODEL_CALL;
    const char *who = call ? m->from : m->re_from;
    struct tr_chat *chat = managed(t, m, who);
    if (who == NULL)
        return;
    if (chat != NULL && call) {
        moot__tr_chat_asks(chat, m);
        return;
    }
    if (chat != NULL) {
        moot__tr_chat_asked(t, chat, m);
        return;
    }
    struct tr_block *b = call ? block_for(t, m, who) : find_block(t, m->conv, who);
    if (b != NULL && call) {
        b->sums = moot__json_get_bool(m->body, "sums", false);
        b->call_n = b->sums ? 0 : m->n;
        b->shown = 0;
        choose_streaming(t);
    } else if (b != NULL) {
        moot__talk_reply(b, m);
    }
}

/* In a conversation each saying is a turn, whoever's and however it came about; elsewhere it ends
 * the turn of its author. */
static void talk_msg(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_block *b = find_block(t, m->conv, m->from);
    bool chat = moot__tr_chat(t, m->conv) != NULL;
    if (b == NULL && chat)
        b = moot__talk_block(t, m, moot__tr_chat_speaker(m));
    if (b != NULL && chat)
        moot__talk_said(b, m);
    if (b != NULL)
        end_block(t, b);
}

static void talk_message(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_block *b = NULL;
    switch (m->kind) {
    case MOOT_GENESIS:
        moot__talk_header(t, m);
        break;
    case MOOT_MODEL_CALL:
    case MOOT_MODEL_REPLY:
        talk_model(t, m);
        break;
    case MOOT_TOOL_CALL:
    case MOOT_TOOL_RESULT:
        talk_tool(t, m);
        break;
    case MOOT_DECISION:
        moot__event_decision(t, m);
        break;
    case MOOT_VERDICT:
        end_above(t, m->conv);
        moot__event_verdict(t, m);
        break;
    case MOOT_DELEGATE:
    case MOOT_TRANSITION:
        end_above(t, m->conv);
        moot__event_work(t, m);
        break;
    case MOOT_OPEN:
        if (opens_judge(t, m))
            end_above(t, m->conv);
        break;
    case MOOT_QUESTION:
        end_above(t, m->conv);
        moot__event_person(t, m);
        break;
    case MOOT_ANSWER: /* in a conversation it comes as a saying */
        if (moot__tr_chat(t, m->conv) == NULL)
            moot__event_person(t, m);
        break;
    case MOOT_APPROVAL_REQUEST:
    case MOOT_APPROVAL:
        moot__event_person(t, m);
        break;
    case MOOT_ERROR:
        moot__event_note(t, m, NULL);
        break;
    case MOOT_END:
        while ((b = find_block(t, m->conv, NULL)) != NULL)
            end_block(t, b);
        moot__tr_chat_end(t, m);
        break;
    case MOOT_MSG:
        talk_msg(t, m);
        break;
    case MOOT_REDACTION:
        moot__event_redaction(t, m);
        break;
    case MOOT_CLOSE:
    case MOOT_AMEND:
    case MOOT_KEY:
    case MOOT_TIMER:
    case MOOT_TURN:
    case MOOT_BALLOT:
    case MOOT_SUMMARY:
    case MOOT_KIND_COUNT:
        break;
    }
}

static void on_genesis(struct moot_transcript *t, const struct moot_message *m)
{
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    const struct moot_json *input = moot__json_get(crew, "input");
    const char *word = moot__json_text(input);
    word = word != NULL ? word : moot__json_get_text(input, "name", "item");
    word = strcmp(word, "input") == 0 ? "item" : word;
    moot__json_free(t->crew);
    t->crew = crew != NULL ? moot__json_copy(crew) : NULL;
    free(t->item_word);
    t->item_word = moot__copy(word, strlen(word));
    t->began_at = m->ts;
    t->only = moot__json_get(m->body, "only") != NULL;
    t->dry_run = moot__json_get_bool(m->body, "dry_run", false);
    t->replayed = moot__json_get(m->body, "replayed") != NULL;
    if (t->options.items == 0)
        t->options.items = moot__json_get_int(m->body, "items", 0);
    t->single = t->options.items <= 1;
    snprintf(t->run, sizeof(t->run), "%s", m->run != NULL ? m->run : "");
}

/* A fork goes by its own name from its keys on, and begins there. */
static void on_key(struct moot_transcript *t, const struct moot_message *m)
{
    if (m->run == NULL || strcmp(t->run, m->run) == 0)
        return;
    snprintf(t->run, sizeof(t->run), "%s", m->run);
    t->began_at = m->ts;
}

static void count_waits(struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_item *item = moot__tr_item(t, m->conv);
    if (item == NULL)
        return;
    if (m->kind == MOOT_QUESTION || m->kind == MOOT_APPROVAL_REQUEST)
        item->waits++;
    else if (m->kind == MOOT_ANSWER || m->kind == MOOT_APPROVAL)
        item->waits -= item->waits > 0;
    else if (m->kind == MOOT_VERDICT && !moot__json_get_bool(m->body, "passed", false))
        item->rejections++;
}

void moot__transcript_message(struct moot_transcript *t, const struct moot_message *m)
{
    int64_t at = moot__json_get_int(m->body, "at", -1);
    t->run_ms = at > t->run_ms ? at : t->run_ms;
    if (m->kind == MOOT_GENESIS)
        on_genesis(t, m);
    if (m->kind == MOOT_KEY)
        on_key(t, m);
    if (m->kind == MOOT_OPEN) {
        on_open(t, m);
        moot__tr_chat_open(t, m);
    }
    if (m->kind == MOOT_TURN)
        moot__tr_chat_turn(t, m);
    moot__tr_chat_seen(t, m);
    if (m->kind == MOOT_MODEL_REPLY || m->kind == MOOT_ERROR) {
        count_reply(t, m);
        moot__tr_chat_count(t, m);
    }
    if (m->kind == MOOT_MODEL_REPLY)
        note_hint(t, m);
    count_waits(t, m);
    if (t->options.look == MOOT_LOOK_PLAIN && !t->muted)
        moot__plain_message(t, m);
    else if (t->options.look == MOOT_LOOK_TALK)
        talk_message(t, m);
    if (m->kind == MOOT_END) {
        on_end(t, m);
        moot__tr_chat_drop(t, m);
    }
    if (m->kind == MOOT_CLOSE && !t->closed) {
        const char *stop = moot__json_get_text(m->body, "stop", "");
        t->closed = true;
        t->stop = moot__copy(stop, strlen(stop));
    }
}

void moot__transcript_delta(struct moot_transcript *t, const struct moot_delta *d)
{
    struct tr_block *b = find_block(t, d->conv, d->agent);
    if (b != NULL && b == t->streaming)
        moot__talk_delta(b, d->n, d->text, d->len);
}

void moot__transcript_notice(struct moot_transcript *t, const char *text)
{
    moot__event_note(t, NULL, text);
}

void moot__transcript_tick(struct moot_transcript *t, int64_t now_ms, int64_t run_ms)
{
    t->run_ms = run_ms > t->run_ms ? run_ms : t->run_ms;
    bool foot_due = !t->foot_made || now_ms - t->foot_at >= MOOT_FRAME_MS;
    if (foot_due && t->options.live && t->options.look == MOOT_LOOK_TALK) {
        moot__foot_set(t);
        t->foot_at = now_ms;
        t->foot_made = true;
    }
    moot__screen_paint(t->screen, now_ms);
}

void moot__transcript_resize(struct moot_transcript *t)
{
    moot__screen_resize(t->screen);
    moot__talk_resize(t);
}

void moot__transcript_pause(struct moot_transcript *t)
{
    moot__screen_end(t->screen);
    t->foot_made = false;
}

void moot__transcript_mute(struct moot_transcript *t, bool mute)
{
    t->muted = mute;
    if (t->screen != NULL)
        t->screen->mute = mute;
    /* Turns that had begun then are shown from their next word on. */
    if (!mute)
        for (size_t i = 0; i < t->block_count; i++)
            moot__buf_clear(&t->blocks[i]->held);
    if (!mute)
        moot__buf_clear(&t->later);
    t->last_line = false;
}

void moot__transcript_facts(const struct moot_transcript *t, struct moot_transcript_facts *out)
{
    memset(out, 0, sizeof(*out));
    out->run = t->run;
    out->crew = moot__json_get_text(t->crew, "crew", "");
    out->process = moot__json_get_text(t->crew, "process", "");
    out->began_at = t->began_at;
    out->items =
        t->options.items > (int64_t)t->item_count ? t->options.items : (int64_t)t->item_count;
    for (size_t i = 0; i < t->item_count; i++) {
        const struct tr_item *item = &t->items[i];
        enum tr_at at = !item->over && item->waits > 0 ? TR_WAITING : item->at;
        out->done += at == TR_DONE;
        out->rejected += at == TR_REJECTED;
        out->failed += at == TR_FAILED;
        out->skipped += at == TR_SKIPPED;
        out->waiting += at == TR_WAITING;
        out->waits += item->waits;
    }
    out->calls = t->calls;
    out->tokens = t->tokens;
    out->cost = t->cost;
    out->run_ms = t->run_ms;
    out->cost_unknown = t->cost_unknown;
    out->closed = t->closed;
    out->stop = t->stop != NULL ? t->stop : "";
}

struct moot_transcript *moot__transcript_new(const struct moot_transcript_options *options)
{
    struct moot_transcript *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->options = *options;
    t->screen = options->screen;
    t->single = options->items <= 1;
    t->chat_turns = -1;
    moot__buf_init(&t->later, TALK_MAX);
    moot__map_init(&t->item_at);
    return t;
}

void moot__transcript_free(struct moot_transcript *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->block_count; i++)
        moot__talk_free(t->blocks[i]);
    for (size_t i = 0; i < t->item_count; i++) {
        struct tr_item *item = &t->items[i];
        for (size_t k = 0; k < item->task_count; k++) {
            free(item->tasks[k].id);
            moot__message_unref(item->tasks[k].call);
        }
        free(item->tasks);
        free(item->conv);
        free(item->name);
        free(item->why);
        free(item->hint);
    }
    for (size_t i = 0; i < t->speaker_count; i++)
        free(t->speakers[i]);
    for (size_t i = 0; i < t->chat_count; i++)
        moot__tr_chat_free(t->chats[i]);
    free(t->chats);
    moot__map_release(&t->item_at, NULL);
    free(t->blocks);
    free(t->items);
    free(t->speakers);
    free(t->item_word);
    free(t->stop);
    moot__json_free(t->crew);
    moot__buf_release(&t->later);
    free(t);
}
