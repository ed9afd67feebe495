#include "cli/chat.h"

#include "roles/crew_build.h"
#include "runtime/near.h"

enum { AGENTS_MAX = 1000 };

static int refuse_process(const char *process, struct moot_error *err)
{
    moot__fail(err, MOOT_EUSAGE,
               "nobody can take a seat in this crew: its process '%s' has tasks, "
               "and no conversation",
               process);
    moot__fail_hint(err, "process: pair, group_chat, swarm or ledger   or run it: moot run");
    return MOOT_EUSAGE;
}

static int refuse_agent(const struct moot_json *agents, const char *as, struct moot_error *err)
{
    const char *names[AGENTS_MAX];
    size_t count = 0;
    const struct moot_json *a = moot__json_first(agents);
    for (; a != NULL && count < AGENTS_MAX; a = moot__json_next(a))
        names[count++] = moot__json_get_text(a, "id", "");
    moot__fail(err, MOOT_EUSAGE, "the crew has no agent '%s'", as);
    moot__near_hint(err, as, names, count);
    return MOOT_EUSAGE;
}

/* Which agent's seat it is; the count: none yet. */
static size_t seat_of(const struct moot_json *agents, const char *as)
{
    size_t i = 0;
    const struct moot_json *a = moot__json_first(agents);
    for (; a != NULL; a = moot__json_next(a), i++) {
        bool proxy = strcmp(moot__json_get_text(a, "kind", ""), "user_proxy") == 0;
        bool named = as != NULL && strcmp(moot__json_get_text(a, "id", ""), as) == 0;
        if (as == NULL ? proxy : named)
            break;
    }
    return i;
}

static int add_you(struct moot_json *agents, const char *process, struct moot_error *err)
{
    if (strcmp(process, "pair") == 0 && moot__json_count(agents) >= 2) {
        moot__fail(err, MOOT_EUSAGE, "both seats of this pair are taken by models");
        moot__fail_hint(err, "say whose you take: --as %s",
                        moot__json_get_text(moot__json_first(agents), "id", ""));
        return MOOT_EUSAGE;
    }
    struct moot_json *you = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(you, "id", "you");
    if (status == MOOT_OK)
        return moot__json_add(agents, you);
    moot__json_free(you);
    return status;
}

int moot__chat_seat(struct moot_json *crew, const char *as, struct moot_error *err)
{
    const char *process = moot__json_get_text(crew, "process", "sequential");
    struct moot_json *agents = moot__json_edit(crew, "agents");
    if (!moot__crew_talks(process))
        return refuse_process(process, err);
    size_t i = seat_of(agents, as);
    if (i == moot__json_count(agents) && as != NULL)
        return refuse_agent(agents, as, err);
    int status = i < moot__json_count(agents) ? MOOT_OK : add_you(agents, process, err);
    if (status == MOOT_EUSAGE)
        return status;
    struct moot_json *seat = moot__json_edit_at(agents, i);
    if (status == MOOT_OK)
        status = moot__json_set_text(seat, "kind", "user_proxy");
    if (status == MOOT_OK)
        status = moot__json_set_text(seat, "human_input", "always");
    if (status == MOOT_OK)
        status = moot__json_set_text(crew, "chat", as != NULL ? as : "");
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}
