/* moot resume, moot stop: go on with a run, or stop one from elsewhere. */
#include "cli/book.h"
#include "cli/chat.h"
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/inbox.h"
#include "cli/project.h"
#include "cli/session.h"
#include "cli/trial.h"
#include "runtime/decimal.h"

#include <unistd.h>

/* What a journal says of the crew it was begun with. */
struct begun {
    struct moot_json *crew;
    char *date;
    /* where its replies come from, if not from the world alone */
    char *file;
    int64_t last; /* up to which message */
    enum moot_replay replay;
    bool closed;
};

/* {file, seq, …} of a replay's or a fork's origin. */
static int take_origin(struct begun *b, const struct moot_json *origin, enum moot_replay replay)
{
    const char *file = moot__json_get_text(origin, "file", NULL);
    if (file == NULL)
        return MOOT_OK;
    free(b->file);
    b->file = moot__copy(file, strlen(file));
    b->replay = replay;
    b->last = replay == MOOT_REPLAY_THEN_LIVE ? moot__json_get_int(origin, "seq", -1) : -1;
    return b->file != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int take_message(void *arg, struct moot_message *m)
{
    struct begun *b = arg;
    b->closed = b->closed || m->kind == MOOT_CLOSE;
    if (m->kind == MOOT_KEY)
        return take_origin(b, moot__json_get(m->body, "forked"), MOOT_REPLAY_ACTS);
    if (m->kind != MOOT_GENESIS && m->kind != MOOT_AMEND)
        return MOOT_OK;
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    const char *date = moot__json_get_text(m->body, "date", NULL);
    if (crew != NULL) {
        moot__json_free(b->crew);
        b->crew = moot__json_copy(crew);
        if (b->crew == NULL)
            return MOOT_ENOMEM;
    }
    if (date != NULL) {
        free(b->date);
        b->date = moot__copy(date, strlen(date));
    }
    int status = take_origin(b, moot__json_get(m->body, "replayed"), MOOT_REPLAY_ONLY);
    return status == MOOT_OK
               ? take_origin(b, moot__json_get(m->body, "forked"), MOOT_REPLAY_THEN_LIVE)
               : status;
}

static int read_begun(const char *journal, struct begun *b, struct moot_error *err)
{
    struct moot_book *book = NULL;
    int status = moot__book_open(journal, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_message, b, err);
    moot__book_close(book);
    if (status == MOOT_OK && b->crew == NULL)
        status = moot__fail(err, MOOT_EINCOMPLETE, "%s holds no crew: nothing was begun", journal);
    if (status == MOOT_OK && b->closed) {
        status = moot__fail(err, MOOT_EINVAL, "this run is closed: there is nothing to go on with");
        moot__fail_hint(err, "moot result   what was produced\nmoot show   the transcript");
    }
    return status;
}

static char *crew_dir(const char *project, const struct moot_json *crew)
{
    const char *file = moot__json_get_text(crew, "file", "");
    struct moot_buf b;
    moot__buf_init(&b, 8192);
    if (file[0] != '/')
        moot__buf_addf(&b, "%s/", project);
    moot__buf_adds(&b, file);
    char *dir = moot__dir_of(moot__buf_text(&b));
    moot__buf_release(&b);
    return dir;
}

/* The run goes on with the crew it was begun with; if the file says something else now, that is
 * said. Models may have been replaced on the command line and are not compared. */
static void say_if_changed(struct moot_cli *cli, const char *project, const struct moot_json *crew)
{
    const char *file = moot__json_get_text(crew, "file", "");
    struct moot_crew_file *now = NULL;
    struct moot_buf path;
    moot__buf_init(&path, 8192);
    moot__buf_addf(&path, "%s%s%s", file[0] != '/' ? project : "", file[0] != '/' ? "/" : "", file);
    struct moot_json *then = moot__json_copy(crew);
    if (access(moot__buf_text(&path), R_OK) == 0 && then != NULL &&
        moot__crew_open(moot__buf_text(&path), &now, NULL) == MOOT_OK && now->resolved != NULL) {
        const char *seat = moot__json_get_text(crew, "chat", NULL);
        if (seat != NULL)
            moot__chat_seat(now->resolved, seat[0] != '\0' ? seat : NULL, NULL);
        moot__json_free(moot__json_take(then, "file"));
        moot__json_free(moot__json_take(then, "models"));
        moot__json_free(moot__json_take(now->resolved, "models"));
        if (!moot__json_equal(then, now->resolved))
            fprintf(cli->err, "%s has changed since; the run goes on with the crew it began with\n",
                    file);
    }
    moot__crew_close(now);
    moot__json_free(then);
    moot__buf_release(&path);
}

/* A replay goes on from its recording, and so does a fork, so that nothing is paid for or done
 * twice. A fork can do without. */
static int open_origin(struct moot_cli *cli, const struct begun *b, struct moot_recording **out,
                       struct moot_error *err)
{
    if (b->file == NULL)
        return MOOT_OK;
    int status = moot__recording_open(b->file, b->last, out, err);
    if (status == MOOT_OK || b->replay == MOOT_REPLAY_ONLY || status == MOOT_ENOMEM)
        return status;
    fprintf(cli->err, "goes on without the run it was forked from: %s\n", err->message);
    *err = (struct moot_error){0};
    return MOOT_OK;
}

static int take_jobs(const struct moot_args *args, int *out, struct moot_error *err)
{
    const char *text = moot__arg(args, "jobs");
    int64_t jobs = 0;
    if (text != NULL && (!moot__int_parse(text, &jobs) || jobs < 1 || jobs > 1000))
        return moot__fail(err, MOOT_EUSAGE, "--jobs '%s' is no number from 1 to 1000", text);
    *out = (int)jobs;
    return MOOT_OK;
}

/* The crew as the journal holds it. */
static int build(struct moot_cli *cli, const char *project, struct begun *b, struct moot_crew **out,
                 struct moot_error *err)
{
    char *dir = crew_dir(project, b->crew);
    if (dir == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (moot__json_get(b->crew, "trial") == NULL) /* an experiment has seen to it itself */
        say_if_changed(cli, project, b->crew);
    bool replays = b->file != NULL && b->replay == MOOT_REPLAY_ONLY;
    int status = moot__crew_build(b->crew, dir, b->date != NULL ? b->date : "",
                                  replays ? moot__getenv_replay : moot__getenv, out, err);
    b->crew = NULL;
    free(dir);
    return status;
}

static int reopen(struct moot_cli *cli, struct moot_session_options o,
                  const struct moot_session_fork *fork)
{
    struct begun begun = {0};
    struct moot_error err = {0};
    struct moot_crew *crew = NULL;
    struct moot_recording *origin = NULL;
    int status = read_begun(o.journal, &begun, &err);
    char *project = moot__project_of(o.journal);
    if (status == MOOT_OK && project == NULL)
        status = moot__fail(&err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = build(cli, project, &begun, &crew, &err);
    if (status == MOOT_OK)
        status = moot__trial_place(crew, &err);
    if (status == MOOT_OK && fork == NULL)
        status = open_origin(cli, &begun, &origin, &err);
    o.goes_on = true;
    o.recording = origin;
    o.replay = begun.replay;
    if (fork != NULL) {
        o.recording = fork->recording;
        o.replay = MOOT_REPLAY_ACTS;
        o.forked = true;
        o.witnessed = fork->witnessed;
        o.run = fork->run;
    }
    o.crew = crew;
    o.project = project;
    o.date = begun.date;
    int code = status == MOOT_OK ? moot__session_run(cli, &o) : moot__report(cli, &err);
    moot__crew_free(crew);
    moot__recording_free(origin);
    moot__json_free(begun.crew);
    free(begun.date);
    free(begun.file);
    free(project);
    return code;
}

int moot__session_reopen(struct moot_cli *cli, const struct moot_session_options *options)
{
    return reopen(cli, *options, NULL);
}

int moot__session_resume(struct moot_cli *cli, const struct moot_args *args, const char *journal,
                         const struct moot_session_fork *fork)
{
    struct moot_error err = {0};
    struct moot_session_options o = {
        .journal = journal,
        .quiet = moot__flag(args, "quiet"),
        .json = moot__flag(args, "json"),
        .output_dir = moot__arg(args, "output"),
        .watch = moot__arg(args, "watch"),
    };
    if (take_jobs(args, &o.jobs, &err) != MOOT_OK)
        return moot__report(cli, &err);
    return reopen(cli, o, fork);
}

static int resume_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    char *path = NULL;
    if (moot__run_find(moot__word(args, 0), &path, &err) != MOOT_OK)
        return moot__report(cli, &err);
    int code = moot__session_resume(cli, args, path, NULL);
    free(path);
    return code;
}

static int stop_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_inbox inbox = {0};
    char *path = NULL;
    int status = moot__run_find(moot__word(args, 0), &path, &err);
    if (status == MOOT_OK)
        status = moot__inbox_read(path, &inbox, &err);
    if (status == MOOT_OK && moot__run_writer(path) == 0) {
        status = moot__fail(&err, MOOT_EINVAL, "run %s is not going on", inbox.name);
        moot__fail_hint(&err,
                        inbox.closed ? "it is closed: moot show %s"
                                     : "it was interrupted: moot resume %s",
                        inbox.name);
    }
    if (status == MOOT_OK)
        status = moot__stop_post(&inbox, &err);
    int code = MOOT_EXIT_DONE;
    if (status != MOOT_OK)
        code = moot__report(cli, &err);
    for (int i = 0; i < 50 && code == MOOT_EXIT_DONE && moot__run_writer(path) != 0; i++)
        usleep(100 * 1000);
    if (code == MOOT_EXIT_DONE)
        fprintf(cli->err,
                moot__run_writer(path) != 0
                    ? "run %s was told to stop\n"
                    : "run %s stopped; nothing is lost.   go on: moot resume\n",
                inbox.name);
    moot__inbox_release(&inbox);
    free(path);
    return code;
}

static const struct moot_option options[] = {
    {"jobs", 'j', "N", "how many items are worked on at once (4)", 0},
    {"quiet", 'q', NULL, "the result alone", 0},
    {"output", 'o', "DIR", "write a file for each task and item into this folder",
     MOOT_COMPLETE_FILE},
    {"json", 0, NULL, "one message a line on standard output, as in the journal", 0},
    {"watch", 0, "ITEM", "of several items, stream the talk about this one", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_resume = {
    .name = "resume",
    .args = "[RUN]",
    .help = "go on with a run that was stopped, cut off or waits",
    .more = "Nothing that was paid for is asked for again, and nothing that cannot be undone is "
            "repeated. The run goes on with the crew it was begun with.",
    .example = "moot resume\nmoot resume 7k2m",
    .options = options,
    .group = MOOT_GROUP_AGAIN,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = resume_run,
};

const struct moot_command moot__cmd_stop = {
    .name = "stop",
    .args = "[RUN]",
    .help = "stop a run from elsewhere; it can be resumed",
    .example = "moot stop 7k2m",
    .group = MOOT_GROUP_AGAIN,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = stop_run,
};
