/* The manager of the process `swarm`: whoever has the floor hands it on. Where it does not, the
 * crew's `on_no_handoff` says what becomes of it. */
#include "agents/agent.h"
#include "roles/roles.h"
#include "roles/talk.h"

enum {
    KEPT_MAX = 5,    /* turns that one may keep the floor for, one after the other */
    RETRIED_MAX = 2, /* times that one is asked again to hand it on */
};

static const char reminder[] = "You did not hand the conversation on. Call one of the transfer "
                               "tools, or finish if all is done.";

struct swarm {
    struct moot_talk talk;
    int64_t again; /* turns in a row without a handoff, by the same speaker */
};

static int init(struct moot_me *me, void **self)
{
    struct swarm *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return MOOT_ENOMEM;
    int rc = moot__talk_init(me, &s->talk);
    if (rc != MOOT_OK) {
        free(s);
        return rc;
    }
    *self = s;
    return MOOT_OK;
}

/* The crew's word, else its user proxy, else "stop". */
static const char *where_to(const struct moot_me *me, const struct moot_talk *t)
{
    const struct moot_crew_def *crew = me->persona->crew;
    if (crew->talk.on_no_handoff != NULL)
        return crew->talk.on_no_handoff;
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_agent_def *a = moot__def_agent(crew, t->members[i]);
        if (a != NULL && a->kind == MOOT_USER_PROXY_AGENT)
            return a->id;
    }
    return "stop";
}

static int give_named(struct moot_me *me, struct swarm *s, size_t member, const char *format)
{
    char why[MOOT_MAX_ID + 64];
    snprintf(why, sizeof(why), format, s->talk.members[s->talk.floor]);
    s->again = 0;
    return moot__talk_give(me, &s->talk, member, why);
}

/* Back to whom it came from; at the beginning there is nobody. */
static int give_back(struct moot_me *me, struct swarm *s, const char *format)
{
    struct moot_talk *t = &s->talk;
    char detail[MOOT_MAX_ID + 64];
    if (t->given_by < t->count && t->given_by != t->floor)
        return give_named(me, s, t->given_by, format);
    snprintf(detail, sizeof(detail), "%.64s handed over to nobody, and nobody had handed to it",
             t->members[t->floor]);
    return moot__talk_end(me, t, "finished", detail, NULL);
}

/* The same speaker once more, so many times. */
static int again(struct moot_me *me, struct swarm *s, int64_t most, const char *nudge)
{
    struct moot_talk *t = &s->talk;
    char text[MOOT_MAX_ID + 96];
    if (++s->again > most) {
        snprintf(text, sizeof(text), "%.64s spoke %lld times without handing over",
                 t->members[t->floor], (long long)s->again);
        return moot__talk_end(me, t, "no_progress", text, NULL);
    }
    if (nudge != NULL) {
        free(t->nudge);
        t->nudge = moot__copy(nudge, strlen(nudge));
        if (t->nudge == NULL)
            return MOOT_ENOMEM;
    }
    return moot__talk_give(me, t, t->floor,
                           nudge != NULL ? "asked again: no handoff" : "keeps the floor");
}

static int no_handoff(struct moot_me *me, struct swarm *s)
{
    struct moot_talk *t = &s->talk;
    const char *to = where_to(me, t);
    size_t member = moot__talk_member(t, to);
    /* Whom words without a handoff go to, answers whoever spoke to it; who begins, speaks to the
     * first of the others. */
    if (member == t->floor && t->given_by == t->count && t->count > 1)
        return give_named(me, s, member == 0 ? 1 : 0, "%.64s begins");
    if (member == t->floor)
        return give_back(me, s, "%.64s answers");
    if (member < t->count)
        return give_named(me, s, member, "no handoff by %.64s");
    if (strcmp(to, "keep") == 0)
        return again(me, s, KEPT_MAX - 1, NULL);
    if (strcmp(to, "return") == 0)
        return give_back(me, s, "back from %.64s");
    if (strcmp(to, "retry") == 0)
        return again(me, s, RETRIED_MAX, reminder);
    char detail[MOOT_MAX_ID + 64];
    snprintf(detail, sizeof(detail), "%.64s answered without handing over", t->members[t->floor]);
    return moot__talk_end(me, t, "finished", detail, NULL);
}

static int next(void *self, struct moot_me *me, const struct moot_said *said)
{
    struct swarm *s = self;
    struct moot_talk *t = &s->talk;
    if (said == NULL || t->floor == t->count)
        return moot__talk_give(me, t, moot__talk_start(me, t), "start");
    size_t to = moot__talk_member(t, said->handoff);
    if (to < t->count && to != t->floor)
        return give_named(me, s, to, "handed over by %.64s");
    return no_handoff(me, s);
}

static const struct moot_talk_ops ops = {.next = next};

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct swarm *s = self;
    return moot__talk_receive(self, me, &s->talk, &ops, m);
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct swarm *s = self;
    moot__talk_digest(&s->talk, d);
    moot__digest_int(d, s->again);
}

static void release(void *self)
{
    struct swarm *s = self;
    moot__talk_release(&s->talk);
    free(s);
}

MOOT_ROLE(moot__swarm, "swarm", 1, .init = init, .receive = receive, .digest = digest,
          .release = release);
