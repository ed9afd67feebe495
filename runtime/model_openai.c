#include "runtime/model.h"

static int openai_start(struct moot_world *w, struct moot_model_spec *spec,
                        const struct moot_model_request *request,
                        const struct moot_model_events *events, void *arg, void **out,
                        struct moot_error *err)
{
    (void)w;
    (void)request;
    (void)events;
    (void)arg;
    (void)out;
    return moot__fail(err, MOOT_EUNSUPPORTED, "provider '%s' is not there yet", spec->provider);
}

static void openai_cancel(void *call)
{
    (void)call;
}

static const char *const openai_names[] = {"openai", NULL};

const struct moot_provider moot__provider_openai = {
    .names = openai_names,
    .start = openai_start,
    .cancel = openai_cancel,
};
