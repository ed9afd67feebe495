/* Ids that name what is not there. */
#include "roles/crew_checking.h"

#include "runtime/near.h"

enum { MAX_IDS = 4096 };

/* The ids there are of one kind, for the caller to free; *count of them. NULL: out of memory. */
static const char **list_ids(const struct moot_checking_crew *c, const char *list, const char *key,
                             bool builtins, size_t *count)
{
    size_t extra = 0;
    const struct moot_builtin *b = moot__crew_builtins(&extra);
    const char **ids = calloc(MAX_IDS + extra, sizeof(*ids));
    *count = 0;
    if (ids == NULL)
        return NULL;
    const struct moot_json *m = moot__json_first(moot__json_get(c->crew, list));
    for (; m != NULL && *count < MAX_IDS; m = moot__json_next(m))
        ids[(*count)++] = moot__json_get_text(m, key, "");
    for (size_t i = 0; builtins && i < extra; i++)
        ids[(*count)++] = b[i].name;
    return ids;
}

static void say_missing(struct moot_checking_crew *c, const struct moot_crew_ref *ref,
                        const char *what, const char *list, const char *key)
{
    const char *text = moot__json_text(ref->raw);
    size_t count;
    c->refs_missing = true;
    const char **ids = list_ids(c, list, key, ref->grammar == MOOT_G_TOOL, &count);
    const char *near = ids != NULL ? moot__near_find(text, ids, count) : NULL;
    char suggestion[160] = "";
    if (near != NULL)
        snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    else if (count == 0)
        snprintf(suggestion, sizeof(suggestion), "the crew has no %s", list);
    struct moot_crew_report *r = &c->f->report;
    if (ids == NULL)
        r->failed = true;
    else if (strcmp(ref->key, "needs") == 0)
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, ref->raw, MOOT_PART_VALUE, suggestion,
                       "%s needs '%s', which is no %s", ref->place, text, what);
    else
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, ref->raw, MOOT_PART_VALUE, suggestion,
                       "'%s' of %s names '%s', which is no %s", ref->key, ref->place, text, what);
    free(ids);
}

static void check_tool(struct moot_checking_crew *c, const struct moot_crew_ref *ref)
{
    const char *text = moot__json_text(ref->raw);
    const struct moot_builtin *b = moot__crew_builtin(text);
    if (moot__crew_entry(c->crew, "tools", text) != NULL)
        return; /* what it is, is looked at where it stands */
    if (strpbrk(text, "/:") != NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_LATER, c->f->yaml, ref->raw, MOOT_PART_VALUE,
                       NULL, "'%s' is a tool of an MCP server: known, but not here yet", text);
    else if (b == NULL)
        say_missing(c, ref, "tool", "tools", "id");
    else if (b->later)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_LATER, c->f->yaml, ref->raw, MOOT_PART_VALUE,
                       NULL, "the tool '%s' is known, but not here yet", text);
}

static void check_model(struct moot_checking_crew *c, const struct moot_crew_ref *ref)
{
    const char *text = moot__json_text(ref->raw);
    if (strchr(text, '/') == NULL && moot__crew_entry(c->crew, "models", text) == NULL)
        say_missing(c, ref, "name in models (nor provider/model)", "models", "name");
}

static void check_ref(struct moot_checking_crew *c, const struct moot_crew_ref *ref)
{
    static const struct {
        int grammar;
        const char *list, *what;
    } kinds[] = {{MOOT_G_AGENT, "agents", "agent"},
                 {MOOT_G_TASK, "tasks", "task"},
                 {MOOT_G_PERSON, "people", "person of the crew"}};
    if (ref->grammar == MOOT_G_TOOL)
        check_tool(c, ref);
    if (ref->grammar == MOOT_G_MODEL)
        check_model(c, ref);
    for (size_t i = 0; i < MOOT_COUNT(kinds); i++)
        if (ref->grammar == kinds[i].grammar &&
            moot__crew_entry(c->crew, kinds[i].list, moot__json_text(ref->raw)) == NULL)
            say_missing(c, ref, kinds[i].what, kinds[i].list, "id");
}

void moot__crew_check_refs(struct moot_checking_crew *c)
{
    for (size_t i = 0; i < c->f->ref_count; i++)
        check_ref(c, &c->f->refs[i]);
}
