/* moot result: what a run has produced. */
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/project.h"
#include "cli/results.h"

static int take_message(void *arg, struct moot_message *m)
{
    return moot__results_message(arg, m);
}

static void add_names(struct moot_buf *out, const struct moot_results *r, bool tasks)
{
    size_t start = out->len;
    for (size_t i = 0; i < r->count && out->len - start < 200; i++) {
        const char *name = tasks ? r->list[i].task : r->list[i].item;
        bool again = name == NULL || (!tasks && r->list[i].task != NULL);
        for (size_t k = 0; k < i && !again; k++) {
            const char *other = tasks ? r->list[k].task : r->list[k].item;
            again = other != NULL && strcmp(other, name) == 0 && (tasks || r->list[k].task == NULL);
        }
        if (!again)
            moot__buf_addf(out, "%s%s", out->len > start ? ", " : "", name);
    }
}

/* Nothing fits what was asked for: says what there is. */
static int nothing(struct moot_cli *cli, const struct moot_results *r,
                   const struct moot_results_choice *choice)
{
    struct moot_error err;
    struct moot_buf names;
    moot__buf_init(&names, 4096);
    if (choice->task != NULL) {
        moot__fail(&err, MOOT_ENOTFOUND, "task '%s' has no result in this run", choice->task);
        add_names(&names, r, true);
        if (names.len > 0)
            moot__fail_hint(&err, "tasks with a result: %s", moot__buf_text(&names));
    } else if (choice->item != NULL) {
        moot__fail(&err, MOOT_ENOTFOUND, "there is no result of an item '%s' in this run",
                   choice->item);
        add_names(&names, r, false);
        if (names.len > 0)
            moot__fail_hint(&err, "items with a result: %s", moot__buf_text(&names));
    } else {
        moot__fail(&err, MOOT_ENOTFOUND, "this run has no result yet");
        moot__fail_hint(&err, "moot show   says how far it got\nmoot resume   goes on");
    }
    moot__buf_release(&names);
    return moot__report(cli, &err);
}

static int print(struct moot_cli *cli, const struct moot_args *args, const char *task,
                 const struct moot_results *r)
{
    const char *dir = moot__arg(args, "output");
    struct moot_results_choice choice = {
        .task = task, .item = moot__arg(args, "item"), .json = moot__flag(args, "json")};
    struct moot_error err;
    size_t count = 0;
    if (dir == NULL)
        return moot__results_print(r, cli, &choice) > 0 ? MOOT_EXIT_DONE : nothing(cli, r, &choice);
    if (moot__results_write(r, dir, &count, &err) != MOOT_OK)
        return moot__report(cli, &err);
    if (count == 0)
        return nothing(cli, r, &choice);
    fprintf(cli->err, "%zu file%s in %s\n", count, count == 1 ? "" : "s", dir);
    return MOOT_EXIT_DONE;
}

static int read_results(const char *run, struct moot_results *r, struct moot_error *err)
{
    struct moot_book *book = NULL;
    char *path = NULL;
    moot__results_init(r);
    int status = moot__run_find(run, &path, err);
    if (status == MOOT_OK)
        status = moot__book_open(path, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_message, r, err);
    moot__book_close(book);
    free(path);
    return status;
}

static bool has_task(const struct moot_results *r, const char *task)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].task != NULL && strcmp(r->list[i].task, task) == 0)
            return true;
    return false;
}

static int result_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0}, other;
    struct moot_results results;
    const char *run = moot__word(args, 0), *task = moot__word(args, 1);
    int status = read_results(run, &results, &err);
    /* One word alone may be a task of the last run. */
    if (status == MOOT_ENOTFOUND && run != NULL && task == NULL) {
        moot__results_release(&results);
        status = read_results(NULL, &results, &other);
        if (status == MOOT_OK && has_task(&results, run))
            task = run;
        else
            status = MOOT_ENOTFOUND;
    }
    int code = status == MOOT_OK ? print(cli, args, task, &results) : moot__report(cli, &err);
    moot__results_release(&results);
    return code;
}

static const struct moot_option options[] = {
    {"item", 0, "NAME", "of this item alone", 0},
    {"json", 0, NULL, "one JSON line for each item", 0},
    {"output", 'o', "DIR", "write a file for each task and item into this folder",
     MOOT_COMPLETE_FILE},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_result = {
    .name = "result",
    .args = "[RUN] [TASK]",
    .help = "what a run has produced",
    .more =
        "Without TASK the result of each item, which is that of its last task. Into a pipe or a "
        "file goes the result alone; of several items one JSON line each. A TASK alone is one of "
        "the last run.",
    .example = "moot result\nmoot result 7k2m email --item odd-thursday",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .max_words = 2,
    .complete = MOOT_COMPLETE_RUN,
    .run = result_run,
};
