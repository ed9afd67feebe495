/* Each turn has a freshness: how much of what it says was not said within the window, by weight of
 * words; a call that was not made before, or had another result, is fresh; an empty turn is not.
 * What is stale adds up, what is fresh takes away from it. See docs/no-progress.md. */
#include "roles/progress.h"

#include "agents/role.h"
#include "roles/progress_text.h"

enum {
    FRESH = 300,      /* of 1000: from here on a turn takes away */
    STALE_STEP = 180, /* what a wholly stale turn adds: six of them are a loop */
    FRESH_STEP = 600, /* what a wholly fresh turn takes away */
    NUDGE_AT = 600,
    STUCK_AT = 1000,
    EASED_AT = 250, /* below it the nudge has done its work */
    CALL_WEIGHT = 40,
    SMALL_WORD = 2,
    LEAST = 3, /* what any turn weighs, so that a single small word is not all of it */
};

enum why { NOTHING_NEW, EMPTY, COURTESY, CALLS, WHY_COUNT };

struct moot_progress_turn {
    char *from;
    uint32_t *words; /* hashes, in order */
    size_t count;
    bool cut; /* words above the last one are not known */
    int fresh;
    enum why why;
};

int moot__progress_init(struct moot_progress *p)
{
    *p = (struct moot_progress){0};
    p->turns = calloc(MOOT_PROGRESS_WINDOW, sizeof(*p->turns));
    return p->turns != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static void turn_release(struct moot_progress_turn *turn)
{
    free(turn->from);
    free(turn->words);
    *turn = (struct moot_progress_turn){0};
}

static void forget(struct moot_progress *p)
{
    for (size_t i = 0; p->turns != NULL && i < MOOT_PROGRESS_WINDOW; i++)
        turn_release(&p->turns[i]);
    p->count = 0;
    p->at = 0;
    p->nudged = false;
    p->evidence[0] = '\0';
}

void moot__progress_release(struct moot_progress *p)
{
    forget(p);
    free(p->turns);
    p->turns = NULL;
}

/* The turn that is `back` turns old; 0: the newest. */
static const struct moot_progress_turn *turn_at(const struct moot_progress *p, size_t back)
{
    return &p->turns[(p->at + MOOT_PROGRESS_WINDOW - 1 - back) % MOOT_PROGRESS_WINDOW];
}

/* ---- how fresh a turn is ---- */

enum known { NEW, OLD, UNKNOWN };

static enum known known_word(const struct moot_progress *p, uint32_t hash)
{
    enum known found = NEW;
    for (size_t back = 0; back < p->count; back++) {
        const struct moot_progress_turn *t = turn_at(p, back);
        size_t at = 0, end = t->count;
        while (at < end) {
            size_t middle = (at + end) / 2;
            if (t->words[middle] < hash)
                at = middle + 1;
            else
                end = middle;
        }
        if (at < t->count && t->words[at] == hash)
            return OLD;
        if (t->cut && at == t->count)
            found = UNKNOWN;
    }
    return found;
}

static uint32_t hash_word(uint32_t from, const char *text)
{
    return moot__progress_hash(from, text, strlen(text));
}

/* The calls and the handoff of a turn: one hash each, of what was asked and what came of it. */
static size_t acts(const struct moot_said *said, uint32_t *out, size_t size)
{
    size_t count = 0;
    for (const struct moot_json *c = moot__json_first(said->calls); c != NULL && count < size;
         c = moot__json_next(c)) {
        uint32_t h = hash_word(1, moot__json_get_text(c, "tool", ""));
        h = hash_word(h, moot__json_get_text(c, "same", ""));
        out[count++] = hash_word(h, moot__json_get_text(c, "got", ""));
    }
    if (said->handoff != NULL && count < size)
        out[count++] = hash_word(2, said->handoff);
    return count;
}

/* Words, as far as it is known whether they are new, with each new act as a heavy one. What goes
 * with calls that were made before is talk about them: only its figures count. */
static int freshness(const struct moot_progress *p, struct moot_progress_text *text,
                     const uint32_t *act, size_t act_count, enum why *why)
{
    int64_t fresh = 0, all = LEAST;
    int polite = 0;
    bool acted = false;
    for (size_t i = 0; i < act_count; i++)
        acted = acted || known_word(p, act[i]) == NEW;
    bool again = act_count > 0 && !acted;
    for (size_t i = 0; i < text->count; i++) {
        const struct moot_progress_word *w = &text->words[i];
        enum known known = known_word(p, w->hash);
        if (known == UNKNOWN)
            continue;
        /* What little words were said before is grammar. */
        all += known == OLD && w->weight == SMALL_WORD ? 1 : w->weight;
        polite += w->courtesy ? w->weight : 0;
        if (known == NEW && !w->courtesy && (!again || w->weight > 6))
            fresh += w->weight;
    }
    *why = again                       ? CALLS
           : text->count == 0          ? EMPTY
           : polite * 2 >= all - LEAST ? COURTESY
                                       : NOTHING_NEW;
    if (acted)
        fresh += CALL_WEIGHT;
    if (acted)
        all += CALL_WEIGHT;
    return (int)(fresh * 1000 / all);
}

static int remember(struct moot_progress *p, const struct moot_said *said)
{
    struct moot_progress_text text;
    uint32_t act[MOOT_MAX_TOOL_CALLS];
    moot__progress_read(said->text, &text);
    size_t act_count = acts(said, act, MOOT_COUNT(act));
    struct moot_progress_turn turn = {.from = moot__copy(said->from, strlen(said->from))};
    turn.fresh = freshness(p, &text, act, act_count, &turn.why);
    for (size_t i = 0; i < act_count; i++)
        moot__progress_add(&text, (struct moot_progress_word){.hash = act[i]});
    turn.words = calloc(text.count + 1, sizeof(*turn.words));
    if (turn.from == NULL || turn.words == NULL) {
        turn_release(&turn);
        return MOOT_ENOMEM;
    }
    for (size_t i = 0; i < text.count; i++)
        turn.words[i] = text.words[i].hash;
    turn.count = text.count;
    turn.cut = text.cut;
    turn_release(&p->turns[p->at]);
    p->turns[p->at] = turn;
    p->at = (p->at + 1) % MOOT_PROGRESS_WINDOW;
    p->count += p->count < MOOT_PROGRESS_WINDOW;
    return MOOT_OK;
}

/* ---- whether it is a loop ---- */

static int step(int fresh)
{
    return fresh < FRESH ? STALE_STEP * (FRESH - fresh) / FRESH
                         : -(FRESH_STEP * (fresh - FRESH) / (1000 - FRESH));
}

/* What answers something fresh may well be an old word: "yes", "sunny". It adds half. */
int moot__progress_measure(const struct moot_progress *p)
{
    int level = 0;
    bool asked = false;
    for (size_t back = p->count; back-- > 0;) {
        int fresh = turn_at(p, back)->fresh;
        level += asked && fresh < FRESH ? step(fresh) / 2 : step(fresh);
        level = level < 0 ? 0 : level > STUCK_AT ? STUCK_AT : level;
        asked = fresh >= FRESH;
    }
    return level;
}

/* The newest turns that are stale, and what most of them are. */
static size_t stale_turns(const struct moot_progress *p, enum why *most)
{
    size_t of[WHY_COUNT] = {0}, count = 0;
    while (count < p->count && turn_at(p, count)->fresh < FRESH)
        of[turn_at(p, count++)->why]++;
    *most = NOTHING_NEW;
    for (size_t i = 0; i < WHY_COUNT; i++)
        if (of[i] * 2 >= count && count > 0)
            *most = (enum why)i;
    return count;
}

/* "the last 4 turns say nothing new (coder, user, coder, user)" */
static void say_evidence(struct moot_progress *p)
{
    static const char *const words[] = {
        [NOTHING_NEW] = "say nothing new",
        [EMPTY] = "are empty",
        [COURTESY] = "exchange courtesies",
        [CALLS] = "make the same calls again, with the same results",
    };
    enum why why;
    size_t count = stale_turns(p, &why), size = sizeof(p->evidence);
    if (count < 2) {
        snprintf(p->evidence, size, "hardly anything new was said in the last %zu turns", p->count);
        return;
    }
    size_t used = (size_t)snprintf(p->evidence, size, "the last %zu turns %s (", count, words[why]);
    size_t shown = count < 4 ? count : 4;
    for (size_t back = shown; back-- > 0 && used < size;)
        used += (size_t)snprintf(p->evidence + used, size - used, "%.40s%s", turn_at(p, back)->from,
                                 back > 0 ? ", " : ")");
}

int moot__progress_heard(struct moot_progress *p, const struct moot_said *said,
                         enum moot_progress_verdict *out)
{
    *out = MOOT_PROGRESS_MADE;
    if (said->by_person) {
        forget(p);
        return MOOT_OK;
    }
    int status = said->opening ? MOOT_OK : remember(p, said);
    int level = moot__progress_measure(p);
    if (level < EASED_AT)
        p->nudged = false;
    if (status != MOOT_OK || level < NUDGE_AT)
        return status;
    if (level < STUCK_AT && p->nudged)
        return MOOT_OK;
    say_evidence(p);
    *out = p->nudged ? MOOT_PROGRESS_STUCK : MOOT_PROGRESS_NUDGE;
    p->nudged = true;
    return MOOT_OK;
}

const char *moot__progress_nudge(const struct moot_progress *p)
{
    static const char *const words[] = {
        [NOTHING_NEW] = "The last messages repeat what was said before. Take the next step of the "
                        "work, or say what keeps you from it; if all is done, finish.",
        [EMPTY] = "The last messages are empty. Take the next step of the work, or say what keeps "
                  "you from it; if all is done, finish.",
        [COURTESY] = "The last messages are courtesies. If all is done, finish; else take the next "
                     "step of the work.",
        [CALLS] = "The last calls were made before and brought the same results. Try something "
                  "else, or say what keeps you from it; if all is done, finish.",
    };
    enum why why;
    stale_turns(p, &why);
    return words[why];
}

void moot__progress_digest(const struct moot_progress *p, const struct moot_digest *d)
{
    moot__digest_int(d, (int64_t)p->count);
    moot__digest_int(d, p->nudged);
    for (size_t back = p->count; back-- > 0;) {
        const struct moot_progress_turn *t = turn_at(p, back);
        moot__digest_text(d, t->from);
        moot__digest_int(d, t->fresh);
        moot__digest_int(d, t->why);
        moot__digest_int(d, t->cut);
        for (size_t i = 0; i < t->count; i++)
            moot__digest_int(d, t->words[i]);
    }
}
