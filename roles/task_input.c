#include "roles/task_input.h"

#include "runtime/scope.h"

enum { WORD_SIZE = 512 };

struct moot_json *moot__scope_make(const struct moot_crew_def *crew, struct moot_json *item)
{
    struct moot_json *scope = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *words = moot__json_new(MOOT_JSON_OBJECT);
    if (item == NULL)
        item = moot__json_new(MOOT_JSON_OBJECT);
    const char *name = crew->item_name != NULL ? crew->item_name : "input";
    int rc = scope == NULL || words == NULL || item == NULL
                 ? MOOT_ENOMEM
                 : moot__json_set_text(words, "name", crew->name != NULL ? crew->name : "");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(words, "goal", crew->goal != NULL ? crew->goal : "");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(words, "date", crew->date != NULL ? crew->date : "");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(scope, MOOT_SCOPE_ITEM, name);
    if (rc == MOOT_OK)
        rc = moot__json_set(scope, "item", moot__scope_own(item));
    if (rc != MOOT_OK) {
        moot__json_free(words);
        moot__json_free(item);
        moot__json_free(scope);
        return NULL;
    }
    rc = moot__json_set(scope, "crew", words);
    if (rc != MOOT_OK)
        moot__json_free(item);
    else
        rc = moot__json_set(scope, name, item);
    if (rc == MOOT_OK)
        return scope;
    moot__json_free(scope);
    return NULL;
}

/* What is cut to a number of tokens is cut by the ranks that stand beside it. */
static int copy_ranks(const struct moot_json *holder, const char *word, struct moot_json *out)
{
    char key[WORD_SIZE + 8];
    snprintf(key, sizeof(key), "%s_rank", word);
    const struct moot_json *rank = moot__json_get(holder, key);
    return rank == NULL ? MOOT_OK : moot__json_set(out, key, moot__json_copy(rank));
}

/* Goes along the path in both trees and copies what lies at its end. A list ends it early: whatever
 * the path makes of its elements, it makes of the copy. */
static int copy_path(const struct moot_json *from, const char *path, struct moot_json *to)
{
    char word[WORD_SIZE];
    for (;;) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof(word))
            return MOOT_OK;
        memcpy(word, path, n);
        word[n] = '\0';
        path += n;
        const struct moot_json *value = moot__json_get(from, word);
        if (value == NULL)
            return MOOT_OK;
        if (*path == '\0' || !moot__json_is(value, MOOT_JSON_OBJECT)) {
            int rc = copy_ranks(from, word, to);
            return rc != MOOT_OK ? rc : moot__json_set(to, word, moot__json_copy(value));
        }
        path++;
        struct moot_json *next = moot__json_edit(to, word);
        if (next == NULL) {
            if (moot__json_set(to, word, moot__json_new(MOOT_JSON_OBJECT)) != MOOT_OK)
                return MOOT_ENOMEM;
            next = moot__json_edit(to, word);
        }
        from = value;
        to = next;
    }
}

/* One path of a prompt: the item's name alone means its text, a word that is nothing else is a
 * member of the item. */
static int copy_used(const struct moot_json *scope, const char *path, struct moot_json *out)
{
    static const char *const of_attempt[] = {"report", "attempt", "previous"};
    const char *item = moot__json_get_text(scope, MOOT_SCOPE_ITEM, "");
    for (size_t i = 0; i < MOOT_COUNT(of_attempt); i++)
        if (strcmp(path, of_attempt[i]) == 0)
            return MOOT_OK;
    if (strcmp(path, item) == 0 || strcmp(path, "item") == 0) {
        char whole[WORD_SIZE];
        const struct moot_json *value = moot__json_get(scope, path);
        bool text = moot__json_get(value, "text") != NULL;
        snprintf(whole, sizeof(whole), "%s%s", path, text ? ".text" : "");
        return copy_path(scope, whole, out);
    }
    char word[WORD_SIZE];
    size_t n = strcspn(path, ".");
    if (n >= sizeof(word))
        return MOOT_OK;
    memcpy(word, path, n);
    word[n] = '\0';
    bool here = moot__json_get(scope, word) != NULL;
    return copy_path(here ? scope : moot__json_get(scope, item), path, out);
}

struct moot_json *moot__task_input(const struct moot_task_def *task, const struct moot_json *scope)
{
    struct moot_json *out = moot__json_new(MOOT_JSON_OBJECT);
    int rc = out == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(out, MOOT_SCOPE_ITEM,
                                 moot__json_get_text(scope, MOOT_SCOPE_ITEM, ""));
    for (size_t i = 0; rc == MOOT_OK && task->uses != NULL && task->uses[i] != NULL; i++)
        rc = copy_used(scope, task->uses[i], out);
    for (size_t i = 0; rc == MOOT_OK && task->shown != NULL && task->shown[i] != NULL; i++)
        rc = copy_path(scope, task->shown[i], out);
    if (rc == MOOT_OK)
        return out;
    moot__json_free(out);
    return NULL;
}
