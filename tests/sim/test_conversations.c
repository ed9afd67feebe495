/* Conversations drawn from a seed: crews, what models and persons say, limits, and where the run is
 * killed. Whatever comes, nobody speaks who may not, every call has one outcome before its model is
 * asked again, no limit is exceeded, nobody gets what is not for it, the run ends with a reason,
 * and killed and taken up again it goes the same way.
 *
 * MOOT_SIM_SEEDS says how many seeds, MOOT_SIM_FROM how many are left out before them,
 * MOOT_SIM_SEED one to repeat. */
#include "tests/lib/crew_play.h"
#include "tests/lib/draw_crew.h"

#include "runtime/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

enum { SEEDS = 600, KILLS = 2 };

/* Seeds that once went wrong. */
static const uint64_t pinned[] = {
    199000597, /* what a call declares was not reserved, so that a limit of tokens was exceeded */
};

struct watch {
    const struct draw_crew *crew;
    struct play *play;
    struct moot_map open; /* "conv|from|n" of calls without an outcome */
    size_t last;          /* who had the floor; DRAW_AGENTS: nobody yet */
    int handed_to;        /* whom the last one handed to; -1: nobody */
    int64_t turns, calls;
    bool ended;
};

static void wrong(const struct watch *w, const struct moot_message *m, const char *what)
{
    fprintf(stderr, "%s\n%s\n", w->crew->yaml, w->crew->replies);
    fail_msg("seed %llu: %s|%s|%u: %s", (unsigned long long)w->crew->seed, moot_message_conv(m),
             moot_message_from(m), (unsigned)moot_message_n(m), what);
}

static void key_of(char out[512], const char *conv, const char *from, uint32_t n)
{
    snprintf(out, 512, "%s|%s|%u", conv, from, (unsigned)n);
}

/* ---- who may speak ---- */

static void on_turn(struct watch *w, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    size_t to = draw_crew_member(w->crew, moot_message_to(m, 0));
    bool ending = moot__json_get_bool(body, "ending", false);
    if (moot_message_to_count(m) != 1 || to == DRAW_AGENTS)
        wrong(w, m, "the floor is given to no member");
    if (!ending && !draw_crew_may_follow(w->crew, w->last, to, w->handed_to))
        wrong(w, m, "who has the floor may not speak now");
    if (++w->turns > w->crew->turns)
        wrong(w, m, "more turns than limits.turns");
    w->last = to;
    w->handed_to = -1;
}

static void on_said(struct watch *w, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    size_t from = draw_crew_member(w->crew, moot_message_from(m));
    if (from == DRAW_AGENTS)
        return;
    if (from != w->last)
        wrong(w, m, "somebody speaks without the floor");
    const char *handoff = moot__json_get_text(body, "handoff", NULL);
    if (handoff == NULL)
        return;
    size_t to = draw_crew_member(w->crew, handoff);
    if (to == DRAW_AGENTS || !draw_crew_may_hand(w->crew, from, to))
        wrong(w, m, "a handoff to nobody, or to one it may not hand to");
    w->handed_to = (int)to;
}

/* ---- calls and their outcomes ---- */

static bool has_open_call(struct watch *w, const char *conv, const char *from)
{
    char head[512];
    size_t at = 0;
    snprintf(head, sizeof(head), "%s|%s|", conv, from);
    for (const struct moot_map_entry *e; (e = moot__map_next(&w->open, &at)) != NULL;)
        if (e->value != NULL && strncmp(e->key, head, strlen(head)) == 0)
            return true;
    return false;
}

static void on_call(struct watch *w, const struct moot_message *m)
{
    static int is_open;
    char key[512];
    if (moot_message_kind(m) == MOOT_MODEL_CALL) {
        if (has_open_call(w, moot_message_conv(m), moot_message_from(m)))
            wrong(w, m, "its model is asked while a call has no outcome");
    }
    key_of(key, moot_message_conv(m), moot_message_from(m), moot_message_n(m));
    if (moot__map_get(&w->open, key) != NULL)
        wrong(w, m, "the same call twice");
    assert_int_equal(moot__map_put(&w->open, key, &is_open), MOOT_OK);
}

static void on_outcome(struct watch *w, const struct moot_message *m)
{
    char key[512];
    key_of(key, moot_message_conv(m), moot_message_re_from(m), moot_message_re_n(m));
    if (moot__map_get(&w->open, key) == NULL)
        wrong(w, m, "an outcome of no open call");
    moot__map_take(&w->open, key);
    /* What a limit refused was not made. */
    const char *status = moot__json_get_text(moot_message_json(m), "status", "");
    if (moot_message_kind(m) == MOOT_MODEL_REPLY && strcmp(status, "limit") != 0 &&
        ++w->calls > w->crew->calls)
        wrong(w, m, "more model calls than limits.calls");
    if (moot_message_to_count(m) != 1 ||
        strcmp(moot_message_to(m, 0), moot_message_re_from(m)) != 0)
        wrong(w, m, "an outcome goes to others than its caller");
}

/* ---- the end ---- */

static void on_end(struct watch *w, const struct moot_message *m)
{
    static const char *const reasons[] = {"finished",    "terminated", "limit",
                                          "no_progress", "stopped",    "failed"};
    const struct moot_json *body = moot_message_json(m);
    const char *stop = moot__json_get_text(body, "stop", "");
    bool known = false;
    for (size_t i = 0; i < MOOT_COUNT(reasons); i++)
        known = known || strcmp(reasons[i], stop) == 0;
    if (!known)
        wrong(w, m, "it ends without a reason");
    const struct moot_json *usage = moot__json_get(body, "usage");
    if (moot__json_get_int(usage, "tokens", 0) > w->crew->tokens)
        wrong(w, m, "more tokens than limits.tokens");
    w->ended = true;
}

static void on_message(void *arg, const struct moot_message *m)
{
    struct watch *w = arg;
    enum moot_kind kind = moot_message_kind(m);
    for (size_t i = 0; i < moot_message_to_count(m); i++)
        if (strcmp(moot_message_to(m, i), moot_message_from(m)) == 0)
            wrong(w, m, "a message to its own author");
    if (moot_message_conv(m)[0] == '\0')
        return;
    if (w->ended && kind != MOOT_END)
        wrong(w, m, "something after the end");
    if (kind == MOOT_TURN)
        on_turn(w, m);
    else if (kind == MOOT_MSG)
        on_said(w, m);
    else if (kind == MOOT_MODEL_CALL || kind == MOOT_TOOL_CALL || kind == MOOT_QUESTION)
        on_call(w, m);
    else if (kind == MOOT_MODEL_REPLY || kind == MOOT_TOOL_RESULT || kind == MOOT_ANSWER)
        on_outcome(w, m);
    else if (kind == MOOT_END)
        on_end(w, m);
}

/* ---- playing ---- */

/* What the person says is drawn by how often one has spoken in this journal. */
static bool person(void *arg, struct moot_host *h, struct play *play)
{
    const struct watch *w = arg;
    int nth = play_count(play, "\"kind\":\"answer\"");
    const char *words = draw_crew_person(w->crew, nth);
    if (words == NULL)
        return false;
    if (moot__host_answer(h, play->open_conv, play->open_from, play->open_n, NULL, words, NULL,
                          &play->error) != MOOT_OK)
        fail_msg("seed %llu: %s", (unsigned long long)w->crew->seed, play->error.message);
    return true;
}

/* Where a journal costs no wait for a disk. */
static const char *folder(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static void begin(struct play *play, struct watch *w, const struct draw_crew *crew)
{
    *w = (struct watch){.crew = crew, .play = play, .last = DRAW_AGENTS, .handed_to = -1};
    moot__map_init(&w->open);
    play_init_in(play, folder(), crew->yaml, crew->replies);
    play->arg = w;
    play->person = person;
    play->has_person = true;
}

static void end(struct play *play, struct watch *w)
{
    moot__map_release(&w->open, NULL);
    play_release(play);
}

static char *whole(const struct draw_crew *crew)
{
    struct play play;
    struct watch w;
    begin(&play, &w, crew);
    play.message = on_message;
    play_run(&play, false);
    if (play.state != MOOT_RUN_CLOSED && play.state != MOOT_RUN_WAITING)
        fail_msg("seed %llu: it neither ends nor waits", (unsigned long long)crew->seed);
    if (play.state == MOOT_RUN_CLOSED && !w.ended)
        fail_msg("seed %llu: it closes without an end", (unsigned long long)crew->seed);
    char *normal = play_normal(&play);
    end(&play, &w);
    return normal;
}

static void killed(const struct draw_crew *crew, const char *normal)
{
    struct play play;
    struct watch w;
    begin(&play, &w, crew);
    for (int kill = 0; kill <= KILLS; kill++) {
        play.crash_after = kill < KILLS ? draw_crew_kill(crew, kill) : 0;
        play_run(&play, kill > 0);
        if (play.state != MOOT_RUN_FAILED)
            break;
    }
    char *again = play_normal(&play);
    if (strcmp(again, normal) != 0) {
        fprintf(stderr, "%s\n%s\n%s\n--- not\n%s\n", crew->yaml, crew->replies, again, normal);
        fail_msg("seed %llu: killed it went another way", (unsigned long long)crew->seed);
    }
    free(again);
    end(&play, &w);
}

static void play_seed(uint64_t seed)
{
    struct draw_crew *crew = draw_crew_new(seed);
    char *normal = whole(crew);
    killed(crew, normal);
    free(normal);
    draw_crew_free(crew);
}

static void holds(void **state)
{
    (void)state;
    const char *one = getenv("MOOT_SIM_SEED");
    const char *many = getenv("MOOT_SIM_SEEDS");
    if (one != NULL) {
        play_seed(strtoull(one, NULL, 10));
        return;
    }
    for (size_t i = 0; i < MOOT_COUNT(pinned); i++)
        play_seed(pinned[i]);
    const char *from = getenv("MOOT_SIM_FROM");
    uint64_t left_out = from != NULL ? strtoull(from, NULL, 10) : 0;
    uint64_t count = many != NULL ? strtoull(many, NULL, 10) : SEEDS;
    for (uint64_t seed = left_out + 1; seed <= left_out + count; seed++)
        play_seed(seed * 1000003);
    print_message("%llu seeds\n", (unsigned long long)count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
