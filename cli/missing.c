#include "cli/missing.h"

#include "roles/crew_load.h"
#include "roles/crew_uses.h"

struct checking {
    const struct moot_json *crew;
    const struct moot_json *items;
    const char *path;
    const char *item_name;
    char place[MOOT_MAX_ID + 16]; /* "task 'answer'" */
    struct moot_error *err;
    int status;
};

/* Words that the program itself fills in. */
static bool is_own(const char *word)
{
    static const char *const own[] = {"item",    "items",       "crew", "report",
                                      "attempt", "output_file", "each"};
    for (size_t i = 0; i < MOOT_COUNT(own); i++)
        if (strcmp(own[i], word) == 0)
            return true;
    return false;
}

static const struct moot_json *item_without(const struct checking *c, const char *member)
{
    const struct moot_json *item = moot__json_first(c->items);
    while (item != NULL && moot__json_get(item, member) != NULL)
        item = moot__json_next(item);
    return item;
}

static void missing(struct checking *c, const char *word, const struct moot_json *item)
{
    bool several = moot__json_count(c->items) > 1;
    const char *name = moot__json_get_text(item, "name", "");
    c->status = moot__fail(c->err, MOOT_EUSAGE, "%s needs '%s', which %s%s%s", c->place, word,
                           several ? "was not given for '" : "was not given", several ? name : "",
                           several ? "'" : "");
    if (strcmp(word, c->item_name) == 0)
        moot__fail_hint(
            c->err, "give it files     moot run %s FILE…\nor a text         moot run %s %s=TEXT",
            c->path, c->path, word);
    else
        moot__fail_hint(
            c->err, "give it a text    moot run %s %s=TEXT\nor a file's text  moot run %s %s=@FILE",
            c->path, word, c->path, word);
}

static void on_use(void *arg, const struct moot_crew_use *use)
{
    struct checking *c = arg;
    char word[MOOT_MAX_ID + 1];
    size_t len = strcspn(use->path, ".[");
    if (c->status != MOOT_OK || use->defaulted || use->place == MOOT_USE_THAT ||
        len >= sizeof(word))
        return;
    memcpy(word, use->path, len);
    word[len] = '\0';
    if (is_own(word) || moot__crew_entry(c->crew, "tasks", word) != NULL)
        return;
    bool is_item = strcmp(word, c->item_name) == 0;
    bool text = is_item && (use->path[len] == '\0' || strcmp(use->path + len, ".text") == 0);
    if (is_item && !text)
        return; /* a member that this item may have and that one not: seen when it is worked on */
    const struct moot_json *item = item_without(c, text ? "text" : word);
    if (item != NULL)
        missing(c, word, item);
}

int moot__items_check(const struct moot_json *crew, const struct moot_json *items, const char *path,
                      struct moot_error *err)
{
    struct checking c = {
        .crew = crew,
        .items = items,
        .path = path,
        .item_name = moot__json_get_text(moot__json_get(crew, "input"), "name", "input"),
        .err = err,
    };
    const struct moot_crew_uses to = {.arg = &c, .use = on_use};
    snprintf(c.place, sizeof(c.place), "the opening");
    int status = moot__crew_uses_of_opening(crew, &to);
    const struct moot_json *task = moot__json_first(moot__json_get(crew, "tasks"));
    for (; task != NULL && c.status == MOOT_OK && status == MOOT_OK; task = moot__json_next(task)) {
        snprintf(c.place, sizeof(c.place), "task '%.64s'", moot__json_get_text(task, "id", ""));
        status = moot__crew_uses_of_task(task, &to);
    }
    return c.status != MOOT_OK || status == MOOT_OK ? c.status
                                                    : moot__fail(err, status, "out of memory");
}
