#include "roles/roles.h"

const struct moot_agent_ops *moot__role(const char *name)
{
    const struct moot_agent_ops *const table[] = {
        &moot__assistant, &moot__judge,      &moot__user_proxy,   &moot__runner,
        &moot__graph,     &moot__sequential, &moot__pair,         &moot__group_chat,
        &moot__swarm,     &moot__ledger,     &moot__hierarchical, &moot__consensual,
    };
    for (size_t i = 0; i < MOOT_COUNT(table); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}
