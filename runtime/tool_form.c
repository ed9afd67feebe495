#include "runtime/tool_builtin.h"

/* A form does nothing but take its arguments: they are its result. */
static int form_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    if (moot__json_write(run->args, &run->output) != MOOT_OK)
        return moot__fail(err, MOOT_ETOOBIG, "form '%s': its arguments are too big", run->spec->id);
    run->shown = strdup("filled in");
    moot__tool_finish(run);
    return MOOT_OK;
}

const struct moot_builtin_tool moot__tool_form = {
    .name = "form",
    .description = "A form to fill in.",
    .parameters = "{\"type\":\"object\",\"properties\":{},\"required\":[]}",
    .effect = MOOT_EFFECT_NONE,
    .start = form_start,
};
