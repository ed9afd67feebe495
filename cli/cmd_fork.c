/* moot fork: go another way from a message of an earlier run. */
#include "cli/cmd_run.h"
#include "cli/commands.h"
#include "cli/project.h"
#include "runtime/decimal.h"
#include "runtime/fork.h"

#include <unistd.h>

struct forking {
    struct moot_cli *cli;
    const struct moot_args *args;
    char *path; /* of the run */
    int64_t at;
    struct moot_recording *recording;
};

static int read_at(struct forking *f, struct moot_error *err)
{
    const char *text = moot__arg(f->args, "at");
    if (text != NULL && moot__int_parse(text, &f->at) && f->at >= 0)
        return MOOT_OK;
    if (text == NULL)
        moot__fail(err, MOOT_EUSAGE, "say after which message: --at N");
    else
        moot__fail(err, MOOT_EUSAGE, "--at '%s' is no message's number", text);
    const char *run = moot__word(f->args, 0);
    moot__fail_hint(err, "moot show%s%s --messages   numbers them", run != NULL ? " " : "",
                    run != NULL ? run : "");
    return MOOT_EUSAGE;
}

/* The same crew: the beginning stays as it is, word for word, and is gone on with. */
static int fork_same(struct forking *f)
{
    struct moot_error err = {0};
    struct moot_session_fork fork = {.recording = f->recording};
    char run[MOOT_RUN_TEXT];
    char *journal = NULL;
    char *project = moot__project_of(f->path);
    int status = project != NULL ? moot__run_draw(project, run, &journal, &err)
                                 : moot__fail(&err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = moot__fork_copy(f->path, f->at, journal, &fork.witnessed, &err);
    fork.run = run;
    fork.at = f->at;
    int code = status == MOOT_OK ? moot__session_resume(f->cli, f->args, journal, &fork)
                                 : moot__report(f->cli, &err);
    free(project);
    free(journal);
    return code;
}

/* Another crew: a run of its own that begins anew; what it asks as before is not asked again. */
static int fork_crew(struct forking *f, const char *crew)
{
    struct moot_run_begin begin = {
        .crew = crew,
        .recording = f->recording,
        .replay = MOOT_REPLAY_THEN_LIVE,
        .forked = true,
        .own_items = true,
    };
    return moot__run_begin(f->cli, f->args, &begin);
}

static int fork_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct forking f = {.cli = cli, .args = args};
    struct moot_error err = {0};
    const char *crew = moot__arg(args, "crew");
    int status = read_at(&f, &err);
    if (status == MOOT_OK)
        status = moot__run_find(moot__word(args, 0), &f.path, &err);
    if (status == MOOT_OK && !moot__journal_is_file(f.path))
        status = moot__fail(&err, MOOT_EUSAGE, "%s is no journal: a fork is made of one", f.path);
    if (status == MOOT_OK)
        status = moot__recording_open(f.path, crew != NULL ? f.at : -1, &f.recording, &err);
    int code = status != MOOT_OK ? moot__report(cli, &err)
               : crew != NULL    ? fork_crew(&f, crew)
                                 : fork_same(&f);
    moot__recording_free(f.recording);
    free(f.path);
    return code;
}

static const struct moot_option options[] = {
    {"at", 0, "N", "the last message that stays as it is", 0},
    {"crew", 0, "FILE", "with this crew: what it asks as before is used again", MOOT_COMPLETE_CREW},
    {"model", 'm', "MODEL", "with --crew: every model of it is this one", 0},
    {"jobs", 'j', "N", "how many items are worked on at once (4)", 0},
    {"quiet", 'q', NULL, "the result alone", 0},
    {"output", 'o', "DIR", "write a file for each task and item into this folder",
     MOOT_COMPLETE_FILE},
    {"json", 0, NULL, "one message a line on standard output, as in the journal", 0},
    {"watch", 0, "ITEM", "of several items, stream the talk about this one", 0},
    {"trust", 0, NULL, "with --crew: run it whatever it can do to this machine", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_fork = {
    .name = "fork",
    .args = "[RUN] --at N",
    .help = "go another way from message N",
    .more = "Makes a run of its own that holds the messages of RUN up to N, signatures and all, "
            "and goes on from there: models are asked anew, and what tools have done since in RUN "
            "is not done a second time. RUN stays as it is, whether it is closed or going on.\n"
            "With --crew the run begins anew with another crew. Every reply that RUN got up to N "
            "is used again where the same is asked; from where on it is new is said.",
    .example = "moot fork --at 41\nmoot fork 7k2m --at 41 --crew shorter.yaml",
    .options = options,
    .group = MOOT_GROUP_AGAIN,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = fork_run,
};
