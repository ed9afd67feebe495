/* What a model is shown, what is done when it is too much for it, and how much it holds. */
#include "roles/crew_build.h"

#include "roles/crew_fields.h"

static bool has(const struct moot_json *list, const char *word)
{
    for (const struct moot_json *w = moot__json_first(list); w != NULL; w = moot__json_next(w))
        if (strcmp(moot__json_text(w) != NULL ? moot__json_text(w) : "", word) == 0)
            return true;
    return false;
}

static unsigned kinds_of(const struct moot_json *view)
{
    const struct moot_json *kinds = moot__json_get(view, "kinds");
    const char *tools = moot__json_get_text(view, "tools", NULL);
    unsigned traffic = MOOT_SEES_CALL | MOOT_SEES_RESULT;
    if (kinds == NULL)
        return MOOT_SEES_MSG | (tools != NULL && strcmp(tools, "all") == 0 ? traffic : 0);
    unsigned sees = (has(kinds, "msg") ? MOOT_SEES_MSG : 0) |
                    (has(kinds, "tool_call") ? MOOT_SEES_CALL : 0) |
                    (has(kinds, "tool_result") ? MOOT_SEES_RESULT : 0);
    return tools != NULL && strcmp(tools, "own") == 0 ? sees & ~traffic : sees;
}

int moot__build_view(const struct moot_json *view, struct moot_view_def *out)
{
    out->kinds = kinds_of(view);
    out->first = moot__json_get_int(view, "first", 0);
    out->last = moot__json_get_int(view, "last", 0);
    out->tokens = moot__json_get_int(view, "tokens", 0);
    return moot__build_words(moot__json_get(view, "from"), &out->from);
}

void moot__build_compaction(const struct moot_json *compaction, struct moot_compaction_def *out)
{
    out->drop = strcmp(moot__json_get_text(compaction, "by", "summary"), "drop") == 0;
    out->keep_first = moot__json_get_int(compaction, "keep_first", MOOT_KEEP_FIRST);
    out->keep_last = moot__json_get_int(compaction, "keep_last", MOOT_KEEP_LAST);
}

static int64_t usual_max_tokens(void)
{
    struct moot_json *value = moot__crew_default("model", "max_tokens");
    int64_t n = 0;
    if (!moot__json_int(value, &n))
        n = 0;
    moot__json_free(value);
    return n;
}

int moot__build_models(const struct moot_json *list, struct moot_crew_def *def)
{
    int64_t usual = usual_max_tokens();
    def->models = calloc(moot__json_count(list) + 1, sizeof(*def->models));
    if (def->models == NULL)
        return MOOT_ENOMEM;
    for (const struct moot_json *e = moot__json_first(list); e != NULL; e = moot__json_next(e)) {
        const struct moot_json *can = moot__json_get(e, "capabilities");
        struct moot_model_def *m = &def->models[def->model_count++];
        m->context = moot__json_get_int(can, "context", 0);
        m->no_tools = !moot__json_get_bool(can, "tools", true);
        m->max_tokens = moot__json_get_int(e, "max_tokens", usual);
        int status = moot__build_text(e, "name", &m->name);
        if (status == MOOT_OK && m->name == NULL)
            status = (m->name = strdup("")) != NULL ? MOOT_OK : MOOT_ENOMEM;
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

void moot__build_models_release(struct moot_crew_def *def)
{
    for (size_t i = 0; i < def->model_count; i++)
        free(def->models[i].name);
    free(def->models);
}
