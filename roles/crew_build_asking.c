/* The tool `ask_agent`: whom a crew's agents may ask. */
#include "roles/crew_build.h"

/* Who can be asked, as JSON Schema: nobody who stands for a person. */
static int asking_parameters(const struct moot_crew_def *def, struct moot_buf *out)
{
    bool first = true;
    moot__buf_adds(out, "{\"type\":\"object\",\"properties\":{\"agent\":{\"type\":\"string\","
                        "\"enum\":[");
    for (size_t i = 0; i < def->agent_count; i++) {
        const struct moot_agent_def *a = &def->agents[i];
        if (a->kind == MOOT_USER_PROXY_AGENT)
            continue;
        moot__buf_adds(out, first ? "" : ",");
        moot__buf_add_json(out, a->id, strlen(a->id));
        first = false;
    }
    return moot__buf_adds(out, "]},\"question\":{\"type\":\"string\",\"description\":\"all that "
                               "it has to know: it sees nothing else\"}},\"required\":[\"agent\","
                               "\"question\"]}");
}

static int describe_asked(const struct moot_crew_def *def, struct moot_buf *out)
{
    moot__buf_adds(out, "Asks another agent a question and gives its answer. There are:");
    for (size_t i = 0; i < def->agent_count; i++) {
        const struct moot_agent_def *a = &def->agents[i];
        if (a->kind != MOOT_USER_PROXY_AGENT)
            moot__buf_addf(out, " %s%s%.200s%s;", a->id, a->role != NULL ? " (" : "",
                           a->role != NULL ? a->role : "", a->role != NULL ? ")" : "");
    }
    moot__buf_truncate(out, out->len - 1);
    return moot__buf_adds(out, ".");
}

/* It is no call of the host's: the asker opens a conversation. */
int moot__build_asking(struct moot_crew_def *def, const char *id, const struct moot_json *entry,
                       struct moot_error *err)
{
    struct moot_tool_def *made = NULL;
    struct moot_buf parameters, description;
    moot__buf_init(&parameters, MOOT_MAX_BODY);
    moot__buf_init(&description, MOOT_MAX_BODY);
    int status = asking_parameters(def, &parameters);
    status |= describe_asked(def, &description);
    if (status != MOOT_OK)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    else
        status = moot__build_tool(
            def, id, moot__json_get_text(entry, "description", moot__buf_text(&description)),
            moot__buf_text(&parameters), &made, err);
    if (status == MOOT_OK)
        made->asks = true;
    moot__buf_release(&parameters);
    moot__buf_release(&description);
    return status;
}
