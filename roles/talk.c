#include "roles/talk.h"

#include "roles/task_input.h"
#include "runtime/template.h"

enum { IDLE, CHOOSES, LISTENS, SUMS, ENDED, STATES };

static const struct moot_sm_state table[STATES] = {
    [IDLE] = {.name = "idle", .flags = MOOT_SM_INITIAL, .next = 1 << CHOOSES},
    [CHOOSES] = {.name = "chooses", .next = 1 << LISTENS | 1 << SUMS | 1 << ENDED},
    [LISTENS] = {.name = "listens", .next = 1 << CHOOSES | 1 << SUMS | 1 << ENDED},
    [SUMS] = {.name = "sums", .next = 1 << ENDED},
    [ENDED] = {.name = "ended", .flags = MOOT_SM_FINAL},
};

enum { TIMES_MAX = 16 };

static const struct moot_talk_def *settings(const struct moot_me *me)
{
    return &me->persona->crew->talk;
}

int moot__talk_init(struct moot_me *me, struct moot_talk *t)
{
    memset(t, 0, sizeof(*t));
    moot__sm_init(&t->sm, "talk", table, STATES, IDLE);
    int rc = moot__progress_init(&t->progress);
    if (rc == MOOT_OK)
        rc = moot__termination_init(&t->termination, settings(me)->termination);
    if (rc != MOOT_OK)
        moot__talk_release(t);
    return rc;
}

void moot__talk_release(struct moot_talk *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->members[i]);
    free(t->members);
    moot__json_free(t->scope);
    free(t->wanted);
    free(t->nudge);
    free(t->ending);
    free(t->answer);
    free(t->last);
    moot__termination_release(&t->termination);
    moot__progress_release(&t->progress);
    moot__json_free(t->pending);
    memset(t, 0, sizeof(*t));
}

void moot__talk_digest(const struct moot_talk *t, const struct moot_digest *d)
{
    moot__digest_int(d, t->sm.at);
    for (size_t i = 0; i < t->count; i++)
        moot__digest_text(d, t->members[i]);
    moot__digest_json(d, t->scope);
    moot__digest_int(d, t->seed);
    moot__digest_int(d, t->pair);
    moot__digest_int(d, t->most);
    moot__digest_int(d, t->turns);
    moot__digest_int(d, (int64_t)t->floor);
    moot__digest_int(d, (int64_t)t->given_by);
    moot__digest_int(d, t->opening_n);
    moot__digest_int(d, t->turn_n);
    moot__digest_text(d, t->wanted);
    moot__digest_int(d, t->cut_off);
    moot__digest_text(d, t->nudge);
    moot__digest_text(d, t->ending);
    moot__digest_text(d, t->answer);
    moot__digest_text(d, t->last);
    moot__termination_digest(&t->termination, d);
    moot__progress_digest(&t->progress, d);
    moot__digest_json(d, t->pending);
}

size_t moot__talk_member(const struct moot_talk *t, const char *id)
{
    size_t i = 0;
    while (i < t->count && (id == NULL || strcmp(t->members[i], id) != 0))
        i++;
    return i;
}

static const struct moot_agent_def *def_of(const struct moot_me *me, const struct moot_talk *t,
                                           size_t member)
{
    return member < t->count ? moot__def_agent(me->persona->crew, t->members[member]) : NULL;
}

static bool is_proxy(const struct moot_me *me, const struct moot_talk *t, size_t member)
{
    const struct moot_agent_def *def = def_of(me, t, member);
    return def != NULL && def->kind == MOOT_USER_PROXY_AGENT;
}

size_t moot__talk_start(const struct moot_me *me, const struct moot_talk *t)
{
    size_t start = moot__talk_member(t, settings(me)->start);
    for (size_t i = 0; i < t->count && start == t->count; i++)
        if (is_proxy(me, t, i))
            start = i;
    return start < t->count ? start : 0;
}

static int keep(char **place, const char *text)
{
    char *copy = moot__copy(text, strlen(text));
    if (copy == NULL)
        return MOOT_ENOMEM;
    free(*place);
    *place = copy;
    return MOOT_OK;
}

/* ---- the end ---- */

static int end_body(struct moot_talk *t, const char *stop, const char *detail, const char *result,
                    struct moot_json *body)
{
    bool well = strcmp(stop, "finished") == 0 || strcmp(stop, "terminated") == 0 ||
                strcmp(stop, "stopped") == 0;
    const char *answer = result != NULL ? result : t->answer != NULL ? t->answer : t->last;
    int rc = moot__json_set_text(body, "outcome", well ? "done" : "failed");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", stop);
    if (rc == MOOT_OK && detail != NULL)
        rc = moot__json_set_text(body, "detail", detail);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(body, "turns", t->turns);
    if (rc != MOOT_OK || answer == NULL)
        return rc;
    struct moot_json *value = moot__json_new(MOOT_JSON_OBJECT);
    rc = value == NULL ? MOOT_ENOMEM : moot__json_set_text(value, "text", answer);
    if (rc == MOOT_OK)
        return moot__json_set(body, "result", value);
    moot__json_free(value);
    return rc;
}

/* Of what went well, if the crew wants one and anything was said. */
static bool wants_summary(const struct moot_me *me, const struct moot_talk *t, const char *stop)
{
    return settings(me)->reflect && t->ops != NULL && t->ops->sum != NULL && t->turns > 0 &&
           (strcmp(stop, "finished") == 0 || strcmp(stop, "terminated") == 0);
}

int moot__talk_end(struct moot_me *me, struct moot_talk *t, const char *stop, const char *detail,
                   const char *result)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : end_body(t, stop, detail, result, body);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    if (wants_summary(me, t, stop)) {
        moot__sm_move(&t->sm, SUMS);
        t->pending = body;
        return t->ops->sum(t->self, me);
    }
    moot__sm_move(&t->sm, ENDED);
    moot__finish(me, body);
    return me->fx->status;
}

int moot__talk_summed(struct moot_me *me, struct moot_talk *t, const char *summary)
{
    MOOT_ASSERT(t->sm.at == SUMS);
    struct moot_json *body = t->pending;
    t->pending = NULL;
    int rc = summary == NULL ? MOOT_OK : moot__json_set_text(body, "summary", summary);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__sm_move(&t->sm, ENDED);
    moot__finish(me, body);
    return me->fx->status;
}

static int end_worded(struct moot_me *me, struct moot_talk *t, const char *stop, const char *format,
                      const char *word)
{
    char detail[MOOT_MAX_ID + 256];
    snprintf(detail, sizeof(detail), format, word);
    return moot__talk_end(me, t, stop, detail, NULL);
}

/* ---- the floor ---- */

int moot__talk_give(struct moot_me *me, struct moot_talk *t, size_t member, const char *why)
{
    MOOT_ASSERT(member < t->count);
    int64_t most = me->persona->crew->limits.turns;
    if (t->most > 0 && t->turns >= t->most) {
        char enough[64];
        snprintf(enough, sizeof(enough), "turns: %lld", (long long)t->most);
        return moot__talk_end(me, t, "terminated", enough, NULL);
    }
    if (most > 0 && t->turns >= most) {
        char detail[64];
        snprintf(detail, sizeof(detail), "turns: %lld", (long long)most);
        return moot__talk_end(me, t, "limit", detail, NULL);
    }
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "why", why);
    if (rc == MOOT_OK && t->ending != NULL)
        rc = moot__json_set_bool(body, "ending", true);
    if (rc == MOOT_OK && t->nudge != NULL)
        rc = moot__json_set_text(body, "nudge", t->nudge);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    free(t->nudge);
    t->nudge = NULL;
    moot__sm_move(&t->sm, LISTENS);
    t->turns++;
    t->given_by = t->floor;
    t->floor = member;
    t->turn_n = moot__say(me, MOOT_TURN, t->members[member], body);
    return me->fx->status;
}

/* Who is next: whom a person spoke to, else whom the manager chooses. */
static int go_on(void *self, struct moot_me *me, struct moot_talk *t,
                 const struct moot_talk_ops *ops, const struct moot_said *said)
{
    moot__sm_move(&t->sm, CHOOSES);
    size_t wanted = moot__talk_member(t, t->wanted);
    free(t->wanted);
    t->wanted = NULL;
    if (wanted < t->count)
        return moot__talk_give(me, t, wanted, "a person spoke to it");
    return ops->next(self, me, said);
}

/* ---- the beginning ---- */

static int read_members(struct moot_talk *t, const struct moot_json *body)
{
    const struct moot_json *names = moot__json_get(body, "participants");
    size_t count = moot__json_count(names);
    t->members = calloc(count + 1, sizeof(*t->members));
    if (t->members == NULL)
        return MOOT_ENOMEM;
    const struct moot_json *name = moot__json_first(names);
    for (name = name == NULL ? NULL : moot__json_next(name); name != NULL;
         name = moot__json_next(name)) {
        const char *id = moot__json_text(name) != NULL ? moot__json_text(name) : "";
        t->members[t->count] = moot__copy(id, strlen(id));
        if (t->members[t->count] == NULL)
            return MOOT_ENOMEM;
        t->count++;
    }
    t->floor = t->count;
    t->given_by = t->count;
    return MOOT_OK;
}

/* What is said to all before the first turn; *out NULL: nothing. */
static int opening_text(struct moot_me *me, struct moot_talk *t, const struct moot_json *chat,
                        char **out, struct moot_error *err)
{
    const struct moot_crew_def *crew = me->persona->crew;
    const char *given = moot__json_get_text(chat, "opening", NULL);
    *out = given == NULL ? NULL : moot__copy(given, strlen(given));
    if (chat != NULL)
        return given != NULL && *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (crew->talk.opening == NULL) {
        *out = t->pair || crew->goal == NULL ? NULL : moot__copy(crew->goal, strlen(crew->goal));
        return t->pair || crew->goal == NULL || *out != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    int rc = moot__template_fill(crew->talk.opening, t->scope, &text, err);
    while (rc == MOOT_OK && text.len > 0 && text.data[text.len - 1] == '\n')
        moot__buf_truncate(&text, text.len - 1);
    if (rc == MOOT_OK && text.len > 0) {
        *out = moot__buf_take(&text);
        rc = *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__buf_release(&text);
    return rc;
}

/* In a pair it is the first words of who would have begun. */
static int say_opening(struct moot_me *me, struct moot_talk *t, const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL || parts == NULL || part == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(part, "text", text);
    if (rc == MOOT_OK)
        rc = moot__json_add(parts, part);
    else
        moot__json_free(part);
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "parts", parts);
    else
        moot__json_free(parts);
    if (rc == MOOT_OK)
        rc = moot__json_set_bool(body, "opening", true);
    if (rc == MOOT_OK && t->pair) {
        t->floor = moot__talk_start(me, t);
        rc = moot__json_set_text(body, "as", t->members[t->floor]);
    }
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    t->opening_n = moot__say(me, MOOT_MSG, NULL, body);
    return me->fx->status;
}

/* A timer for each time of the conditions; its id is its place among them, from 1. */
static void set_timers(struct moot_me *me, const struct moot_talk *t)
{
    int64_t ms[TIMES_MAX];
    size_t count = t->termination.condition == NULL
                       ? 0
                       : moot__condition_times(t->termination.condition, ms, TIMES_MAX);
    for (size_t i = 0; i < count && i < TIMES_MAX; i++)
        moot__wait(me, (uint32_t)i + 1, ms[i]);
}

static int on_open(void *self, struct moot_me *me, struct moot_talk *t,
                   const struct moot_talk_ops *ops, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    struct moot_json *input = NULL;
    int rc = read_members(t, body);
    if (rc == MOOT_OK)
        rc = moot__input(m, &input);
    if (rc != MOOT_OK)
        return rc;
    t->scope = moot__scope_make(me->persona->crew, input);
    t->seed = moot__json_get_int(body, "seed", 0);
    /* A task that is talked out says itself how. */
    const struct moot_json *chat = moot__json_get(body, "chat");
    t->pair = chat != NULL || strcmp(me->persona->crew->process, "pair") == 0;
    t->most = moot__json_get_int(chat, "turns", 0);
    if (t->scope == NULL)
        return MOOT_ENOMEM;
    if (t->count == 0) {
        moot__sm_move(&t->sm, CHOOSES);
        return moot__talk_end(me, t, "failed", "nobody takes part in it", NULL);
    }
    struct moot_error err = {0};
    char *opening = NULL;
    rc = opening_text(me, t, chat, &opening, &err);
    if (rc == MOOT_OK && opening != NULL)
        rc = say_opening(me, t, opening);
    free(opening);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK) {
        moot__sm_move(&t->sm, CHOOSES);
        return end_worded(me, t, "failed", "its opening cannot be said: %.200s", err.message);
    }
    set_timers(me, t);
    return go_on(self, me, t, ops, NULL);
}

/* ---- what is said ---- */

/* Whether a person may still go on where a condition is met: a user proxy that asks one, and did
 * not itself say the last word. */
static size_t who_may_go_on(const struct moot_me *me, const struct moot_talk *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_agent_def *def = def_of(me, t, i);
        if (i != t->floor && is_proxy(me, t, i) && def->human_input != MOOT_INPUT_NEVER)
            return i;
    }
    return t->count;
}

static int on_condition(struct moot_me *me, struct moot_talk *t, const char *why)
{
    size_t person = who_may_go_on(me, t);
    if (person == t->count)
        return moot__talk_end(me, t, "terminated", why, NULL);
    int rc = keep(&t->ending, why);
    if (rc != MOOT_OK)
        return rc;
    moot__sm_move(&t->sm, CHOOSES);
    return moot__talk_give(me, t, person, why);
}

static int look_for_condition(struct moot_talk *t, const struct moot_said *said, const char **why)
{
    int rc = moot__json_set_text(t->scope, "message", said->text);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(t->scope, "speaker", said->from);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(t->scope, "turns", t->turns);
    return rc == MOOT_OK ? moot__termination_heard(&t->termination, said, t->scope, why) : rc;
}

static int on_leave(struct moot_me *me, struct moot_talk *t, const struct moot_said *said)
{
    if (strcmp(said->exit, "limit") == 0)
        return end_worded(me, t, "limit", "max_auto_replies of %s", said->from);
    if (strcmp(said->exit, "ending") == 0 && t->ending != NULL)
        return moot__talk_end(me, t, "terminated", t->ending, NULL);
    return end_worded(me, t, "stopped", "by the person of %s", said->from);
}

static int keep_words(const struct moot_me *me, struct moot_talk *t, const struct moot_said *said,
                      size_t member)
{
    if (said->text[strspn(said->text, " \t\r\n")] == '\0')
        return MOOT_OK;
    const char *whose = settings(me)->answer;
    bool answers = whose != NULL ? strcmp(whose, said->from) == 0 : !is_proxy(me, t, member);
    int rc = keep(&t->last, said->text);
    return rc == MOOT_OK && answers ? keep(&t->answer, said->text) : rc;
}

/* Whether it still gets anywhere; *stuck: it does not, though it was told. */
static int look_for_progress(struct moot_talk *t, const struct moot_said *said, bool *stuck)
{
    enum moot_progress_verdict verdict = MOOT_PROGRESS_MADE;
    int rc = moot__progress_heard(&t->progress, said, &verdict);
    *stuck = verdict == MOOT_PROGRESS_STUCK;
    return rc == MOOT_OK && verdict == MOOT_PROGRESS_NUDGE
               ? keep(&t->nudge, moot__progress_nudge(&t->progress))
               : rc;
}

/* A person cut the turn off: whoever that was said to is next, else who had the floor. */
static int after_cut(void *self, struct moot_me *me, struct moot_talk *t,
                     const struct moot_talk_ops *ops, const struct moot_said *said)
{
    if (moot__talk_member(t, t->wanted) < t->count)
        return go_on(self, me, t, ops, said);
    moot__sm_move(&t->sm, CHOOSES);
    return moot__talk_give(me, t, t->floor, "a person spoke");
}

static int on_turn(void *self, struct moot_me *me, struct moot_talk *t,
                   const struct moot_talk_ops *ops, const struct moot_said *said)
{
    bool cut_off = t->cut_off;
    t->cut_off = false;
    if (said->failed != NULL && cut_off && strcmp(said->failed, "cancelled") == 0)
        return after_cut(self, me, t, ops, said);
    if (said->answers_person && moot__talk_member(t, t->wanted) == t->floor) {
        free(t->wanted); /* that was its answer */
        t->wanted = NULL;
    }
    if (said->failed != NULL) {
        /* An outcome's status is not yet a stop reason. */
        const char *stop = strcmp(said->failed, "limit") == 0       ? "limit"
                           : strcmp(said->failed, "cancelled") == 0 ? "stopped"
                                                                    : "failed";
        return moot__talk_end(me, t, stop, said->detail, NULL);
    }
    const char *why = NULL;
    int rc = keep_words(me, t, said, t->floor);
    if (rc == MOOT_OK)
        rc = look_for_condition(t, said, &why);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK)
        return end_worded(me, t, "failed", "the condition '%.200s' cannot be computed", why);
    if (said->exit != NULL)
        return on_leave(me, t, said);
    if (said->finish != NULL)
        return moot__talk_end(me, t, "finished", said->from, said->finish);
    if (t->ending != NULL) {
        /* Its person went on. */
        free(t->ending);
        t->ending = NULL;
        moot__termination_go_on(&t->termination);
        return go_on(self, me, t, ops, said);
    }
    if (why != NULL)
        return on_condition(me, t, why);
    bool stuck = false;
    rc = look_for_progress(t, said, &stuck);
    if (rc != MOOT_OK)
        return rc;
    return stuck ? moot__talk_end(me, t, "no_progress", t->progress.evidence, NULL)
                 : go_on(self, me, t, ops, said);
}

static int on_person(struct moot_talk *t, const struct moot_said *said)
{
    const char *why = NULL; /* a person's words end nothing */
    int rc = keep(&t->last, said->text);
    if (rc == MOOT_OK)
        rc = look_for_condition(t, said, &why);
    enum moot_progress_verdict verdict = MOOT_PROGRESS_MADE;
    if (rc == MOOT_OK)
        rc = moot__progress_heard(&t->progress, said, &verdict);
    if (rc == MOOT_OK && said->next != NULL)
        rc = keep(&t->wanted, said->next);
    t->cut_off = t->cut_off || (said->interrupts && t->sm.at == LISTENS);
    return rc == MOOT_ENOMEM ? rc : MOOT_OK;
}

static int on_msg(void *self, struct moot_me *me, struct moot_talk *t,
                  const struct moot_talk_ops *ops, const struct moot_message *m)
{
    struct moot_said said;
    int rc = moot__said_read(m, &said);
    if (rc != MOOT_OK)
        return rc;
    bool floor = t->floor < t->count && strcmp(t->members[t->floor], said.from) == 0 &&
                 moot__answers(me, m, t->turn_n);
    if (t->sm.at == LISTENS && floor)
        rc = on_turn(self, me, t, ops, &said);
    else if (said.by_person && moot__talk_member(t, said.from) == t->count)
        rc = on_person(t, &said);
    moot__said_release(&said);
    return rc;
}

static int on_timer(struct moot_me *me, struct moot_talk *t, const struct moot_message *m)
{
    int64_t ms[TIMES_MAX];
    size_t count = t->termination.condition == NULL
                       ? 0
                       : moot__condition_times(t->termination.condition, ms, TIMES_MAX);
    int64_t id = moot__json_get_int(moot_message_json(m), "timer", 0);
    const char *why = NULL;
    if (id < 1 || (uint64_t)id > count || id > TIMES_MAX)
        return MOOT_OK;
    int rc = moot__termination_time(&t->termination, ms[id - 1], &why);
    return rc == MOOT_OK && why != NULL ? moot__talk_end(me, t, "terminated", why, NULL) : rc;
}

int moot__talk_receive(void *self, struct moot_me *me, struct moot_talk *t,
                       const struct moot_talk_ops *ops, const struct moot_message *m)
{
    if (strcmp(moot_message_conv(m), me->conv) != 0)
        return MOOT_OK;
    enum moot_kind kind = moot_message_kind(m);
    t->self = self;
    t->ops = ops;
    if (t->sm.at == SUMS)
        return MOOT_OK;
    if (t->sm.at == IDLE)
        return kind == MOOT_OPEN ? on_open(self, me, t, ops, m) : MOOT_OK;
    if (kind == MOOT_MSG)
        return on_msg(self, me, t, ops, m);
    return kind == MOOT_TIMER ? on_timer(me, t, m) : MOOT_OK;
}
