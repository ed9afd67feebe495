/* HTTP on the loop: the only files that see curl. */
#ifndef MOOT_HTTP_H
#define MOOT_HTTP_H

#include "runtime/loop.h"

/* All transfers of one loop, and the connections they share. */
struct moot_http_engine;

int moot__http_engine_create(struct moot_loop *loop, struct moot_http_engine **out,
                             struct moot_error *err);
/* Cancels whatever still runs. NULL is allowed in these three. */
void moot__http_engine_stop(struct moot_http_engine *engine);
bool moot__http_engine_busy(const struct moot_http_engine *engine);
/* Nothing may be running. */
void moot__http_engine_free(struct moot_http_engine *engine);

int moot__http_start(struct moot_http_engine *engine, const struct moot_http_request *request,
                     const struct moot_http_events *events, void *arg, struct moot_http **out,
                     struct moot_error *err);
void moot__http_cancel(struct moot_http *http);

#endif
