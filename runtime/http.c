#include "runtime/http.h"

int moot__http_engine_create(struct moot_loop *loop, struct moot_http_engine **out,
                             struct moot_error *err)
{
    (void)loop;
    (void)out;
    return moot__fail(err, MOOT_EUNSUPPORTED, "no HTTP yet");
}

void moot__http_engine_stop(struct moot_http_engine *engine)
{
    (void)engine;
}

bool moot__http_engine_busy(const struct moot_http_engine *engine)
{
    (void)engine;
    return false;
}

void moot__http_engine_free(struct moot_http_engine *engine)
{
    (void)engine;
}

int moot__http_start(struct moot_http_engine *engine, const struct moot_http_request *request,
                     const struct moot_http_events *events, void *arg, struct moot_http **out,
                     struct moot_error *err)
{
    (void)engine;
    (void)request;
    (void)events;
    (void)arg;
    (void)out;
    return moot__fail(err, MOOT_EUNSUPPORTED, "no HTTP yet");
}

void moot__http_cancel(struct moot_http *http)
{
    (void)http;
}
