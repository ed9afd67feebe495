#include "cli/items.h"

#include "cli/book.h"
#include "cli/project.h"
#include "runtime/file.h"

enum { INPUT_FILE_MAX = MOOT_MAX_JSON };

/* The newest attempt of a task in an earlier run. */
struct earlier {
    const char *task;
    const char *item; /* NULL: the first that there is */
    char *input;
    char *name;
};

static int take_open(void *arg, struct moot_message *m)
{
    struct earlier *e = arg;
    if (m->kind != MOOT_OPEN || m->task == NULL || strcmp(m->task, e->task) != 0)
        return MOOT_OK;
    const char *below = strchr(m->conv, '/');
    const char *input = moot__json_get_text(m->body, "input", NULL);
    bool attempt = below != NULL ? strchr(below + 1, '/') == NULL : true;
    const char *wanted = e->item != NULL ? e->item : e->name;
    if (!attempt || input == NULL ||
        (wanted != NULL && (m->item == NULL || strcmp(m->item, wanted) != 0)))
        return MOOT_OK;
    free(e->input);
    e->input = moot__copy(input, strlen(input));
    if (e->name == NULL && m->item != NULL)
        e->name = moot__copy(m->item, strlen(m->item));
    return e->input != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int from_run(const struct moot_args *args, struct earlier *e, struct moot_error *err)
{
    char *path = NULL;
    struct moot_book *book = NULL;
    int status = moot__run_find(moot__arg(args, "from"), &path, err);
    if (status == MOOT_OK)
        status = moot__book_open(path, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_open, e, err);
    moot__book_close(book);
    free(path);
    if (status == MOOT_OK && e->input == NULL) {
        status =
            moot__fail(err, MOOT_ENOTFOUND, "task '%s' was not worked%s%s in that run", e->task,
                       e->item != NULL ? " for " : "", e->item != NULL ? e->item : "");
        moot__fail_hint(err,
                        "give it what it needs: --input FILE   (moot graph --schemas says what)");
    }
    return status;
}

static int from_file(const char *path, struct earlier *e, struct moot_error *err)
{
    struct moot_buf text;
    moot__buf_init(&text, INPUT_FILE_MAX);
    int status = moot__file_read(path, &text, err);
    if (status == MOOT_OK) {
        e->input = moot__buf_take(&text);
        status = e->input != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__buf_release(&text);
    return status;
}

/* The one item of --only: what the task was given, under the item's name. */
static int only_item(const struct moot_args *args, const char *task, struct moot_json **out,
                     struct moot_error *err)
{
    struct earlier e = {.task = task, .item = moot__arg(args, "item")};
    struct moot_json *item = NULL;
    const char *file = moot__arg(args, "input");
    int status = file != NULL ? from_file(file, &e, err) : from_run(args, &e, err);
    if (status == MOOT_OK)
        status = moot__json_parse(e.input, strlen(e.input), &item, err);
    if (status == MOOT_OK && !moot__json_is(item, MOOT_JSON_OBJECT))
        status =
            moot__fail(err, MOOT_EINVAL, "what task '%s' is given must be a JSON object", task);
    if (status != MOOT_OK && file != NULL && err->code != MOOT_ENOTFOUND)
        moot__fail_wrap(err, "%s", file);
    if (status == MOOT_OK && moot__json_get(item, "name") == NULL)
        status = moot__json_set_text(item, "name", e.name != NULL ? e.name : task);
    *out = moot__json_new(MOOT_JSON_ARRAY);
    if (status == MOOT_OK)
        status = moot__json_add(*out, item);
    else
        moot__json_free(item);
    free(e.input);
    free(e.name);
    return status;
}

int moot__items_make(const struct moot_args *args, const struct moot_json *crew, const char *dir,
                     struct moot_json **out, struct moot_error *err)
{
    const char *task = moot__arg(args, "only");
    (void)dir;
    if (task != NULL)
        return only_item(args, task, out, err);
    struct moot_json *item = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(item, "name",
                        moot__json_get_text(moot__json_get(crew, "input"), "name", "input"));
    for (size_t i = 1; i < args->word_count; i++) {
        char name[256];
        size_t len = strcspn(args->words[i], "=");
        snprintf(name, sizeof(name), "%.*s", (int)len, args->words[i]);
        moot__json_set_text(item, name, args->words[i] + len + (args->words[i][len] == '='));
    }
    *out = moot__json_new(MOOT_JSON_ARRAY);
    return moot__json_add(*out, item);
}
