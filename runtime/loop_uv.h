/* The loop from inside, for the files loop*.c alone: the only header that shows libuv. */
#ifndef MOOT_LOOP_UV_H
#define MOOT_LOOP_UV_H

#include "runtime/loop.h"

#include <uv.h>

struct moot_loop {
    struct moot_world world;
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t limit; /* ends a turn */
    bool happened;
    size_t timers;
    size_t watches;
    size_t tasks;                  /* processes, work and lookups that have not ended */
    struct moot_http_engine *http; /* made at its first use */
    uint8_t random[1024];          /* drawn; the last random_left of it not yet given out */
    size_t random_left;
};

int moot__loop_spawn(void *self, const struct moot_spawn *spec,
                     void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                     struct moot_process **out, struct moot_error *err);
void moot__loop_spawn_kill(void *self, struct moot_process *p);

#endif
