/* What makes a role into an agent that the host can step. */
#ifndef MOOT_AGENTS_AGENT_H
#define MOOT_AGENTS_AGENT_H

#include "agents/role.h"

/* The functions of a moot_agent_ops whose role is `role`; its own `init` calls the first of them.
 */
int moot__agent_init(const struct moot_role *role, const void *persona,
                     const struct moot_seat *seat, void **self);
int moot__agent_step(void *self, const struct moot_message *m, struct moot_effects *fx);
void moot__agent_digest(const void *self, void (*add)(void *arg, const void *data, size_t len),
                        void *arg);
void moot__agent_release(void *self);

/* Defines a role and its agent: MOOT_ROLE(moot__assistant, "assistant", 1, .receive = receive, …)
 */
#define MOOT_ROLE(ops_name, text, number, ...)                                                     \
    static const struct moot_role ops_name##_role = {                                              \
        .name = (text), .version = (number), __VA_ARGS__};                                         \
    static int ops_name##_sit(const void *persona, const struct moot_seat *seat, void **self)      \
    {                                                                                              \
        return moot__agent_init(&ops_name##_role, persona, seat, self);                            \
    }                                                                                              \
    const struct moot_agent_ops ops_name = {.name = (text),                                        \
                                            .version = (number),                                   \
                                            .init = ops_name##_sit,                                \
                                            .step = moot__agent_step,                              \
                                            .digest = moot__agent_digest,                          \
                                            .release = moot__agent_release}

#endif
