#include "cli/items.h"

#include "cli/book.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "cli/safe.h"
#include "runtime/file.h"
#include "runtime/input.h"

#include <unistd.h>

enum { INPUT_FILE_MAX = MOOT_MAX_JSON, INPUT_WARNINGS_MAX = 4 * 1024 * 1024 };

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

/* What a person should know of the items, before anything is paid for. */
static void say_warnings(struct moot_cli *cli, const struct moot_buf *warnings)
{
    struct moot_buf line;
    const char *text = moot__buf_text(warnings);
    moot__buf_init(&line, INPUT_WARNINGS_MAX);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        moot__buf_clear(&line);
        moot__safe_add(&line, text, len);
        fprintf(cli->err, "%swarning:%s %s\n", moot__ink(cli->err_term.colours, MOOT_INK_ASK),
                moot__ink(cli->err_term.colours, MOOT_INK_NONE), moot__buf_text(&line));
        text += len + (text[len] == '\n');
    }
    moot__buf_release(&line);
}

int moot__items_make(struct moot_cli *cli, const struct moot_args *args,
                     const struct moot_json *crew, const char *dir, struct moot_json **out,
                     struct moot_error *err)
{
    const char *task = moot__arg(args, "only");
    const struct moot_json *input = moot__json_get(crew, "input");
    struct moot_buf warnings;
    if (task != NULL)
        return only_item(args, task, out, err);
    struct moot_input_spec spec = {
        .item_name = moot__json_get_text(input, "name", "input"),
        .registry = moot__json_get_text(input, "registry", NULL),
        .key = moot__json_get_text(input, "key", NULL),
        .base_dir = dir,
        .args = args->words + 1,
        .arg_count = args->word_count - 1,
        .lines_fd = STDIN_FILENO,
    };
    moot__buf_init(&warnings, INPUT_WARNINGS_MAX);
    int status = moot__input_load(&spec, out, &warnings, err);
    if (status == MOOT_OK && !moot__flag(args, "quiet"))
        say_warnings(cli, &warnings);
    moot__buf_release(&warnings);
    return status;
}
