/* moot redact: removes the text of messages for good; the proof stays. */
#include "cli/commands.h"
#include "cli/numbered.h"
#include "cli/project.h"
#include "runtime/decimal.h"
#include "runtime/redaction.h"

#include <time.h>

enum { REDACT_MAX = 10000, SHOWN_MAX = 12 };

struct redacting {
    struct moot_cli *cli;
    const struct moot_args *args;
    char *path;
    struct moot_journal *journal;
    struct moot_key *owner;
    int64_t *seqs;
    size_t count;
    int64_t *quotes;
    size_t quote_count;
    size_t shown, fixed; /* of the quotes: lines printed; that can never lose their text */
    bool with_quotes;
};

static int read_numbers(struct redacting *r, struct moot_error *err)
{
    r->count = r->args->word_count - 1;
    r->seqs = calloc(r->count, sizeof(*r->seqs));
    if (r->seqs == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (size_t i = 0; i < r->count; i++) {
        const char *text = moot__word(r->args, i + 1);
        if (!moot__int_parse(text, &r->seqs[i])) {
            moot__fail(err, MOOT_EUSAGE, "'%s' is no message's number", text);
            moot__fail_hint(err, "moot show %s --messages   numbers them", moot__word(r->args, 0));
            return MOOT_EUSAGE;
        }
    }
    return MOOT_OK;
}

static int open_run(struct redacting *r, struct moot_error *err)
{
    char *keys = moot__dir_keys();
    bool made = false;
    int status = moot__run_find(moot__word(r->args, 0), &r->path, err);
    if (status == MOOT_OK && !moot__journal_is_file(r->path))
        status =
            moot__fail(err, MOOT_EUSAGE, "%s is no journal: texts are removed from one", r->path);
    if (status == MOOT_OK)
        status = keys != NULL ? moot__key_owner(keys, false, &made, &r->owner, err)
                              : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = moot__journal_open(r->path, MOOT_JOURNAL_WRITE, NULL, &r->journal, err);
    free(keys);
    return status;
}

static int show_quote(void *arg, struct moot_message *m)
{
    struct redacting *r = arg;
    bool quotes = false;
    for (size_t i = 0; i < r->quote_count && !quotes; i++)
        quotes = r->quotes[i] == m->seq;
    if (!quotes)
        return MOOT_OK;
    r->fixed += !moot__redaction_may(m->kind);
    if (r->shown++ >= SHOWN_MAX)
        return MOOT_OK;
    struct moot_buf line;
    moot__buf_init(&line, 64 * 1024);
    moot__numbered_add(&line, m, (size_t)r->cli->err_term.columns);
    fprintf(r->cli->err, "%s\n", moot__buf_text(&line));
    moot__buf_release(&line);
    return MOOT_OK;
}

/* What else holds the words: nothing is left behind, and nothing more removed, unasked. */
static int decide_quotes(struct redacting *r, struct moot_error *err)
{
    bool alone = moot__flag(r->args, "alone");
    r->with_quotes = moot__flag(r->args, "with-quotes");
    if (alone && r->with_quotes)
        return moot__fail(err, MOOT_EUSAGE, "--with-quotes or --alone, not both");
    int status =
        moot__redaction_quotes(r->journal, r->seqs, r->count, &r->quotes, &r->quote_count, err);
    if (status != MOOT_OK || r->quote_count == 0 || alone)
        return status;
    status = moot__journal_each(r->journal, 0, show_quote, r, err);
    if (status != MOOT_OK || (r->with_quotes && r->fixed == 0))
        return status;
    if (r->shown > SHOWN_MAX)
        fprintf(r->cli->err, "       and %zu more\n", r->shown - SHOWN_MAX);
    if (r->fixed > 0) {
        moot__fail(err, MOOT_EINVAL, "the text stands in the run's crew or keys too, which stay");
        moot__fail_hint(err, "--alone   removes it from the messages that you name and no others");
        return MOOT_EINVAL;
    }
    moot__fail(err, MOOT_EUSAGE, "the text stands in %zu other message%s too", r->quote_count,
               r->quote_count == 1 ? "" : "s");
    moot__fail_hint(err, "--with-quotes   removes it there too\n--alone         leaves it there");
    return MOOT_EUSAGE;
}

/* A run that is not closed may lose what it needs to go on. */
static int decide_end(const struct redacting *r, struct moot_error *err)
{
    int status = moot__redactions_bear(r->journal, r->seqs, r->count, err);
    if (status == MOOT_OK && r->with_quotes)
        status = moot__redactions_bear(r->journal, r->quotes, r->quote_count, err);
    if (status != MOOT_EFOLD)
        return status;
    if (moot__flag(r->args, "yes")) {
        *err = (struct moot_error){0};
        return MOOT_OK;
    }
    moot__fail(err, MOOT_EFOLD, "without this text the run could not be gone on with");
    moot__fail_hint(err, "finish it first: moot resume %s\nor remove it all the same: --yes",
                    moot__word(r->args, 0));
    return MOOT_EFOLD;
}

static void say_done(const struct redacting *r)
{
    size_t all = r->count + (r->with_quotes ? r->quote_count : 0);
    fprintf(r->cli->err, "removed the text of %zu message%s; the proof stays: moot verify %s\n",
            all, all == 1 ? "" : "s", moot__word(r->args, 0));
    if (r->quote_count > 0 && !r->with_quotes)
        fprintf(r->cli->err, "%zu other message%s hold it still\n", r->quote_count,
                r->quote_count == 1 ? "" : "s");
    fputs("forks, recordings, exports and files that were written of it are as they were\n",
          r->cli->err);
}

static int redact(struct redacting *r, struct moot_error *err)
{
    char *state = moot__dir_state();
    struct moot_redaction_wish wish = {
        .seqs = r->seqs,
        .count = r->count,
        .why = moot__arg(r->args, "why"),
        .quotes = r->quotes,
        .quote_count = r->quote_count,
        .with_quotes = r->with_quotes,
        .owner = r->owner,
        .state_dir = state,
        .ts = (int64_t)time(NULL) * 1000,
    };
    int status = moot__redaction_make(r->journal, &wish, err);
    free(state);
    return status;
}

static int redact_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct redacting r = {.cli = cli, .args = args};
    struct moot_error err = {0};
    int status = read_numbers(&r, &err);
    if (status == MOOT_OK)
        status = open_run(&r, &err);
    if (status == MOOT_OK)
        status = decide_quotes(&r, &err);
    if (status == MOOT_OK)
        status = decide_end(&r, &err);
    if (status == MOOT_OK)
        status = redact(&r, &err);
    int code = status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(cli, &err);
    if (status == MOOT_OK)
        say_done(&r);
    moot__journal_close(r.journal);
    moot__key_free(r.owner);
    free(r.seqs);
    free(r.quotes);
    free(r.path);
    return code;
}

static const struct moot_option options[] = {
    {"with-quotes", 0, NULL, "also from the messages that hold the same words", 0},
    {"alone", 0, NULL, "from these messages alone, though others hold the same words", 0},
    {"why", 0, "TEXT", "the reason, which stays in the journal", 0},
    {"yes", 0, NULL, "though the run cannot be gone on with then", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_redact = {
    .name = "redact",
    .args = "RUN N…",
    .help = "remove a text, keep the proof",
    .more = "Destroys the text of the messages of these numbers (moot show RUN --messages) and its "
            "salt, in the file and its log, and says so in a message that you sign. That the "
            "message was there, whose it was and what it answered stays provable. Other messages "
            "that hold the same words are found and named; whoever removes a text decides about "
            "them too.\n"
            "A run that is not closed must not need the text any more.",
    .example = "moot redact 7k2m 41 --with-quotes --why \"asked for by Lin\"",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .min_words = 2,
    .max_words = REDACT_MAX,
    .complete = MOOT_COMPLETE_RUN,
    .run = redact_run,
};
