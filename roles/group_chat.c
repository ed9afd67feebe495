/* The manager of the process `group_chat`: one chosen speaker at a time. Whoever is chosen, and by
 * whatever method, comes from those whom transitions allow. */
#include "agents/agent.h"
#include "agents/fence.h"
#include "roles/choosing.h"
#include "roles/roles.h"
#include "roles/speakers.h"

enum { TRIES_MAX = 3 };

struct group_chat {
    struct moot_talk talk;
    struct moot_choosing choosing;
    bool *allowed;     /* who may speak next, while it is being chosen */
    int tries;         /* questions for this choice so far, of a model or a person */
    uint32_t question; /* count of the one a person is asked; 0: none */
};

static const struct moot_speakers_def *rules_of(const struct moot_me *me)
{
    return me->persona->crew->talk.speakers;
}

static int init(struct moot_me *me, void **self)
{
    struct group_chat *g = calloc(1, sizeof(*g));
    if (g == NULL)
        return MOOT_ENOMEM;
    moot__choosing_init(&g->choosing);
    int rc = moot__talk_init(me, &g->talk);
    if (rc != MOOT_OK) {
        free(g);
        return rc;
    }
    *self = g;
    return MOOT_OK;
}

static int give(struct moot_me *me, struct group_chat *g, size_t member, const char *why)
{
    struct moot_talk *t = &g->talk;
    /* A person may have spoken to somebody while it was being chosen. */
    size_t wanted = moot__talk_member(t, t->wanted);
    free(t->wanted);
    t->wanted = NULL;
    g->tries = 0;
    g->question = 0;
    if (wanted < t->count)
        return moot__talk_give(me, t, wanted, "a person spoke to it");
    return moot__talk_give(me, t, member, why);
}

static int choose(struct moot_me *me, struct group_chat *g, enum moot_next_speaker method,
                  const char *before);

/* ---- by a model ---- */

static const char role[] = "You lead a conversation: after each message you say who speaks next. "
                           "Choose whom the next step of the work needs.";

static int ask_model(struct moot_me *me, struct group_chat *g, const char *feedback)
{
    struct moot_talk *t = &g->talk;
    const struct moot_speakers_def *def = rules_of(me);
    struct moot_buf question;
    moot__buf_init(&question, MOOT_MAX_BODY);
    if (feedback != NULL)
        moot__buf_addf(&question, "%s ", feedback);
    moot__buf_adds(&question, "Who speaks next? One of these:\n");
    moot__choosing_members(me, t, g->allowed, &question);
    moot__buf_adds(&question, "Answer with {\"next\": \"NAME\"} and nothing else.");
    const char *schema =
        def->schemas != NULL && def->schema_count == t->count + 1 ? def->schemas[t->floor] : NULL;
    g->tries++;
    int rc = question.status;
    if (rc == MOOT_OK)
        rc = moot__choosing_ask(me, &g->choosing, t, role, moot__buf_text(&question), schema);
    moot__buf_release(&question);
    return rc;
}

/* Why an answer is none, for the one who gave it. */
static void misread(const struct moot_talk *t, enum moot_speaker_read read, size_t which,
                    char out[256])
{
    if (read == MOOT_SPEAKER_FORBIDDEN)
        snprintf(out, 256, "%.64s may not speak now.", t->members[which]);
    else if (read == MOOT_SPEAKER_SEVERAL)
        snprintf(out, 256, "That names more than one.");
    else
        snprintf(out, 256, "That names nobody who takes part.");
}

static int on_named(struct moot_me *me, struct group_chat *g, const char *text)
{
    struct moot_talk *t = &g->talk;
    char why[256];
    size_t which = t->count;
    enum moot_speaker_read read =
        moot__speaker_read(text, t->members, t->count, g->allowed, &which);
    bool person = g->question != 0;
    if (read == MOOT_SPEAKER_FOUND) {
        snprintf(why, sizeof(why), "%s: %.64s", person ? "a person chose" : "asked",
                 t->members[which]);
        return give(me, g, which, why);
    }
    misread(t, read, which, why);
    if (g->tries < TRIES_MAX && !person)
        return ask_model(me, g, why);
    if (g->tries < TRIES_MAX)
        return choose(me, g, MOOT_SPEAKER_MANUAL, why);
    enum moot_next_speaker fallback = rules_of(me)->fallback;
    if (person && fallback == MOOT_SPEAKER_MANUAL)
        fallback = MOOT_SPEAKER_ROUND_ROBIN;
    g->tries = 0;
    return choose(me, g, fallback, "nobody was named who may speak");
}

static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct group_chat *g = self;
    char why[256];
    if (end->end == MOOT_THOUGHT_REPLY)
        return on_named(me, g, end->text);
    if (strcmp(end->status, "limit") == 0)
        return moot__talk_end(me, &g->talk, "limit", end->detail, NULL);
    if (end->end == MOOT_THOUGHT_CANCELLED)
        return moot__talk_end(me, &g->talk, "stopped", end->detail, NULL);
    snprintf(why, sizeof(why), "the manager's model failed: %.160s", end->detail);
    g->tries = 0;
    return choose(me, g, rules_of(me)->fallback, why);
}

/* ---- by a person ---- */

static int ask_person(struct moot_me *me, struct group_chat *g, const char *feedback)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *choices = moot__json_new(MOOT_JSON_ARRAY);
    char text[320];
    snprintf(text, sizeof(text), "%s%sWho speaks next?", feedback != NULL ? feedback : "",
             feedback != NULL ? " " : "");
    int rc =
        body == NULL || choices == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "text", text);
    for (size_t i = 0; i < g->talk.count && rc == MOOT_OK; i++)
        if (g->allowed[i])
            rc = moot__json_add(choices, moot__json_new_text(g->talk.members[i]));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "choices", choices);
    else
        moot__json_free(choices);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    g->tries++;
    g->question = moot__ask(me, NULL, body);
    return me->fx->status;
}

static int on_answer(struct moot_me *me, struct group_chat *g, const struct moot_json *body)
{
    const char *decision = moot__json_get_text(body, "decision", "");
    const char *text = moot__json_get_text(body, "text", decision);
    return on_named(me, g, text[0] != '\0' ? text : decision);
}

/* ---- choosing ---- */

static int by_rules(struct moot_me *me, struct group_chat *g)
{
    struct moot_talk *t = &g->talk;
    const struct moot_speakers_def *def = rules_of(me);
    struct moot_error err = {0};
    char why[256];
    size_t rule = 0;
    int rc = moot__speakers_rule(def, t->scope, t->members, t->count, g->allowed, &rule, &err);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK)
        return moot__talk_end(me, t, "failed", err.message, NULL);
    if (rule == def->rule_count)
        return choose(me, g, def->otherwise, "no rule holds");
    snprintf(why, sizeof(why), "rule: %.200s", def->rules[rule].source);
    return give(me, g, moot__talk_member(t, def->rules[rule].to), why);
}

/* `before`: why this method, or NULL; it stands before its name. */
static int choose(struct moot_me *me, struct group_chat *g, enum moot_next_speaker method,
                  const char *before)
{
    struct moot_talk *t = &g->talk;
    char why[256];
    snprintf(why, sizeof(why), "%.200s%s%s", before != NULL ? before : "",
             before != NULL ? ": " : "", method == MOOT_SPEAKER_RANDOM ? "drawn" : "round robin");
    switch (method) {
    case MOOT_SPEAKER_ROUND_ROBIN:
        return give(me, g, moot__speakers_round_robin(t->count, t->floor, g->allowed), why);
    case MOOT_SPEAKER_RANDOM:
        return give(me, g, moot__speakers_random(t->seed, me->conv, t->turns, t->count, g->allowed),
                    why);
    case MOOT_SPEAKER_MANUAL:
        return ask_person(me, g, before);
    case MOOT_SPEAKER_RULES:
        return by_rules(me, g);
    case MOOT_SPEAKER_AUTO:
        break;
    }
    return ask_model(me, g, NULL);
}

static int begin(struct moot_me *me, struct group_chat *g)
{
    struct moot_talk *t = &g->talk;
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    int rc = MOOT_OK;
    if (rules_of(me)->introductions) {
        moot__buf_adds(&text, "Those who take part:\n");
        rc = moot__choosing_members(me, t, NULL, &text);
        if (rc == MOOT_OK)
            rc = moot__choosing_say(me, moot__buf_text(&text));
    }
    moot__buf_release(&text);
    return rc == MOOT_OK ? give(me, g, moot__talk_start(me, t), "start") : rc;
}

/* Code that was said goes to the one allowed member that runs code, whatever the method: *who is
 * their count where there is none, or no code. */
static int code_runner(const struct moot_me *me, const struct group_chat *g, const char *text,
                       size_t *who)
{
    const struct moot_talk *t = &g->talk;
    struct moot_fences fences = {0};
    *who = t->count;
    int rc = moot__fences_read(text, &fences);
    bool any = false;
    for (size_t i = 0; rc == MOOT_OK && i < fences.count; i++)
        any = any || fences.list[i].runs_as != NULL;
    moot__fences_release(&fences);
    for (size_t i = 0; any && i < t->count && *who == t->count; i++) {
        const struct moot_agent_def *a = moot__def_agent(me->persona->crew, t->members[i]);
        if (g->allowed[i] && i != t->floor && a != NULL && a->code_execution)
            *who = i;
    }
    return rc;
}

static int next(void *self, struct moot_me *me, const struct moot_said *said)
{
    struct group_chat *g = self;
    struct moot_talk *t = &g->talk;
    if (t->floor == t->count)
        return begin(me, g);
    if (g->allowed == NULL)
        g->allowed = calloc(t->count, sizeof(*g->allowed));
    if (g->allowed == NULL)
        return MOOT_ENOMEM;
    size_t count = moot__speakers_allowed(rules_of(me), t->members, t->count, t->floor, g->allowed);
    g->tries = 0;
    if (count == 0) {
        char detail[MOOT_MAX_ID + 64];
        snprintf(detail, sizeof(detail), "nobody may speak after %.64s", t->members[t->floor]);
        return moot__talk_end(me, t, "failed", detail, NULL);
    }
    if (count == 1)
        return give(me, g, moot__speakers_round_robin(t->count, t->floor, g->allowed),
                    "only one may");
    size_t runner = t->count;
    int rc = said == NULL ? MOOT_OK : code_runner(me, g, said->text, &runner);
    if (rc != MOOT_OK)
        return rc;
    return runner < t->count ? give(me, g, runner, "code to run")
                             : choose(me, g, rules_of(me)->method, NULL);
}

static const struct moot_talk_ops ops = {.next = next};

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct group_chat *g = self;
    if (moot_message_kind(m) == MOOT_ANSWER && g->question != 0 &&
        moot__answers(me, m, g->question))
        return on_answer(me, g, moot_message_json(m));
    int rc = moot__choosing_hear(me, &g->choosing, m);
    return rc == MOOT_OK ? moot__talk_receive(self, me, &g->talk, &ops, m) : rc;
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct group_chat *g = self;
    moot__talk_digest(&g->talk, d);
    moot__choosing_digest(&g->choosing, d);
    moot__digest_int(d, g->tries);
    moot__digest_int(d, g->question);
    for (size_t i = 0; g->allowed != NULL && i < g->talk.count; i++)
        moot__digest_int(d, g->allowed[i]);
}

static void release(void *self)
{
    struct group_chat *g = self;
    free(g->allowed);
    moot__choosing_release(&g->choosing);
    moot__talk_release(&g->talk);
    free(g);
}

MOOT_ROLE(moot__group_chat, "group_chat", 1, .init = init, .receive = receive, .thought = thought,
          .digest = digest, .release = release);
