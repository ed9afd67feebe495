#include "agents/compact.h"

#include "runtime/utf8.h"

enum {
    SUMMARY_TOKENS = 400,  /* what a summary takes, about */
    WORTH_SUMMING_UP = 64, /* tokens; less is dropped */
    DECLARED_TOKENS = 4,   /* what a declaration takes besides its texts */
};

const char moot__compact_system[] =
    "What follows is a part of a conversation that has become too long. It is to be told in "
    "short, for the one who goes on with it and will not see it again.";
const char moot__compact_question[] =
    "Tell the conversation above in short. Keep every fact, name, number, decision, result of a "
    "tool and open question that may still matter, in the order in which they came; leave out "
    "what was only polite. Write the summary alone.";
const char moot__compact_before[] = "What was said before this, in short:\n\n";

/* Each time less is kept. */
static bool range(const struct moot_view *v, const struct moot_compaction_def *def, int level,
                  struct moot_compact *out)
{
    int64_t last = def->keep_last >> level;
    int64_t first = def->keep_first >> (level > 0 ? level - 1 : 0);
    if (first < 1 && def->keep_first > 0)
        first = 1;
    return moot__view_between(v, first, last > 0 ? last : 1, &out->from, &out->to);
}

struct moot_compact moot__compact_plan(const struct moot_view *v,
                                       const struct moot_compaction_def *def, int64_t room,
                                       int times)
{
    struct moot_compact best = {.way = MOOT_COMPACT_NOTHING};
    int64_t all = moot__view_tokens(v, 0, v->count);
    bool fits = false;
    for (int level = times; level < MOOT_COMPACT_TIMES && !fits; level++) {
        struct moot_compact found = {0};
        if (!range(v, def, level, &found))
            continue;
        int64_t taken = moot__view_tokens(v, found.from, found.to);
        bool sum = !def->drop && taken >= WORTH_SUMMING_UP && (room < 0 || taken <= room);
        found.way = sum ? MOOT_COMPACT_SUMMARISE : MOOT_COMPACT_DROP;
        best = found;
        fits = room < 0 || all - taken + (sum ? SUMMARY_TOKENS : 0) <= room;
    }
    size_t longest = moot__view_longest(v);
    bool omits = !fits && longest < v->count && times < MOOT_COMPACT_TIMES;
    return omits ? (struct moot_compact){MOOT_COMPACT_OMIT, longest, longest + 1} : best;
}

static int64_t tokens_of(const char *text)
{
    return text == NULL ? 0 : (int64_t)moot__utf8_tokens(text, strlen(text));
}

int64_t moot__compact_room(const struct moot_model_def *model, const struct moot_think *think)
{
    if (model == NULL || model->context <= 0)
        return -1;
    int64_t room = model->context - model->max_tokens - tokens_of(think->schema);
    for (size_t i = 0; i < think->tool_count; i++)
        room -= DECLARED_TOKENS + tokens_of(think->tools[i].name) +
                tokens_of(think->tools[i].description) + tokens_of(think->tools[i].parameters);
    return room > 0 ? room : 0;
}
