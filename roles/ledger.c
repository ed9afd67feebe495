/* The manager of the process `ledger` (after Magentic-One): its model writes down what is known and
 * a plan, and before every turn looks whether the goal is reached, whether anything moves, and who
 * does what next. Where nothing moves, it plans anew; where that does not help either, it ends. */
#include "agents/agent.h"
#include "roles/choosing.h"
#include "roles/roles.h"
#include "roles/speakers.h"
#include "runtime/utf8.h"

enum { TRIES_MAX = 3, PLANS_MAX = 3 };

/* What the model was asked for last. */
enum phase { NOTHING, FACTS, PLAN, LOOK, ANSWER };

struct ledger {
    struct moot_talk talk;
    struct moot_choosing choosing;
    enum phase phase;
    char *facts;
    int64_t stalls, plans;
    int tries;  /* of this look */
    bool tried; /* somebody has spoken since the plan was made */
};

static const char role[] =
    "You lead a conversation towards its goal. You keep a written ledger: the facts, a plan, and "
    "how far it has come. The others do the work; you tell them what to do.";

static const char facts_question[] =
    "Before anything is done, write down under four headings: what is given; what has to be looked "
    "up, and where; what has to be worked out; and educated guesses. Facts only, no plan.";

static const char new_facts_question[] =
    "The plan has come to a standstill. Write the facts anew: what was learned, what turned out to "
    "be wrong, and at least one new educated guess.";

static const char plan_question[] =
    "Now write a short plan as a list of steps, each with the name of who does it. Not everybody "
    "has to take part.";

static const char new_plan_question[] =
    "Say briefly what went wrong. Then write a new plan as a list of steps, each with the name of "
    "who does it, that avoids it.";

static const char answer_question[] =
    "The goal is reached. Write the final answer for whoever set it, whole and without remarks "
    "about how it came about.";

static const char look_question[] =
    "Look at the goal, the plan and what was said. Answer with one JSON object and nothing else:\n"
    "{\"done\": whether the goal is reached,\n"
    " \"progress\": whether the last turns brought something new,\n"
    " \"loop\": whether the same is being said or done again,\n"
    " \"next\": the name of who speaks next,\n"
    " \"instruction\": what that one is to do, in words addressed to it,\n"
    " \"reason\": why, in one sentence}";

static const char look_schema[] =
    "{\"type\":\"object\",\"properties\":{\"done\":{\"type\":\"boolean\"},\"progress\":{\"type\":"
    "\"boolean\"},\"loop\":{\"type\":\"boolean\"},\"next\":{\"type\":\"string\"},\"instruction\":{"
    "\"type\":\"string\"},\"reason\":{\"type\":\"string\"}},\"required\":[\"done\",\"progress\","
    "\"loop\",\"next\",\"instruction\",\"reason\"],\"additionalProperties\":false}";

static int init(struct moot_me *me, void **self)
{
    struct ledger *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return MOOT_ENOMEM;
    moot__choosing_init(&l->choosing);
    int rc = moot__talk_init(me, &l->talk);
    if (rc != MOOT_OK) {
        free(l);
        return rc;
    }
    *self = l;
    return MOOT_OK;
}

/* ---- asking ---- */

static int ask(struct moot_me *me, struct ledger *l, enum phase phase, const char *question)
{
    l->phase = phase;
    return moot__choosing_ask(me, &l->choosing, &l->talk, role, question,
                              phase == LOOK ? look_schema : NULL);
}

static int look(struct moot_me *me, struct ledger *l, const char *feedback)
{
    struct moot_buf question;
    moot__buf_init(&question, MOOT_MAX_BODY);
    if (feedback != NULL)
        moot__buf_addf(&question, "%s\n", feedback);
    moot__buf_adds(&question, look_question);
    int rc = question.status;
    l->tries++;
    if (rc == MOOT_OK)
        rc = ask(me, l, LOOK, moot__buf_text(&question));
    moot__buf_release(&question);
    return rc;
}

static int on_plan(struct moot_me *me, struct ledger *l, const char *plan)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_addf(&text, "What is known:\n\n%s\n\nThe plan:\n\n%s", l->facts, plan);
    int rc = text.status;
    if (rc == MOOT_OK)
        rc = moot__choosing_say(me, moot__buf_text(&text));
    moot__buf_release(&text);
    l->plans++;
    l->tried = false;
    l->stalls = 0;
    l->tries = 0;
    return rc == MOOT_OK ? look(me, l, NULL) : rc;
}

/* ---- what a look came to ---- */

/* The JSON object in a reply, whatever stands around it; *out NULL: there is none. */
static int read_look(const char *text, struct moot_json **out)
{
    const char *from = strchr(text, '{'), *to = strrchr(text, '}');
    *out = NULL;
    if (from == NULL || to == NULL || to < from)
        return MOOT_OK;
    int rc = moot__json_parse(from, (size_t)(to - from) + 1, out, NULL);
    return rc == MOOT_ENOMEM ? rc : MOOT_OK;
}

/* Everybody may speak in a ledger. */
static size_t named(const struct moot_talk *t, const struct moot_json *answer)
{
    bool all[64];
    size_t which = t->count;
    for (size_t i = 0; i < MOOT_COUNT(all); i++)
        all[i] = true;
    if (t->count > MOOT_COUNT(all))
        return moot__talk_member(t, moot__json_get_text(answer, "next", ""));
    enum moot_speaker_read read = moot__speaker_read(moot__json_get_text(answer, "next", ""),
                                                     t->members, t->count, all, &which);
    return read == MOOT_SPEAKER_FOUND ? which : t->count;
}

static int give(struct moot_me *me, struct ledger *l, size_t member, const char *instruction,
                const char *why)
{
    struct moot_talk *t = &l->talk;
    size_t wanted = moot__talk_member(t, t->wanted);
    free(t->wanted);
    t->wanted = NULL;
    l->phase = NOTHING;
    if (wanted < t->count)
        return moot__talk_give(me, t, wanted, "a person spoke to it");
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_addf(&text, "%s: %s", t->members[member], instruction);
    int rc = text.status;
    if (rc == MOOT_OK && instruction[0] != '\0')
        rc = moot__choosing_say(me, moot__buf_text(&text));
    moot__buf_release(&text);
    return rc == MOOT_OK ? moot__talk_give(me, t, member, why) : rc;
}

static int plan_anew(struct moot_me *me, struct ledger *l)
{
    char detail[64];
    if (l->plans < PLANS_MAX)
        return ask(me, l, FACTS, new_facts_question);
    snprintf(detail, sizeof(detail), "%lld plans came to a standstill", (long long)l->plans);
    return moot__talk_end(me, &l->talk, "no_progress", detail, NULL);
}

static int on_look(struct moot_me *me, struct ledger *l, const struct moot_json *answer)
{
    struct moot_talk *t = &l->talk;
    char why[256];
    size_t next = named(t, answer);
    if (moot__json_get_bool(answer, "done", false))
        return ask(me, l, ANSWER, answer_question);
    bool moves = moot__json_get_bool(answer, "progress", true) &&
                 !moot__json_get_bool(answer, "loop", false);
    if (next == t->count && l->tries < TRIES_MAX)
        return look(me, l,
                    answer == NULL ? "That was no JSON object."
                                   : "'next' names nobody who takes part, or more than one.");
    /* Before anybody has worked by the plan, it cannot have come to a standstill. */
    if (l->tried)
        l->stalls = !moves || next == t->count ? l->stalls + 1 : l->stalls > 0 ? l->stalls - 1 : 0;
    if (l->stalls >= me->persona->crew->talk.max_stalls)
        return plan_anew(me, l);
    if (next == t->count)
        return give(me, l, t->floor < t->count ? (t->floor + 1) % t->count : 0, "",
                    "round robin: the ledger named nobody");
    const char *reason = moot__json_get_text(answer, "reason", "");
    size_t shown = strlen(reason) < 200 ? strlen(reason) : moot__utf8_cut(reason, 200);
    snprintf(why, sizeof(why), "ledger: %.*s", (int)shown, reason);
    return give(me, l, next, moot__json_get_text(answer, "instruction", ""), why);
}

static int on_reply(struct moot_me *me, struct ledger *l, const char *text)
{
    struct moot_json *answer = NULL;
    switch (l->phase) {
    case FACTS:
        free(l->facts);
        l->facts = moot__copy(text, strlen(text));
        if (l->facts == NULL)
            return MOOT_ENOMEM;
        return ask(me, l, PLAN, l->plans == 0 ? plan_question : new_plan_question);
    case PLAN:
        return on_plan(me, l, text);
    case ANSWER:
        return moot__talk_end(me, &l->talk, "finished", "the manager", text);
    case LOOK: {
        int rc = read_look(text, &answer);
        if (rc == MOOT_OK)
            rc = on_look(me, l, answer);
        moot__json_free(answer);
        return rc;
    }
    case NOTHING:
        break;
    }
    return MOOT_OK;
}

static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct ledger *l = self;
    if (end->end == MOOT_THOUGHT_REPLY)
        return on_reply(me, l, end->text);
    const char *stop = strcmp(end->status, "limit") == 0    ? "limit"
                       : end->end == MOOT_THOUGHT_CANCELLED ? "stopped"
                                                            : "failed";
    return moot__talk_end(me, &l->talk, stop, end->detail, NULL);
}

static int next(void *self, struct moot_me *me, const struct moot_said *said)
{
    struct ledger *l = self;
    l->tries = 0;
    l->tried = true;
    return said == NULL ? ask(me, l, FACTS, facts_question) : look(me, l, NULL);
}

static const struct moot_talk_ops ops = {.next = next};

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct ledger *l = self;
    int rc = moot__choosing_hear(me, &l->choosing, m);
    return rc == MOOT_OK ? moot__talk_receive(self, me, &l->talk, &ops, m) : rc;
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct ledger *l = self;
    moot__talk_digest(&l->talk, d);
    moot__choosing_digest(&l->choosing, d);
    moot__digest_int(d, l->phase);
    moot__digest_text(d, l->facts);
    moot__digest_int(d, l->stalls);
    moot__digest_int(d, l->plans);
    moot__digest_int(d, l->tries);
    moot__digest_int(d, l->tried);
}

static void release(void *self)
{
    struct ledger *l = self;
    free(l->facts);
    moot__choosing_release(&l->choosing);
    moot__talk_release(&l->talk);
    free(l);
}

MOOT_ROLE(moot__ledger, "ledger", 1, .init = init, .receive = receive, .thought = thought,
          .digest = digest, .release = release);
