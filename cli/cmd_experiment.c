/* moot experiment: variants of a crew, side by side. */
#include "cli/commands.h"
#include "cli/experiment.h"
#include "cli/experiment_diff.h"
#include "cli/experiment_table.h"
#include "cli/paint.h"
#include "cli/safe.h"
#include "runtime/hash.h"
#include "runtime/price.h"

enum { TEXT_MAX = 16 * 1024 * 1024, PLAIN_WIDTH = 80, WIDTH_MOST = 120 };

static size_t width_of(const struct moot_cli *cli)
{
    size_t width = cli->out_term.tty && cli->out_term.columns > 0 ? (size_t)cli->out_term.columns
                                                                  : PLAIN_WIDTH;
    return width > WIDTH_MOST ? WIDTH_MOST : width;
}

static int make_rows(struct moot_experiment *e, struct moot_summary **out, struct moot_error *err)
{
    size_t count = e->file.variant_count;
    struct moot_summary *rows = calloc(count, sizeof(*rows));
    int status = rows != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        status = moot__summary_make(e->file.variants[i].name, moot__experiment_trial(e, i, 1),
                                    (size_t)e->repeats, (uint64_t)e->seed, &rows[i]);
    *out = rows;
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory");
}

static const char *question_of(const struct moot_experiment *e)
{
    return moot__json_get_text(e->file.file->resolved, "experiment", "");
}

static size_t ended_of(const struct moot_experiment *e)
{
    size_t ended = 0;
    for (size_t i = 0; i < e->trial_count; i++)
        ended += e->trials[i].closed;
    return ended;
}

/* "Which coder keeps to the point?" and below it how much was tried. */
static void add_title(const struct moot_experiment *e, int colours, struct moot_buf *out)
{
    struct moot_bounds spent;
    struct moot_buf question;
    char cost[32];
    moot__buf_init(&question, TEXT_MAX);
    moot__safe_add_line(&question, question_of(e), strlen(question_of(e)));
    moot__add_ink(out, colours, MOOT_INK_BOLD, moot__buf_text(&question));
    moot__buf_release(&question);
    moot__experiment_spent(e, &spent);
    moot__buf_addc(out, '\n');
    moot__add_number_of(out, (int64_t)e->file.variant_count, "variant");
    moot__buf_adds(out, " × ");
    moot__add_number_of(out, e->repeats, "repeat");
    if (ended_of(e) < e->trial_count)
        moot__buf_addf(out, " · %zu of %zu runs ended", ended_of(e), e->trial_count);
    moot__buf_adds(out, " · ");
    moot__add_count(out, spent.tokens);
    moot__buf_adds(out, " tokens");
    if (spent.cost > 0) {
        moot__money_format(spent.cost, cost);
        moot__buf_addf(out, " · %s", cost);
    }
    moot__buf_addf(out, " · %s\n\n", e->id);
}

static void print_table(const struct moot_experiment *e, const struct moot_summary *rows)
{
    struct moot_buf out;
    int colours = e->cli->out_term.colours;
    moot__buf_init(&out, TEXT_MAX);
    add_title(e, colours, &out);
    moot__experiment_table(rows, e->file.variant_count, width_of(e->cli), colours, &out);
    fputs(moot__buf_text(&out), e->cli->out);
    moot__buf_release(&out);
}

static int print_json(const struct moot_experiment *e, const struct moot_summary *rows)
{
    struct moot_bounds spent;
    struct moot_buf text;
    struct moot_json *all = moot__json_new(MOOT_JSON_OBJECT);
    moot__experiment_spent(e, &spent);
    moot__buf_init(&text, TEXT_MAX);
    int status = moot__json_set_text(all, "experiment", question_of(e));
    status |= moot__json_set_text(all, "id", e->id);
    status |= moot__json_set_text(all, "folder", e->folder);
    status |= moot__json_set_int(all, "seed", e->seed);
    status |= moot__json_set_int(all, "repeats", e->repeats);
    status |= moot__json_set_int(all, "runs", (int64_t)e->trial_count);
    status |= moot__json_set_int(all, "ended", (int64_t)ended_of(e));
    status |= moot__json_set_int(all, "tokens", spent.tokens);
    status |= moot__json_set(all, "variants", moot__experiment_rows(rows, e->file.variant_count));
    if (status == MOOT_OK)
        status = moot__json_write_pretty(all, &text);
    if (status == MOOT_OK)
        fprintf(e->cli->out, "%s\n", moot__buf_text(&text));
    moot__buf_release(&text);
    moot__json_free(all);
    return status;
}

/* How to look closer, or go on. */
static void print_foot(const struct moot_experiment *e, int code)
{
    const char *first = e->file.variants[0].name;
    FILE *out = e->cli->err;
    if (code == MOOT_EXIT_INTERRUPTED || code == MOOT_EXIT_TERMINATED)
        fprintf(out, "\n%sstopped; nothing is lost.   go on: moot experiment %s --resume\n",
                code == MOOT_EXIT_INTERRUPTED ? "^C " : "", e->path);
    else if (code == MOOT_EXIT_LIMIT)
        fprintf(out, "\nlimits.total is used up: %zu of %zu runs ended   exit %d\n", ended_of(e),
                e->trial_count, code);
    else if (code == MOOT_EXIT_WAITS)
        fprintf(out, "\na run waits for a person, and nobody is asked in an experiment   exit %d\n",
                code);
    else if (code != MOOT_EXIT_DONE)
        fprintf(out, "\n%zu of %zu runs ended.   go on: moot experiment %s --resume\n", ended_of(e),
                e->trial_count, e->path);
    if (ended_of(e) == 0)
        return;
    fprintf(out, "\n  transcript    moot show %s/%s/1", e->id, first);
    if (e->file.variant_count > 1)
        fprintf(out, "\n  side by side  moot experiment %s --diff %s/1 %s/1", e->path, first,
                e->file.variants[1].name);
    fputc('\n', out);
}

static int print(struct moot_experiment *e, int code)
{
    struct moot_error err = {0};
    struct moot_summary *rows = NULL;
    int status = make_rows(e, &rows, &err);
    fflush(e->cli->err);
    if (status == MOOT_OK && moot__flag(e->args, "json")) {
        status = print_json(e, rows);
        if (status != MOOT_OK)
            moot__fail(&err, status, "out of memory");
    } else if (status == MOOT_OK) {
        if (e->cli->out_term.tty && e->cli->err_term.tty)
            fputc('\n', e->cli->out);
        print_table(e, rows);
    }
    fflush(e->cli->out);
    if (status == MOOT_OK)
        print_foot(e, code);
    free(rows);
    return status == MOOT_OK ? code : moot__report(e->cli, &err);
}

/* Runs what there is to run. */
static int go(struct moot_experiment *e, struct moot_error *err)
{
    const char *text = moot__arg(e->args, "repeats");
    int64_t repeats = 0;
    bool resume = moot__flag(e->args, "resume");
    if (text != NULL &&
        (!moot__int_parse(text, &repeats) || repeats < 1 || repeats > MOOT_REPEATS_MAX)) {
        moot__fail(err, MOOT_EUSAGE, "--repeats '%s' is no number from 1 to %d", text,
                   MOOT_REPEATS_MAX);
        return moot__report(e->cli, err);
    }
    int status = resume ? moot__experiment_find(e, true, (int)repeats, err) : MOOT_OK;
    if (status == MOOT_OK && resume)
        status = moot__experiment_trials(e, err);
    if (status != MOOT_OK)
        return moot__report(e->cli, err);
    if (resume && moot__experiment_over(e)) /* looked at again */
        return print(e, MOOT_EXIT_DONE);
    int code = moot__experiment_trusted(e);
    if (code != MOOT_EXIT_DONE)
        return code;
    if (!resume && moot__experiment_begin(e, (int)repeats, err) != MOOT_OK)
        return moot__report(e->cli, err);
    return print(e, moot__experiment_run(e));
}

/* Puts two runs side by side. */
static int diff(struct moot_experiment *e, struct moot_error *err)
{
    if (e->args->word_count != 3) {
        moot__fail(err, MOOT_EUSAGE, "--diff wants two runs: VARIANT/REPEAT VARIANT/REPEAT");
        return moot__report(e->cli, err);
    }
    int status = moot__experiment_find(e, false, 0, err);
    if (status == MOOT_OK)
        status = moot__experiment_diff(e, moot__word(e->args, 1), moot__word(e->args, 2),
                                       width_of(e->cli), err);
    return status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(e->cli, err);
}

static int experiment_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_experiment e;
    struct moot_error err = {0};
    int code = moot__experiment_load(cli, args, moot__word(args, 0), &e);
    bool diffs = moot__flag(args, "diff");
    if (code == MOOT_EXIT_DONE && !diffs && args->word_count > 1) {
        moot__fail(&err, MOOT_EUSAGE, "'%s': an experiment is one file", moot__word(args, 1));
        moot__fail_hint(&err, "two runs side by side:  --diff VARIANT/REPEAT VARIANT/REPEAT");
        code = moot__report(cli, &err);
    } else if (code == MOOT_EXIT_DONE) {
        code = diffs ? diff(&e, &err) : go(&e, &err);
    }
    moot__experiment_release(&e);
    return code;
}

static const struct moot_option options[] = {
    {"repeats", 'r', "N", "runs of each variant, whatever the file says", 0},
    {"resume", 0, NULL, "go on with what is missing of the last one of this file", 0},
    {"diff", 0, NULL, "two runs side by side, from where they first differ", 0},
    {"model", 'm', "MODEL", "every model is this one; NAME=MODEL: one of them", 0},
    {"json", 0, NULL, "the table as one JSON object", 0},
    {"trust", 0, NULL, "run it whatever it can do to this machine", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_experiment = {
    .name = "experiment",
    .args = "FILE [RUN RUN]",
    .help = "variants times repeats, side by side",
    .more = "The file names a crew and its variants, each laid over the crew as by extends. Every "
            "run has a copy of the workspace of its own; the variants take turns. The table says "
            "what was claimed and, by the checks of `success`, what is true.\n"
            "Rates come with Wilson's 95 % interval, medians with a bootstrap interval; with "
            "fewer than 5 runs a variant is marked an anecdote. No more is used than limits.total "
            "allows.",
    .example = "moot experiment experiment.yaml\n"
               "moot experiment experiment.yaml --diff good/1 boastful/1",
    .options = options,
    .group = MOOT_GROUP_AGAIN,
    .min_words = 1,
    .max_words = 3,
    .complete = MOOT_COMPLETE_CREW,
    .run = experiment_run,
};
