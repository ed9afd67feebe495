/* moot run: runs a crew, live. */
#include "cli/cmd_run.h"
#include "cli/chat.h"
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/items.h"
#include "cli/missing.h"
#include "cli/project.h"
#include "cli/session.h"
#include "cli/transcript.h"
#include "cli/trust.h"
#include "runtime/decimal.h"
#include "runtime/file.h"
#include "runtime/hash.h"
#include "runtime/near.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 1000, TASKS_MAX = 500, RECORD_MAX = 1024 * 1024 * 1024 };

/* Of one run being prepared. */
struct preparing {
    struct moot_cli *cli;
    const struct moot_args *args;
    const struct moot_run_begin *begin;
    struct moot_recording_source from; /* where there is a recording */
    struct moot_crewfile file;
    struct moot_crew *crew;
    struct moot_json *items;
    char *journal;
    char run[33];
    char date[16];
    struct moot_session_options options;
};

static int draw_run(struct preparing *p, struct moot_error *err)
{
    const char *given = moot__arg(p->args, "journal");
    int status = moot__run_draw(p->file.project, p->run, &p->journal, err);
    if (status != MOOT_OK || given == NULL)
        return status;
    free(p->journal);
    p->journal = moot__copy(given, strlen(given));
    return p->journal != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

/* A replay happens on the day of its recording: prompts may name it. */
static void set_date(struct preparing *p)
{
    if (p->begin->recording != NULL && p->from.date[0] != '\0') {
        snprintf(p->date, sizeof(p->date), "%s", p->from.date);
        return;
    }
    time_t now = time(NULL);
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL ||
        strftime(p->date, sizeof(p->date), "%Y-%m-%d", &parts) == 0)
        snprintf(p->date, sizeof(p->date), "1970-01-01");
}

/* An option that is a number within bounds; `absent` if it is not given. */
static int number(const struct moot_args *args, const char *name, int64_t least, int64_t most,
                  int64_t absent, int64_t *out, struct moot_error *err)
{
    const char *text = moot__arg(args, name);
    *out = absent;
    if (text == NULL || (moot__int_parse(text, out) && *out >= least && *out <= most))
        return MOOT_OK;
    return moot__fail(err, MOOT_EUSAGE, "--%s '%s' is no number from %lld to %lld", name, text,
                      (long long)least, (long long)most);
}

/* What the run is given in the order of precedence: the command line, the recording, the crew,
 * chance. */
static int set_options(struct preparing *p, struct moot_error *err)
{
    struct moot_session_options *o = &p->options;
    const struct moot_json *crew = p->file.file->resolved;
    int64_t jobs = 0;
    uint32_t chance = 0;
    int status = number(p->args, "jobs", 1, JOBS_MAX, 0, &jobs, err);
    if (status == MOOT_OK && getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
        status = moot__fail(err, MOOT_EIO, "the system has no random bytes");
    if (status == MOOT_OK)
        status = number(p->args, "seed", 0, (1LL << 53) - 1,
                        p->begin->recording != NULL && p->from.has_seed
                            ? p->from.seed
                            : moot__json_get_int(crew, "seed", (int64_t)chance),
                        &o->seed, err);
    o->jobs = (int)jobs;
    o->quiet = moot__flag(p->args, "quiet");
    o->json = moot__flag(p->args, "json");
    o->dry_run = moot__flag(p->args, "dry-run");
    o->output_dir = moot__arg(p->args, "output");
    o->watch = moot__arg(p->args, "watch");
    o->project = p->file.project;
    return status;
}

/* The journal holds where the crew file stands, so that a resume finds what stands beside it. */
static int note_file(struct preparing *p, const char *path, struct moot_error *err)
{
    char *real = realpath(path, NULL);
    size_t len = strlen(p->file.project);
    const char *shown = path;
    if (real != NULL && strncmp(real, p->file.project, len) == 0 && real[len] == '/')
        shown = real + len + 1;
    int status = moot__json_set_text(p->file.file->resolved, "file", shown);
    free(real);
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory");
}

static int build(struct preparing *p, struct moot_error *err)
{
    struct moot_json *resolved = moot__json_copy(p->file.file->resolved);
    if (resolved == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    bool replays = p->begin->recording != NULL && p->begin->replay == MOOT_REPLAY_ONLY;
    return moot__crew_build(resolved, p->file.dir, p->date,
                            replays ? moot__getenv_replay : moot__getenv, &p->crew, err);
}

static int no_task(const struct preparing *p, const char *id, struct moot_error *err)
{
    const char *names[TASKS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < p->crew->def.task_count && count < TASKS_MAX; i++)
        names[count++] = p->crew->def.tasks[i].id;
    const char *near = moot__near_find(id, names, count);
    moot__fail(err, MOOT_EUSAGE, "the crew has no task '%s'", id);
    if (near != NULL)
        moot__fail_hint(err, "did you mean '%s'?", near);
    else
        moot__fail_hint(err, "moot graph %s   shows its tasks", moot__word(p->args, 0));
    return MOOT_EUSAGE;
}

static int only(struct preparing *p, struct moot_error *err)
{
    const char *id = moot__arg(p->args, "only");
    if (id == NULL)
        return MOOT_OK;
    const struct moot_task_def *task = moot__def_task(&p->crew->def, id);
    if (task == NULL)
        return no_task(p, id, err);
    p->options.only = task->id;
    /* Where a manager would choose, the first that it could choose. */
    p->options.only_agent = task->agent != NULL ? task->agent : p->crew->def.delegation.workers[0];
    return MOOT_OK;
}

/* Those of the command line; if it names none, the recording's. */
static int items(struct preparing *p, struct moot_error *err)
{
    bool named = p->args->word_count > 1 || p->options.only != NULL;
    if (p->begin->recording == NULL || p->from.items == NULL || (named && !p->begin->own_items))
        return moot__items_make(p->cli, p->args, p->file.file->resolved, p->file.dir, &p->items,
                                err);
    p->items = moot__json_copy(p->from.items);
    return p->items != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int prepare(struct preparing *p, const char *path, struct moot_error *err)
{
    if (p->begin->recording != NULL)
        moot__recording_source(p->begin->recording, &p->from);
    set_date(p);
    int status = set_options(p, err);
    if (status == MOOT_OK && p->begin->chat)
        status = moot__chat_seat(p->file.file->resolved, moot__arg(p->args, "as"), err);
    if (status == MOOT_OK)
        status = note_file(p, path, err);
    if (status == MOOT_OK)
        status = build(p, err);
    if (status == MOOT_OK)
        status = only(p, err);
    if (status == MOOT_OK)
        status = items(p, err);
    if (status == MOOT_OK && p->options.only == NULL)
        status = moot__items_check(p->file.file->resolved, p->items, path, err);
    if (status == MOOT_OK)
        status = draw_run(p, err);
    p->options.journal = p->journal;
    p->options.run = p->run;
    p->options.crew = p->crew;
    p->options.items = p->items;
    p->options.date = p->date;
    p->options.recording = p->begin->recording;
    p->options.replay = p->begin->replay;
    p->options.forked = p->begin->forked;
    p->options.chat = p->begin->chat;
    return status;
}

static int trusted(struct preparing *p, const char *path)
{
    struct moot_trust trust;
    struct moot_error err;
    if (moot__trust_make(p->file.file->resolved, &trust) != MOOT_OK) {
        moot__fail(&err, MOOT_ENOMEM, "out of memory");
        return moot__report(p->cli, &err);
    }
    int code = moot__trust_ask(p->cli, &trust, path, moot__flag(p->args, "trust"));
    moot__trust_release(&trust);
    return code;
}

/* The replies of the run that has just been, alone, for --replay. */
static int record(const struct preparing *p, const char *file, struct moot_error *err)
{
    struct moot_recording *r = NULL;
    struct moot_buf text;
    char *dir = moot__dir_of(file);
    const char *slash = strrchr(file, '/');
    moot__buf_init(&text, RECORD_MAX);
    int status = dir != NULL ? moot__recording_open(p->journal, -1, &r, err)
                             : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK) {
        status = moot__recording_write(r, &text);
        if (status != MOOT_OK)
            moot__fail(err, status, "%s cannot be written: %s", file, moot__status_text(status));
    }
    if (status == MOOT_OK)
        status = moot__file_replace(dir, slash != NULL ? slash + 1 : file, moot__buf_text(&text),
                                    text.len, err);
    moot__recording_free(r);
    moot__buf_release(&text);
    free(dir);
    return status;
}

static int run(struct preparing *p)
{
    struct moot_error err = {0};
    const char *file = moot__arg(p->args, "record");
    int code = moot__session_run(p->cli, &p->options);
    if (file == NULL || access(p->journal, F_OK) != 0 || record(p, file, &err) == MOOT_OK)
        return code;
    return moot__report(p->cli, &err);
}

int moot__run_begin(struct moot_cli *cli, const struct moot_args *args,
                    const struct moot_run_begin *begin)
{
    struct preparing p = {.cli = cli, .args = args, .begin = begin};
    struct moot_error err = {0};
    const char *path = begin->crew;
    int code = moot__crewfile_open(cli, args, path, begin->text, &p.file);
    if (code != MOOT_EXIT_DONE)
        return code;
    code = trusted(&p, path);
    if (code == MOOT_EXIT_DONE)
        code = prepare(&p, path, &err) == MOOT_OK ? run(&p) : moot__report(cli, &err);
    moot__crew_free(p.crew);
    moot__json_free(p.items);
    moot__crewfile_release(&p.file);
    free(p.journal);
    return code;
}

/* --replay RUN|FILE: a file that is there, else a run. */
static int find_recording(const char *name, struct moot_recording **out, struct moot_error *err)
{
    char *path = NULL;
    if (access(name, F_OK) == 0)
        return moot__recording_open(name, -1, out, err);
    int status = moot__run_find(name, &path, err);
    if (status == MOOT_OK)
        status = moot__recording_open(path, -1, out, err);
    free(path);
    return status;
}

static int run_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_run_begin begin = {.crew = moot__word(args, 0), .replay = MOOT_REPLAY_ONLY};
    struct moot_error err = {0};
    const char *replay = moot__arg(args, "replay");
    if (replay != NULL && find_recording(replay, &begin.recording, &err) != MOOT_OK)
        return moot__report(cli, &err);
    int code = moot__run_begin(cli, args, &begin);
    moot__recording_free(begin.recording);
    return code;
}

static const struct moot_option options[] = {
    {"model", 'm', "MODEL", "every model of the crew is this one; NAME=MODEL: one of them", 0},
    {"jobs", 'j', "N", "how many items are worked on at once (4)", 0},
    {"quiet", 'q', NULL, "the result alone", 0},
    {"output", 'o', "DIR", "write a file for each task and item into this folder",
     MOOT_COMPLETE_FILE},
    {"json", 0, NULL, "one message a line on standard output, as in the journal", 0},
    {"watch", 0, "ITEM", "of several items, stream the talk about this one", 0},
    {"only", 0, "TASK", "this task alone, given what it was given before", MOOT_COMPLETE_TASK},
    {"from", 0, "RUN", "with --only: in this run", MOOT_COMPLETE_RUN},
    {"item", 0, "NAME", "with --only: for this item", 0},
    {"input", 0, "FILE", "with --only: given this JSON (moot graph --schemas says which)",
     MOOT_COMPLETE_FILE},
    {"dry-run", 0, NULL, "acts that cannot be undone are shown and not done", 0},
    {"replay", 0, "RUN|FILE", "all replies from this run or recording; nothing is asked or done",
     MOOT_COMPLETE_RUN},
    {"record", 0, "FILE", "write the replies alone, for --replay", MOOT_COMPLETE_FILE},
    {"trust", 0, NULL, "run it whatever it can do to this machine", 0},
    {"seed", 0, "N", "of all chance in the run", 0},
    {"journal", 0, "FILE", "where the journal is kept", MOOT_COMPLETE_FILE},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_run = {
    .name = "run",
    .args = "CREW [FILE…] [NAME=TEXT…] [-]",
    .help = "run a crew, live",
    .more =
        "Each FILE is an item; NAME=TEXT is a member of every item, NAME=@FILE reads it from a "
        "file; - reads items as JSON lines from standard input. Without files the NAME=TEXT are "
        "the one item.\n"
        "The talk is shown on standard error, the result is standard output's. ctrl-C leaves a "
        "run that moot resume goes on with.",
    .example = "moot run hello.yaml question=\"Why do socks vanish?\"\n"
               "moot run crew.yaml storefronts/*.html --jobs 8 --model openai/gpt-4.1-mini\n"
               "moot run crew.yaml --replay 7k2m",
    .options = options,
    .group = MOOT_GROUP_START,
    .min_words = 1,
    .max_words = -1,
    .complete = MOOT_COMPLETE_CREW,
    .run = run_run,
};
