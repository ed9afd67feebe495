/* Stands in for a person in a conversation: it asks that person, by `human_input`, or replies by
 * itself: runs the code blocks of the newest message that has any, where it executes code; else
 * speaks by a model that has the goal; else says nothing.
 *
 *   always     asks at every turn: text is the reply; empty lets the automatic reply go on, and
 *              stops where the conversation is about to end; `exit` stops
 *   terminate  asks where the conversation is about to end, or when it has no automatic reply left:
 *              text goes on; empty stops in the first case and goes on in the second
 *   never      asks nobody
 *
 * A person's text gives all automatic replies back. */
#include "agents/agent.h"
#include "agents/prompt.h"
#include "agents/speaking.h"
#include "roles/blocks.h"
#include "roles/roles.h"

enum { HEARS, ASKS, THINKS, RUNS, STATES };

static const struct moot_sm_state table[STATES] = {
    [HEARS] = {.name = "hears",
               .flags = MOOT_SM_INITIAL,
               .next = 1 << ASKS | 1 << THINKS | 1 << RUNS},
    [ASKS] = {.name = "asks", .next = 1 << HEARS | 1 << THINKS | 1 << RUNS},
    [THINKS] = {.name = "thinks", .next = 1 << HEARS},
    [RUNS] = {.name = "runs", .next = 1 << HEARS},
};

struct user_proxy {
    struct moot_sm sm;
    struct moot_speaking speaking;
    struct moot_blocks blocks; /* of what was said since its last turn */
    int64_t auto_replies;      /* since its person spoke */
    bool ending;               /* the turn that it has: what was said last ends the conversation */
    bool at_limit;             /* … and it had no automatic reply left when it asked */
    uint32_t question;
};

static int init(struct moot_me *me, void **self)
{
    (void)me;
    struct user_proxy *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return MOOT_ENOMEM;
    moot__sm_init(&p->sm, "user_proxy", table, STATES, HEARS);
    moot__speaking_init(&p->speaking);
    moot__blocks_init(&p->blocks);
    *self = p;
    return MOOT_OK;
}

static const struct moot_agent_def *def_of(const struct moot_me *me)
{
    return me->persona->agent;
}

static bool has_model(const struct moot_me *me)
{
    return moot__prompt_goal(me->persona->crew, def_of(me)) != NULL ||
           def_of(me)->system_message != NULL;
}

/* ---- speaking ---- */

static int say(struct moot_me *me, struct user_proxy *p, const char *text, const char *by,
               const char *exit)
{
    if (p->sm.at != HEARS)
        moot__sm_move(&p->sm, HEARS);
    p->question = 0;
    return moot__speaking_say(me, &p->speaking, text, by, exit);
}

static int reply_by_itself(struct moot_me *me, struct user_proxy *p)
{
    p->auto_replies++;
    if (moot__blocks_any(&p->blocks)) {
        moot__sm_move(&p->sm, RUNS);
        return moot__blocks_begin(me, &p->blocks);
    }
    if (!has_model(me))
        return say(me, p, "", "auto", NULL);
    moot__sm_move(&p->sm, THINKS);
    return moot__speaking_think(me, &p->speaking);
}

/* ---- asking its person ---- */

static int ask(struct moot_me *me, struct user_proxy *p)
{
    const char *empty = p->ending ? "empty or exit: it ends" : "empty: the automatic reply";
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "%s, what do you say%s?  (%s%s)", me->agent,
                   p->ending     ? ", now that it would end"
                   : p->at_limit ? ", after so many automatic replies"
                                 : "",
                   empty, p->ending ? "" : "; exit: stop");
    int rc = body == NULL ? MOOT_ENOMEM : words.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "text", moot__buf_text(&words));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "seat", me->agent);
    if (rc == MOOT_OK && p->ending)
        rc = moot__json_set_bool(body, "ending", true);
    if (rc == MOOT_OK && !p->ending && p->at_limit)
        rc = moot__json_set_bool(body, "limit", true);
    moot__buf_release(&words);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__sm_move(&p->sm, ASKS);
    p->question = moot__ask(me, NULL, body);
    return me->fx->status;
}

/* The answer without the blanks around it; *len 0: nothing was said. */
static const char *trimmed(const char *text, size_t *len)
{
    text += strspn(text, " \t\r\n");
    *len = strlen(text);
    while (*len > 0 && strchr(" \t\r\n", text[*len - 1]) != NULL)
        (*len)--;
    return text;
}

static bool says_exit(const char *text, size_t len)
{
    static const char word[] = "exit";
    if (len != sizeof(word) - 1)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((text[i] | 0x20) != word[i])
            return false;
    return true;
}

static int on_answer(struct moot_me *me, struct user_proxy *p, const struct moot_json *body)
{
    const char *status = moot__json_get_text(body, "status", "ok");
    size_t len = 0;
    if (strcmp(status, "withdrawn") == 0) { /* a person spoke elsewhere meanwhile */
        moot__sm_move(&p->sm, HEARS);
        p->question = 0;
        return moot__speaking_failed(me, &p->speaking, "cancelled", "a person interrupted it");
    }
    const char *text =
        trimmed(strcmp(status, "ok") == 0 ? moot__json_get_text(body, "text", "") : "", &len);
    if (says_exit(text, len))
        return say(me, p, "", "person", p->ending ? "ending" : "person");
    if (len == 0)
        return p->ending ? say(me, p, "", "person", "ending") : reply_by_itself(me, p);
    char *words = moot__copy(text, len);
    if (words == NULL)
        return MOOT_ENOMEM;
    p->auto_replies = 0;
    int rc = say(me, p, words, "person", NULL);
    free(words);
    return rc;
}

/* ---- the floor ---- */

static int on_floor(struct moot_me *me, struct user_proxy *p, const struct moot_message *m)
{
    const struct moot_agent_def *def = def_of(me);
    p->ending = moot__json_get_bool(moot_message_json(m), "ending", false);
    p->at_limit = p->auto_replies >= def->max_auto_replies;
    if (def->human_input == MOOT_INPUT_ALWAYS ||
        (def->human_input == MOOT_INPUT_TERMINATE && (p->ending || p->at_limit)))
        return ask(me, p);
    if (p->at_limit)
        return say(me, p, "", "auto", "limit");
    return reply_by_itself(me, p);
}

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct user_proxy *p = self;
    enum moot_kind kind = moot_message_kind(m);
    if (kind == MOOT_OPEN)
        return moot__speaking_open(me, &p->speaking, m);
    if (kind == MOOT_ANSWER)
        return p->sm.at == ASKS && moot__answers(me, m, p->question)
                   ? on_answer(me, p, moot_message_json(m))
                   : MOOT_OK;
    if (kind == MOOT_TOOL_RESULT && p->sm.at == RUNS) {
        bool ended = false;
        int rc = moot__blocks_receive(me, &p->blocks, m, &ended);
        return rc == MOOT_OK && ended ? say(me, p, moot__buf_text(&p->blocks.report), "auto", NULL)
                                      : rc;
    }
    bool floor = false;
    int rc = moot__speaking_hear(me, &p->speaking, m, &floor);
    if (rc == MOOT_OK && kind == MOOT_MSG && def_of(me)->code_execution)
        rc = moot__blocks_note(&p->blocks, m);
    return rc == MOOT_OK && floor ? on_floor(me, p, m) : rc;
}

static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct user_proxy *p = self;
    moot__sm_move(&p->sm, HEARS);
    return moot__speaking_thought(me, &p->speaking, end);
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct user_proxy *p = self;
    moot__digest_int(d, p->sm.at);
    moot__digest_int(d, p->auto_replies);
    moot__digest_int(d, p->ending | p->at_limit << 1);
    moot__digest_int(d, p->question);
    moot__speaking_digest(&p->speaking, d);
    moot__blocks_digest(&p->blocks, d);
}

static void release(void *self)
{
    struct user_proxy *p = self;
    moot__speaking_release(&p->speaking);
    moot__blocks_release(&p->blocks);
    free(p);
}

MOOT_ROLE(moot__user_proxy, "user_proxy", 1, .init = init, .receive = receive, .thought = thought,
          .digest = digest, .release = release);
