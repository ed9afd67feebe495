/* What models are shown: bounds that leave something, and authors that there are. */
#include "roles/crew_checking.h"

static void check_least(struct moot_checking_crew *c, const struct moot_json *map, const char *key,
                        const char *of)
{
    const struct moot_json *value = moot__json_get(map, key);
    int64_t n;
    if (moot__json_int(value, &n) && n < 1)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, value, MOOT_PART_VALUE, NULL,
                       "'%s' of '%s' must be 1 or more", key, of);
}

/* What it says itself an agent always sees. */
static void check_from(struct moot_checking_crew *c, const struct moot_json *from, const char *id)
{
    for (const struct moot_json *m = moot__json_first(from); m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_text(m) != NULL ? moot__json_text(m) : "", id) == 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, m, MOOT_PART_VALUE,
                           "leave it out", "'%s' sees its own messages anyway", id);
}

/* `tools: own` hides what `kinds` asks for. */
static void check_kinds(struct moot_checking_crew *c, const struct moot_json *view)
{
    const char *tools = moot__json_get_text(view, "tools", "all");
    const struct moot_json *m = moot__json_first(moot__json_get(view, "kinds"));
    for (; m != NULL && strcmp(tools, "own") == 0; m = moot__json_next(m))
        if (strncmp(moot__json_text(m) != NULL ? moot__json_text(m) : "", "tool_", 5) == 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_VALUE,
                           "leave one of them out", "'%s' of 'kinds' is hidden by 'tools: own'",
                           moot__json_text(m));
}

static void check_view(struct moot_checking_crew *c, const struct moot_json *view, const char *id)
{
    static const char *const keys[] = {"first", "last", "tokens"};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++)
        check_least(c, view, keys[i], "view");
    check_from(c, moot__json_get(view, "from"), id);
    check_kinds(c, view);
}

void moot__crew_check_views(struct moot_checking_crew *c)
{
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent)) {
        check_view(c, moot__json_get(agent, "view"), moot__json_get_text(agent, "id", ""));
        check_least(c, moot__json_get(agent, "compaction"), "keep_last", "compaction");
    }
    check_view(c, moot__json_get(moot__json_get(c->crew, "manager"), "view"), "");
}
