/* moot runs: all runs of a project. */
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "cli/safe.h"
#include "cli/transcript.h"
#include "runtime/price.h"

#include <inttypes.h>
#include <time.h>

static int take_message(void *arg, struct moot_message *m)
{
    moot__transcript_message(arg, m);
    return MOOT_OK;
}

/* "waits for you (2)", "running", "interrupted", or why it was closed. */
static void add_state(struct moot_buf *out, const struct moot_transcript_facts *f, bool running)
{
    if (f->closed)
        moot__safe_add_line(out, f->stop, strlen(f->stop));
    else if (f->waits > 0)
        moot__buf_addf(out, "waits for you (%" PRId64 ")", f->waits);
    else if (running)
        moot__buf_adds(out, "running");
    else
        moot__buf_adds(out, "interrupted");
}

static void add_outcomes(struct moot_buf *out, const struct moot_transcript_facts *f)
{
    int64_t rest = f->items - f->done - f->rejected - f->failed - f->skipped;
    const struct {
        int64_t n;
        const char *word;
    } parts[] = {{f->done, "done"},
                 {f->rejected, "rejected"},
                 {f->failed, "failed"},
                 {f->skipped, "skipped"},
                 {rest, "open"}};
    size_t start = out->len;
    for (size_t i = 0; i < MOOT_COUNT(parts); i++)
        if (parts[i].n > 0)
            moot__buf_addf(out, "%s%" PRId64 " %s", out->len > start ? ", " : "", parts[i].n,
                           parts[i].word);
}

static void add_when(struct moot_buf *out, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    char text[32] = "";
    if (localtime_r(&seconds, &parts) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts);
    moot__buf_adds(out, text);
}

static void print_text(struct moot_cli *cli, const struct moot_run_file *run,
                       const struct moot_transcript_facts *f, bool running)
{
    struct moot_buf line;
    moot__buf_init(&line, 8192);
    moot__add_ink(&line, cli->out_term.colours, MOOT_INK_BOLD, run->name);
    moot__buf_adds(&line, "  ");
    add_when(&line, f->began_at);
    moot__buf_adds(&line, "  ");
    moot__safe_add_line(&line, f->crew, strlen(f->crew));
    moot__add_pad(&line, 0, 58, 2);
    add_state(&line, f, running);
    moot__add_pad(&line, 0, 80, 2);
    add_outcomes(&line, f);
    moot__buf_adds(&line, " · ");
    moot__add_number_of(&line, f->calls, "call");
    if (f->cost > 0) {
        char cost[32];
        moot__money_format(f->cost, cost);
        moot__buf_addf(&line, " · %s", cost);
    }
    fprintf(cli->out, "%s\n", moot__buf_text(&line));
    moot__buf_release(&line);
}

static void print_json(struct moot_cli *cli, const struct moot_run_file *run,
                       const struct moot_transcript_facts *f, bool running)
{
    struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf state;
    moot__buf_init(&state, 4096);
    add_state(&state, f, running);
    moot__json_set_text(j, "run", run->name);
    moot__json_set_text(j, "id", f->run);
    moot__json_set_text(j, "crew", f->crew);
    moot__json_set_text(j, "path", run->path);
    moot__json_set_int(j, "began_at", f->began_at);
    moot__json_set_text(j, "state",
                        f->closed      ? "closed"
                        : f->waits > 0 ? "waiting"
                        : running      ? "running"
                                       : "interrupted");
    moot__json_set_text(j, "stop", f->stop);
    moot__json_set_int(j, "items", f->items);
    moot__json_set_int(j, "done", f->done);
    moot__json_set_int(j, "rejected", f->rejected);
    moot__json_set_int(j, "failed", f->failed);
    moot__json_set_int(j, "waits", f->waits);
    moot__json_set_int(j, "calls", f->calls);
    moot__json_set_int(j, "tokens", f->tokens);
    char *text = moot__json_string(j);
    if (text != NULL)
        fprintf(cli->out, "%s\n", text);
    free(text);
    moot__json_free(j);
    moot__buf_release(&state);
}

static void print_run(struct moot_cli *cli, const struct moot_run_file *run, bool json)
{
    struct moot_error err = {0};
    struct moot_book *book = NULL;
    struct moot_transcript_options options = {.look = MOOT_LOOK_NONE};
    struct moot_transcript *t = moot__transcript_new(&options);
    int status = t != NULL ? moot__book_open(run->path, &book, &err)
                           : moot__fail(&err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = moot__book_each(book, take_message, t, &err);
    if (status == MOOT_OK) {
        struct moot_transcript_facts facts;
        moot__transcript_facts(t, &facts);
        bool running = moot__run_writer(run->path) != 0;
        if (json)
            print_json(cli, run, &facts, running);
        else
            print_text(cli, run, &facts, running);
    } else {
        /* One that cannot be read must not hide the others. */
        fprintf(cli->err, "%s  cannot be read: %s\n", run->name, err.message);
    }
    moot__book_close(book);
    moot__transcript_free(t);
}

static int runs_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_run_list list;
    char *project = moot__project_find(moot__word(args, 0));
    int status = project != NULL ? moot__runs_list(project, &list, &err)
                                 : moot__fail(&err, MOOT_ENOTFOUND, "there is no folder %s",
                                              moot__word(args, 0));
    if (status != MOOT_OK) {
        free(project);
        return moot__report(cli, &err);
    }
    bool json = moot__flag(args, "json");
    for (size_t i = 0; i < list.count; i++)
        print_run(cli, &list.runs[i], json);
    if (list.count == 0 && !json)
        fprintf(cli->err, "no run in %s yet: moot run CREW begins one\n", project);
    moot__runs_release(&list);
    free(project);
    return MOOT_EXIT_DONE;
}

static const struct moot_option options[] = {
    {"json", 0, NULL, "one JSON line a run", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_runs = {
    .name = "runs",
    .args = "[DIR]",
    .help = "all runs of this project, the last one first",
    .example = "moot runs",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .max_words = 1,
    .complete = MOOT_COMPLETE_FILE,
    .run = runs_run,
};
