#include "cli/document.h"

#include "cli/book.h"
#include "cli/transcript_state.h"
#include "runtime/price.h"
#include "runtime/request.h"

#include <inttypes.h>
#include <time.h>

enum { DOC_TEXT_MAX = 64 * 1024 * 1024, DOC_CALL_COLUMNS = 100, DOC_DEPTH_MAX = 16 };

/* A conversation: where its messages are, in order. */
struct doc_conv {
    const char *conv; /* of its open */
    size_t *at;       /* indexes of messages */
    size_t count, size;
    size_t item; /* index of the item's own conversation in the list */
};

struct doc {
    const struct moot_doc_look *look;
    struct moot_buf *out;
    struct moot_message **list; /* one reference each */
    size_t count, size;
    struct moot_map by_id;   /* id in hex -> message */
    struct moot_map called;  /* "conv|from|n" -> call */
    struct moot_map conv_at; /* conv -> index + 1 */
    struct doc_conv *convs;
    size_t conv_count;
    struct moot_map inks;         /* speaker -> number + 1 */
    struct moot_transcript *t;    /* what became of the run */
    struct moot_transcript *walk; /* where the document has got to: who has the floor */
    struct moot_json *crew;       /* the resolved one, or NULL */
    size_t anchors;
};

static void call_key(char *out, size_t size, const char *conv, const char *from, uint32_t n)
{
    snprintf(out, size, "%s|%s|%u", conv, from, n);
}

static struct doc_conv *conv_of(struct doc *d, const char *conv)
{
    size_t at = (size_t)(uintptr_t)moot__map_get(&d->conv_at, conv);
    return at > 0 ? &d->convs[at - 1] : NULL;
}

static int begin_conv(struct doc *d, const struct moot_message *m)
{
    if (conv_of(d, m->conv) != NULL || m->conv[0] == '\0')
        return MOOT_OK;
    struct doc_conv *more = realloc(d->convs, (d->conv_count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    d->convs = more;
    char root[MOOT_MAX_PATH_CONV + 1];
    snprintf(root, sizeof(root), "%.*s", (int)strcspn(m->conv, "/~"), m->conv);
    struct doc_conv *item = conv_of(d, root);
    size_t index = item != NULL ? (size_t)(item - d->convs) : d->conv_count;
    d->convs[d->conv_count] = (struct doc_conv){.conv = m->conv, .item = index};
    d->conv_count++;
    return moot__map_put(&d->conv_at, m->conv, (void *)(uintptr_t)d->conv_count); /* NOLINT */
}

static int put_in_conv(struct doc *d, const struct moot_message *m, size_t index)
{
    struct doc_conv *c = conv_of(d, m->conv);
    if (c == NULL)
        return MOOT_OK;
    if (c->count == c->size) {
        size_t size = c->size == 0 ? 16 : c->size * 2;
        size_t *at = realloc(c->at, size * sizeof(*at));
        if (at == NULL)
            return MOOT_ENOMEM;
        c->at = at;
        c->size = size;
    }
    c->at[c->count++] = index;
    return MOOT_OK;
}

static int keep(void *arg, struct moot_message *m)
{
    struct doc *d = arg;
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16], id[MOOT_HEX_SIZE];
    if (d->count == d->size) {
        size_t size = d->size == 0 ? 256 : d->size * 2;
        struct moot_message **list = realloc(d->list, size * sizeof(*list));
        if (list == NULL)
            return MOOT_ENOMEM;
        d->list = list;
        d->size = size;
    }
    d->list[d->count++] = moot__message_ref(m);
    moot__transcript_message(d->t, m);
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    call_key(key, sizeof(key), m->conv, m->from, m->n);
    int status = moot__map_put(&d->by_id, id, m);
    if (status == MOOT_OK && (m->kind == MOOT_MODEL_CALL || m->kind == MOOT_TOOL_CALL))
        status = moot__map_put(&d->called, key, m);
    if (status == MOOT_OK && m->kind == MOOT_OPEN)
        status = begin_conv(d, m);
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    if (m->kind == MOOT_GENESIS && crew != NULL && d->crew == NULL)
        d->crew = moot__json_copy(crew);
    return status == MOOT_OK ? put_in_conv(d, m, d->count - 1) : status;
}

static int count_anchor(void *arg, const struct moot_anchor *a)
{
    (void)a;
    ((struct doc *)arg)->anchors++;
    return MOOT_OK;
}

static size_t ink_of(struct doc *d, const char *who)
{
    size_t at = (size_t)(uintptr_t)moot__map_get(&d->inks, who);
    if (at == 0) {
        at = d->inks.live + 1;
        if (moot__map_put(&d->inks, who, (void *)(uintptr_t)at) != MOOT_OK) /* NOLINT */
            return 0;
    }
    return at - 1;
}

static const struct moot_message *call_of(const struct doc *d, const struct moot_message *m)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16];
    if (m->re_from == NULL)
        return NULL;
    call_key(key, sizeof(key), m->conv, m->re_from, m->re_n);
    return moot__map_get(&d->called, key);
}

static void add_money(struct moot_buf *out, int64_t cost)
{
    char money[32];
    if (cost <= 0)
        return;
    moot__money_format(cost, money);
    moot__buf_addf(out, " · %s", money);
}

/* "612 tokens · 1.9 s · $0.003" */
static void add_took(struct moot_buf *out, int64_t tokens, int64_t ms, int64_t cost)
{
    moot__fact_add_tokens(out, tokens);
    if (ms >= 0) {
        moot__buf_adds(out, " · ");
        moot__add_seconds(out, ms);
    }
    add_money(out, cost);
}

static const struct moot_json *agent_def(const struct doc *d, const char *id)
{
    const struct moot_json *one = moot__json_first(moot__json_get(d->crew, "agents"));
    while (one != NULL && strcmp(moot__json_get_text(one, "id", ""), id) != 0)
        one = moot__json_next(one);
    return one;
}

/* What was added to the request of a call: its own texts, and which messages it shows. */
static void fold_request(struct doc *d, const struct moot_message *call,
                         const struct moot_message *reply)
{
    const struct moot_json *adds = moot__json_get(call->body, "add");
    size_t count = moot__json_count(adds), n = 0;
    struct moot_doc_part *parts = calloc(count + 2, sizeof(*parts));
    char **texts = calloc(count + 1, sizeof(*texts));
    struct moot_buf summary;
    moot__buf_init(&summary, DOC_TEXT_MAX);
    if (parts != NULL && texts != NULL && moot__json_get_int(call->body, "base", 0) != 0)
        parts[n++] = (struct moot_doc_part){"", "(what the request before held, and then)", false};
    const struct moot_json *e = moot__json_first(adds);
    for (size_t i = 0; e != NULL && parts != NULL && texts != NULL; e = moot__json_next(e), i++) {
        const char *re = moot__json_get_text(e, "re", NULL);
        const struct moot_message *m = re != NULL ? moot__map_get(&d->by_id, re) : NULL;
        const char *text = moot__json_get_text(e, "text", "");
        if (m != NULL && m->kind == MOOT_TOOL_RESULT)
            text = moot__json_get_text(m->body, "output", "");
        else if (m != NULL)
            text = texts[i] = moot__parts_text(m->body);
        parts[n++] = (struct moot_doc_part){moot__json_get_text(e, "as", ""),
                                            text != NULL ? text : "", true};
    }
    moot__buf_addf(&summary, "request of %s to %s", call->from,
                   moot__json_get_text(call->body, "model", "its model"));
    if (reply != NULL) {
        moot__buf_adds(&summary, " · ");
        add_took(&summary, moot__fact_tokens(reply->body), reply->ts - call->ts,
                 moot__fact_cost(reply->body));
    }
    d->look->folded(d->out, moot__buf_text(&summary), MOOT_DOC_PLAIN, parts, n);
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
    free(parts);
    moot__buf_release(&summary);
}

static void put_reply(struct doc *d, const struct tr_chat *chat, const struct moot_message *m)
{
    const struct moot_message *call = call_of(d, m);
    char *text = moot__parts_text(m->body);
    const char *who = m->re_from != NULL ? m->re_from : "?";
    const char *status = moot__json_get_text(m->body, "status", "ok");
    bool judge = strcmp(moot__json_get_text(agent_def(d, who), "kind", ""), "judge") == 0;
    bool member = chat != NULL && strcmp(who, chat->manager) != 0;
    bool last = moot__json_count(moot__json_get(m->body, "calls")) == 0;
    if (call != NULL)
        fold_request(d, call, m);
    if (text != NULL && text[0] != '\0' && !judge && !(member && last)) {
        struct moot_doc_saying said = {.speaker = who, .ink = ink_of(d, who), .text = text};
        struct moot_buf foot;
        moot__buf_init(&foot, 1024);
        add_took(&foot, moot__fact_tokens(m->body), call != NULL ? m->ts - call->ts : -1,
                 moot__fact_cost(m->body));
        said.foot = moot__buf_text(&foot);
        d->look->saying(d->out, &said);
        moot__buf_release(&foot);
    }
    if (strcmp(status, "ok") != 0) {
        struct moot_buf why;
        moot__buf_init(&why, DOC_TEXT_MAX);
        moot__buf_addf(&why, "%s: no reply (%s) %s", who, status,
                       moot__json_get_text(m->body, "detail", ""));
        d->look->line(d->out, MOOT_DOC_BAD, moot__buf_text(&why));
        moot__buf_release(&why);
    }
    free(text);
}

static void put_said(struct doc *d, const struct tr_chat *chat, const struct moot_message *m)
{
    char *text = moot__parts_text(m->body);
    const struct moot_json *usage = moot__json_get(m->body, "usage");
    const char *by = moot__json_get_text(m->body, "by", "");
    bool opening = moot__json_get_bool(m->body, "opening", false);
    bool floor = chat->floor != NULL && strcmp(chat->floor, m->from) == 0;
    const char *speaker = moot__tr_chat_speaker(m);
    struct moot_doc_saying said = {.speaker = speaker,
                                   .ink = ink_of(d, speaker),
                                   .to = moot__tr_chat_addressee(chat, m),
                                   .text = text != NULL ? text : ""};
    struct moot_buf foot, more;
    moot__buf_init(&foot, DOC_TEXT_MAX);
    moot__buf_init(&more, DOC_TEXT_MAX);
    if (strcmp(by, "person") == 0 || strcmp(by, "auto") == 0)
        moot__buf_adds(&foot, by[0] == 'p' ? "a person" : "no model");
    else if (usage != NULL)
        add_took(&foot, moot__json_get_int(usage, "tokens", 0), -1, moot__fact_cost(usage));
    moot__tr_chat_add_hidden(d->walk, m->conv, m->from, &foot);
    said.aside = opening                  ? "the opening"
                 : !floor                 ? "from outside"
                 : chat->member_count > 2 ? chat->why
                                          : NULL;
    said.foot = moot__buf_text(&foot);
    if (said.text[0] == '\0')
        said.text = "(no words)";
    d->look->saying(d->out, &said);
    const char *handoff = moot__json_get_text(m->body, "handoff", NULL);
    const char *finish = moot__json_get_text(m->body, "finish", NULL);
    const struct moot_json *failed = moot__json_get(m->body, "failed");
    if (handoff != NULL)
        moot__buf_addf(&more, "%s → %s", m->from, handoff);
    if (failed != NULL && moot__fact_cut_off(failed))
        moot__buf_addf(&more, "%s was cut off", m->from);
    else if (failed != NULL)
        moot__buf_addf(&more, "%s could not speak (%s): %s", m->from,
                       moot__json_get_text(failed, "status", "error"),
                       moot__json_get_text(failed, "detail", ""));
    if (more.len > 0)
        d->look->line(d->out, failed != NULL ? MOOT_DOC_BAD : MOOT_DOC_PLAIN,
                      moot__buf_text(&more));
    moot__buf_clear(&more);
    if (finish != NULL) {
        moot__buf_addf(&more, "%s finished: %s", m->from, finish);
        d->look->line(d->out, MOOT_DOC_GOOD, moot__buf_text(&more));
    }
    moot__buf_release(&foot);
    moot__buf_release(&more);
    free(text);
}

/* JSON as people read it; the text itself where it is none. The caller frees it. */
static char *pretty(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_buf out;
    moot__buf_init(&out, DOC_TEXT_MAX);
    if (moot__json_parse(text, strlen(text), &j, NULL) != MOOT_OK ||
        moot__json_write_pretty(j, &out) != MOOT_OK) {
        moot__buf_clear(&out);
        moot__buf_adds(&out, text);
    }
    moot__json_free(j);
    return moot__buf_take(&out);
}

static void put_tool(struct doc *d, const struct moot_message *m)
{
    const struct moot_message *call = call_of(d, m);
    struct moot_buf summary;
    moot__buf_init(&summary, DOC_TEXT_MAX);
    moot__buf_adds(&summary, "⚙ ");
    if (call != NULL)
        moot__fact_call(call->body, DOC_CALL_COLUMNS, &summary);
    moot__buf_adds(&summary, " · ");
    moot__fact_outcome(m->body, DOC_CALL_COLUMNS, &summary);
    char *args = pretty(call != NULL ? moot__json_get_text(call->body, "args", "") : "");
    const struct moot_doc_part parts[] = {
        {"arguments", args != NULL ? args : "", true},
        {"result", moot__json_get_text(m->body, "output", ""), true},
    };
    bool ok = strcmp(moot__json_get_text(m->body, "status", "ok"), "ok") == 0;
    d->look->folded(d->out, moot__buf_text(&summary), ok ? MOOT_DOC_PLAIN : MOOT_DOC_BAD, parts,
                    MOOT_COUNT(parts));
    free(args);
    moot__buf_release(&summary);
}

static void put_verdict(struct doc *d, const struct moot_message *m)
{
    struct moot_buf text;
    bool passed = moot__json_get_bool(m->body, "passed", false);
    bool judge = strcmp(moot__json_get_text(agent_def(d, m->from), "kind", ""), "judge") == 0;
    moot__buf_init(&text, DOC_TEXT_MAX);
    moot__buf_addf(&text, "%s: ", judge ? m->from : "checks");
    moot__fact_verdict(m->body, &text);
    struct moot_buf problem;
    moot__buf_init(&problem, DOC_TEXT_MAX);
    for (size_t i = 0; moot__fact_problem(m->body, i, &problem); i++) {
        moot__buf_addf(&text, "\n%zu. %s", i + 1, moot__buf_text(&problem));
        moot__buf_clear(&problem);
    }
    d->look->line(d->out, passed ? MOOT_DOC_GOOD : MOOT_DOC_BAD, moot__buf_text(&text));
    moot__buf_release(&problem);
    moot__buf_release(&text);
}

/* Questions, requests, what was answered, failed tries, nudges. */
static void put_note(struct doc *d, const struct moot_message *m)
{
    struct moot_buf text;
    const char *const keys[] = {"text", "decision", "reason", "detail"};
    moot__buf_init(&text, DOC_TEXT_MAX);
    moot__buf_addf(&text, "%s", m->kind == MOOT_ERROR && m->re_from != NULL ? m->re_from : m->from);
    if (m->kind == MOOT_APPROVAL_REQUEST) {
        moot__buf_adds(&text, " asks for approval: ");
        moot__fact_call(m->body, DOC_CALL_COLUMNS, &text);
    } else if (m->kind == MOOT_TURN) {
        moot__buf_addf(&text, " told %s: %s", m->to_count > 0 ? m->to[0] : "",
                       moot__json_get_text(m->body, "nudge", ""));
    } else {
        moot__buf_adds(&text, m->kind == MOOT_QUESTION ? " asks: " : ": ");
        moot__fact_parts(m->body, &text);
        for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
            const char *more = moot__json_get_text(m->body, keys[i], "");
            moot__buf_addf(&text, "%s%s", i > 1 && more[0] != '\0' ? ": " : "", more);
        }
    }
    d->look->line(d->out, m->kind == MOOT_ERROR ? MOOT_DOC_BAD : MOOT_DOC_PLAIN,
                  moot__buf_text(&text));
    moot__buf_release(&text);
}

static void put_end(struct doc *d, const struct tr_chat *chat, const struct moot_message *m)
{
    struct moot_buf text;
    const char *outcome = moot__json_get_text(m->body, "outcome", "");
    const char *detail = moot__json_get_text(m->body, "detail", "");
    const char *stop = moot__json_get_text(m->body, "stop", "");
    bool done = strcmp(outcome, "done") == 0;
    moot__buf_init(&text, DOC_TEXT_MAX);
    if (chat != NULL) {
        moot__tr_chat_why(chat, m->body, &text);
        moot__buf_adds(&text, text.len > 0 ? "\n" : "");
        moot__tr_chat_outcome(chat->turns, stop, &text);
        moot__buf_adds(&text, " · ");
        add_took(&text, chat->tokens, -1, chat->cost);
    } else {
        moot__buf_addf(&text, "%s%s%s", outcome, detail[0] != '\0' ? ": " : "", detail);
    }
    bool heard = chat != NULL || !done || strchr(m->conv, '/') == NULL;
    if (heard)
        d->look->line(d->out, done ? MOOT_DOC_GOOD : MOOT_DOC_BAD, moot__buf_text(&text));
    moot__buf_release(&text);
}

static void put_message(struct doc *d, const struct moot_message *m)
{
    const struct tr_chat *chat = moot__tr_chat(d->walk, m->conv);
    switch ((int)m->kind) {
    case MOOT_MODEL_REPLY:
        put_reply(d, chat, m);
        break;
    case MOOT_MSG:
        if (chat != NULL)
            put_said(d, chat, m);
        else
            put_note(d, m);
        break;
    case MOOT_TOOL_RESULT:
        put_tool(d, m);
        break;
    case MOOT_VERDICT:
        put_verdict(d, m);
        break;
    case MOOT_TURN:
        if (moot__json_get(m->body, "nudge") != NULL)
            put_note(d, m);
        break;
    case MOOT_QUESTION:
    case MOOT_ANSWER:
    case MOOT_APPROVAL_REQUEST:
    case MOOT_APPROVAL:
    case MOOT_ERROR:
        put_note(d, m);
        break;
    case MOOT_END:
        put_end(d, chat, m);
        break;
    default:
        break;
    }
}

/* "email, attempt 2", "email, judge1", "conversation". */
static void add_title(const struct doc *d, const struct doc_conv *c, struct moot_buf *out)
{
    const struct moot_message *open = d->list[c->at[0]];
    const char *below = strchr(c->conv, '/');
    if (below == NULL) {
        moot__buf_adds(out, open->item != NULL ? open->item : c->conv);
        return;
    }
    const char *inner = strchr(below + 1, '/');
    const char *mark = strchr(below + 1, '#');
    moot__buf_adds(out, open->task != NULL ? open->task : below + 1);
    if (mark != NULL && strncmp(mark, "#1", 2) != 0)
        moot__buf_addf(out, ", attempt %.*s", (int)strcspn(mark + 1, "/"), mark + 1);
    if (inner != NULL)
        moot__buf_addf(out, ", %s", inner + 1);
}

static void put_conv(struct doc *d, const struct doc_conv *c)
{
    /* The floor goes round as it did. */
    struct moot_message *open = d->list[c->at[0]];
    moot__tr_chat_open(d->walk, open);
    for (size_t i = 1; i < c->count; i++) {
        const struct moot_message *m = d->list[c->at[i]];
        if (m->kind == MOOT_TURN)
            moot__tr_chat_turn(d->walk, m);
        if (m->kind == MOOT_MODEL_REPLY)
            moot__tr_chat_count(d->walk, m);
        moot__tr_chat_seen(d->walk, m);
        put_message(d, m);
        if (m->kind == MOOT_END)
            moot__tr_chat_drop(d->walk, m);
    }
}

/* Calls `each` for the conversations in the order of the document, with their level. */
static void for_convs(struct doc *d, void (*each)(struct doc *d, size_t i, int level))
{
    for (size_t i = 0; i < d->conv_count; i++) {
        if (d->convs[i].item != i)
            continue;
        each(d, i, 1);
        for (size_t k = 0; k < d->conv_count; k++)
            if (k != i && d->convs[k].item == i)
                each(d, k, 2);
    }
}

static void list_conv(struct doc *d, size_t i, int level)
{
    struct moot_buf title;
    moot__buf_init(&title, DOC_TEXT_MAX);
    add_title(d, &d->convs[i], &title);
    d->look->contents(d->out, level, i, moot__buf_text(&title));
    moot__buf_release(&title);
}

static void show_conv(struct doc *d, size_t i, int level)
{
    struct moot_buf title;
    moot__buf_init(&title, DOC_TEXT_MAX);
    add_title(d, &d->convs[i], &title);
    d->look->section(d->out, level, i, moot__buf_text(&title));
    moot__buf_release(&title);
    put_conv(d, &d->convs[i]);
}

/* Those that exit 0. */
static bool stopped_well(const char *stop)
{
    return strcmp(stop, "finished") == 0 || strcmp(stop, "terminated") == 0 ||
           strcmp(stop, "stopped") == 0;
}

static void put_head(struct doc *d)
{
    struct moot_transcript_facts f;
    struct moot_buf facts, stop;
    char run[10], when[32] = "";
    moot__transcript_facts(d->t, &f);
    moot__run_short(f.run, run);
    time_t seconds = (time_t)(f.began_at / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL)
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &parts);
    moot__buf_init(&facts, DOC_TEXT_MAX);
    moot__buf_init(&stop, DOC_TEXT_MAX);
    moot__buf_addf(&facts, "%s · ", f.process[0] != '\0' ? f.process : "sequential");
    moot__add_number_of(&facts, f.items, "item");
    moot__buf_addf(&facts, " · run %s · %s", run, when);
    bool stuck = strcmp(f.stop, "no_progress") == 0;
    moot__buf_addf(&stop, "%s · ", !f.closed ? "not closed" : stuck ? "no progress" : f.stop);
    if (f.rejected + f.failed > 0)
        moot__buf_addf(&stop, "%" PRId64 " rejected or failed · ", f.rejected + f.failed);
    if (f.waits > 0)
        moot__buf_addf(&stop, "%" PRId64 " waiting for a person · ", f.waits);
    moot__add_number_of(&stop, f.calls, "call");
    moot__buf_adds(&stop, " · ");
    add_took(&stop, f.tokens, f.run_ms, f.cost);
    bool good = f.closed && stopped_well(f.stop) && f.rejected + f.failed == 0;
    const struct moot_doc_head head = {.title = f.crew,
                                       .facts = moot__buf_text(&facts),
                                       .stop = moot__buf_text(&stop),
                                       .tone = good ? MOOT_DOC_GOOD : MOOT_DOC_BAD};
    d->look->begin(d->out, &head);
    moot__buf_release(&facts);
    moot__buf_release(&stop);
}

static void put_proof(struct doc *d)
{
    const struct moot_message *last = d->list[d->count - 1];
    char name[10];
    moot__run_short(last->run, name);
    struct moot_doc_proof proof = {
        .run = last->run, .name = name, .messages = (int64_t)d->count, .anchors = d->anchors};
    moot__hex(last->link, MOOT_HASH_SIZE, proof.link);
    d->look->end(d->out, &proof);
}

static void doc_release(struct doc *d)
{
    for (size_t i = 0; i < d->count; i++)
        moot__message_unref(d->list[i]);
    for (size_t i = 0; i < d->conv_count; i++)
        free(d->convs[i].at);
    free(d->list);
    free(d->convs);
    moot__map_release(&d->by_id, NULL);
    moot__map_release(&d->called, NULL);
    moot__map_release(&d->conv_at, NULL);
    moot__map_release(&d->inks, NULL);
    moot__transcript_free(d->t);
    moot__transcript_free(d->walk);
    moot__json_free(d->crew);
}

int moot__document_write(struct moot_book *book, const struct moot_doc_look *look,
                         struct moot_buf *out, struct moot_error *err)
{
    struct doc d = {.look = look, .out = out};
    const struct moot_transcript_options silent = {.look = MOOT_LOOK_NONE};
    moot__map_init(&d.by_id);
    moot__map_init(&d.called);
    moot__map_init(&d.conv_at);
    moot__map_init(&d.inks);
    d.t = moot__transcript_new(&silent);
    d.walk = moot__transcript_new(&silent);
    int status = d.t != NULL && d.walk != NULL ? moot__book_each(book, keep, &d, err) : MOOT_ENOMEM;
    if (status == MOOT_OK && book->journal != NULL)
        status = moot__journal_each_anchor(book->journal, count_anchor, &d, err);
    if (status == MOOT_OK && (d.count == 0 || d.list[0]->kind != MOOT_GENESIS))
        status = moot__fail(err, MOOT_EINCOMPLETE,
                            "%s does not begin with a genesis: nothing to "
                            "show",
                            book->path);
    if (status == MOOT_OK) {
        put_head(&d);
        for_convs(&d, list_conv);
        look->contents_end(out);
        for_convs(&d, show_conv);
        put_proof(&d);
        status = out->status;
    }
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    else if (status == MOOT_ETOOBIG)
        moot__fail(err, status, "the document is too big");
    doc_release(&d);
    return status;
}
