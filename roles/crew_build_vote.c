/* How tasks are agreed on: the crew's settings with each task's own laid over them. */
#include "roles/crew_build.h"

#include "roles/crew_load.h"
#include "runtime/votes.h"

static bool is_word(const struct moot_json *value, const char *word)
{
    return moot__json_text(value) != NULL && strcmp(moot__json_text(value), word) == 0;
}

/* Which of the words, separated by spaces, it is; 0 where it is none. */
static int place_of(const char *word, const char *words)
{
    int place = 0;
    for (const char *at = words; *at != '\0'; place++) {
        size_t len = strcspn(at, " ");
        if (strlen(word) == len && memcmp(at, word, len) == 0)
            return place;
        at += len + (at[len] == ' ');
    }
    return 0;
}

static const char *text_of(const struct moot_json *settings, const char *key, const char *absent)
{
    return moot__json_get_text(settings, key, absent);
}

/* The ids named, or all agents that may: who proposes works, so it is no judge. NULL: out of
 * memory. */
static char **agents_of(const struct moot_json *named, const struct moot_crew_def *crew, bool work)
{
    char **ids = NULL;
    if (moot__json_is(named, MOOT_JSON_ARRAY))
        return moot__build_words(named, &ids) == MOOT_OK ? ids : NULL;
    size_t count = 0;
    ids = calloc(crew->agent_count + 1, sizeof(*ids));
    for (size_t i = 0; ids != NULL && i < crew->agent_count; i++) {
        const struct moot_agent_def *a = &crew->agents[i];
        if (a->kind == MOOT_USER_PROXY_AGENT || (work && a->kind == MOOT_JUDGE_AGENT))
            continue;
        ids[count] = strdup(a->id);
        if (ids[count++] != NULL)
            continue;
        moot__words_free(ids);
        return NULL;
    }
    return ids;
}

static int64_t *weights_of(const struct moot_json *weights, char *const *voters)
{
    size_t count = 0;
    while (voters[count] != NULL)
        count++;
    int64_t *list = calloc(count + 1, sizeof(*list));
    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = moot__json_get_int(weights, voters[i], 1);
    return list;
}

static enum moot_decider decider(const char *word)
{
    return strcmp(word, "chair") == 0  ? MOOT_DECIDER_CHAIR
           : strcmp(word, "ask") == 0  ? MOOT_DECIDER_ASK
           : strcmp(word, "fail") == 0 ? MOOT_DECIDER_FAIL
                                       : MOOT_DECIDER_SEED;
}

/* At the gate one objection blocks; grades are counted by their median. */
static void settle_mode(struct moot_vote_def *v, const char *decide)
{
    v->decide = (enum moot_decide)place_of(decide, "answer plan handler gate");
    if (strcmp(decide, "rubric") == 0)
        v->rule = MOOT_VOTE_MEDIAN;
    if (v->decide == MOOT_DECIDE_GATE)
        v->rule = MOOT_VOTE_APPROVAL;
}

int moot__build_vote(const struct moot_json *s, const char *author,
                     const struct moot_crew_def *crew, struct moot_vote_def **out)
{
    struct moot_vote_def *v = calloc(1, sizeof(*v));
    if (v == NULL)
        return MOOT_ENOMEM;
    *out = v;
    v->rule = MOOT_VOTE_APPROVAL;
    moot__vote_rule(text_of(s, "rule", NULL), &v->rule);
    settle_mode(v, text_of(s, "decide", "answer"));
    bool gate = v->decide == MOOT_DECIDE_GATE;
    v->quorum = strdup(text_of(s, "quorum", "2/3"));
    v->threshold = strdup(gate ? MOOT_VOTES_NO_OBJECTION : text_of(s, "threshold", "1/2"));
    v->max_rounds = moot__json_get_int(s, "max_rounds", 2);
    v->critique = (enum moot_critique)place_of(text_of(s, "critique", "auto"), "never auto always");
    v->tie_break = decider(text_of(s, "tie_break", "seed"));
    v->on_no_consensus = decider(text_of(s, "on_no_consensus", "best"));
    v->candidate_cap = moot__json_get_int(s, "candidate_cap", 6000);
    int rc = moot__build_text(s, "candidates", &v->candidates);
    rc |= moot__build_text(s, "chair", &v->chair);
    v->voters = agents_of(moot__json_get(s, "voters"), crew, false);
    v->proposers = agents_of(moot__json_get(s, "proposers"), crew, true);
    v->weights = v->voters != NULL ? weights_of(moot__json_get(s, "weights"), v->voters) : NULL;
    if (rc != MOOT_OK || v->quorum == NULL || v->threshold == NULL || v->voters == NULL ||
        v->proposers == NULL || v->weights == NULL)
        return MOOT_ENOMEM;
    /* The author, if the task names one, else the first who may. */
    for (size_t i = 0; gate && v->proposers[i] != NULL; i++) {
        if (i > 0 || author != NULL) {
            free(v->proposers[i]);
            v->proposers[i] = i == 0 ? strdup(author) : NULL;
        }
        if (i == 0 && v->proposers[0] == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

void moot__build_vote_release(struct moot_vote_def *v)
{
    if (v == NULL)
        return;
    free(v->candidates);
    free(v->quorum);
    free(v->threshold);
    free(v->chair);
    free(v->weights);
    moot__words_free(v->voters);
    moot__words_free(v->proposers);
    free(v);
}

/* ---- of a crew ---- */

bool moot__crew_agrees(const struct moot_json *resolved, const struct moot_json *task)
{
    const struct moot_json *own = moot__json_get(task, "consensual");
    bool works = moot__json_get(task, "prompt") != NULL || moot__json_get(task, "steps") != NULL;
    bool given = moot__json_get(own, "candidates") != NULL;
    return is_word(moot__json_get(resolved, "process"), "consensual") && (works || given) &&
           !is_word(own, "off") && !is_word(own, "false");
}

struct moot_json *moot__crew_vote_settings(const struct moot_json *resolved,
                                           const struct moot_json *task)
{
    const struct moot_json *crews = moot__json_get(resolved, "consensual");
    struct moot_json *all = moot__json_is(crews, MOOT_JSON_OBJECT)
                                ? moot__json_copy(crews)
                                : moot__json_new(MOOT_JSON_OBJECT);
    const struct moot_json *own = moot__json_get(task, "consensual");
    const struct moot_json *m = moot__json_is(own, MOOT_JSON_OBJECT) ? moot__json_first(own) : NULL;
    for (; all != NULL && m != NULL; m = moot__json_next(m)) {
        if (moot__json_set(all, moot__json_key(m), moot__json_copy(m)) == MOOT_OK)
            continue;
        moot__json_free(all);
        return NULL;
    }
    return all;
}

int moot__build_votes(const struct moot_json *resolved, struct moot_crew_def *def,
                      struct moot_error *err)
{
    int rc = MOOT_OK;
    for (size_t i = 0; i < def->task_count && rc == MOOT_OK; i++) {
        struct moot_task_def *t = &def->tasks[i];
        const struct moot_json *entry = moot__crew_entry(resolved, "tasks", t->id);
        if (!moot__crew_agrees(resolved, entry))
            continue;
        struct moot_json *settings = moot__crew_vote_settings(resolved, entry);
        char *manager = strdup(def->process);
        rc = settings != NULL && manager != NULL
                 ? moot__build_vote(settings, moot__json_get_text(entry, "agent", NULL), def,
                                    &t->vote)
                 : MOOT_ENOMEM;
        moot__json_free(settings);
        free(t->agent);
        t->agent = manager;
    }
    return rc == MOOT_OK ? MOOT_OK : moot__fail(err, rc, "out of memory");
}
