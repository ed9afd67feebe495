#include "cli/session.h"

#include "cli/ask.h"
#include "cli/book.h"
#include "cli/inbox.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "cli/results.h"
#include "cli/seat.h"
#include "cli/transcript.h"
#include "roles/crew_build.h"
#include "runtime/sign.h"

#include <errno.h>
#include <inttypes.h>

enum { TURN_MS = 200, KEYS_MS = 30, JSON_LINE_MAX = 64 * 1024 * 1024, LABEL_MAX = 4096 };

/* Not owned: cli, options, world. */
struct session {
    struct moot_cli *cli;
    const struct moot_session_options *o;
    struct moot_world *world;
    struct moot_host *host;
    struct moot_key *owner;
    struct moot_screen screen;
    struct moot_transcript *transcript;
    struct moot_results results;
    struct moot_inbox inbox;
    struct moot_seat_at seat;
    bool has_seat; /* who sits here can speak in the conversation */
    char *state_dir;
    bool has_person;
    bool person_left; /* [l]ater: nothing more is asked here */
    enum moot_run_state end;
    bool lost; /* out of memory in a callback */
};

const char *moot__getenv(const char *name)
{
    return getenv(name);
}

const char *moot__getenv_replay(const char *name)
{
    static const char end[] = "_API_KEY";
    const char *value = getenv(name);
    size_t len = strlen(name);
    bool key = len >= sizeof(end) && strcmp(name + len - (sizeof(end) - 1), end) == 0;
    return value == NULL && key ? name : value;
}

static int64_t now(const struct session *s)
{
    return s->world->now_mono(s->world->self);
}

static void on_message(void *arg, const struct moot_message *m)
{
    struct session *s = arg;
    /* The list of what waits keeps messages, as their holder, not as their author. */
    struct moot_message *kept = (struct moot_message *)m; /* NOLINT(cast-qual) */
    if (moot__inbox_message(&s->inbox, kept) != MOOT_OK ||
        moot__results_message(&s->results, m) != MOOT_OK ||
        moot__seat_message(&s->seat, m) != MOOT_OK)
        s->lost = true;
    moot__transcript_message(s->transcript, m);
    if (s->o->json) {
        struct moot_buf line;
        moot__buf_init(&line, JSON_LINE_MAX);
        if (moot__message_export(m, &line) == MOOT_OK)
            fprintf(s->cli->out, "%s\n", moot__buf_text(&line));
        moot__buf_release(&line);
    }
}

static void json_delta(struct session *s, const struct moot_delta *d)
{
    struct moot_buf line;
    moot__buf_init(&line, JSON_LINE_MAX);
    moot__buf_adds(&line, "{\"delta\":{\"conv\":");
    moot__buf_add_json(&line, d->conv, strlen(d->conv));
    moot__buf_adds(&line, ",\"from\":");
    moot__buf_add_json(&line, d->agent, strlen(d->agent));
    moot__buf_addf(&line, ",\"n\":%" PRIu32 ",\"text\":", d->n);
    moot__buf_add_json(&line, d->text, d->len);
    fprintf(s->cli->out, "%s}}\n", moot__buf_text(&line));
    fflush(s->cli->out);
    moot__buf_release(&line);
}

static void on_delta(void *arg, const struct moot_delta *d)
{
    struct session *s = arg;
    if (s->o->json)
        json_delta(s, d);
    moot__transcript_delta(s->transcript, d);
    moot__screen_paint(&s->screen, now(s));
}

static void on_notice(void *arg, const char *text)
{
    struct session *s = arg;
    if (!s->o->quiet && s->o->label == NULL)
        moot__transcript_notice(s->transcript, text);
}

static int take_before(void *arg, struct moot_message *m)
{
    struct session *s = arg;
    moot__transcript_message(s->transcript, m);
    int status = moot__inbox_message(&s->inbox, m);
    if (status == MOOT_OK)
        status = moot__seat_message(&s->seat, m);
    return status == MOOT_OK ? moot__results_message(&s->results, m) : status;
}

/* What was said before this process took the run up is known, and not shown again. */
static int read_before(struct session *s, struct moot_error *err)
{
    struct moot_book *book = NULL;
    int status = moot__book_open(s->o->journal, &book, err);
    moot__transcript_mute(s->transcript, true);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_before, s, err);
    moot__transcript_mute(s->transcript, false);
    if (status == MOOT_OK) {
        char text[120];
        char own[MOOT_RUN_NAME_SIZE];
        moot__run_short(s->o->forked ? s->o->run : s->inbox.run, own);
        if (s->o->forked)
            snprintf(text, sizeof(text),
                     "run %s goes on from run %s: all after message %" PRId64 " is new", own,
                     s->inbox.name, book->next - 1);
        else
            snprintf(text, sizeof(text), "run %s goes on", own);
        on_notice(s, text);
    }
    moot__book_close(book);
    return status;
}

static int begin_transcript(struct session *s, struct moot_error *err)
{
    struct moot_cli *cli = s->cli;
    bool shown = !s->o->quiet && !s->o->json && s->o->label == NULL;
    struct moot_transcript_options options = {
        .look = !shown                ? MOOT_LOOK_NONE
                : cli->err_term.moves ? MOOT_LOOK_TALK
                                      : MOOT_LOOK_PLAIN,
        .screen = &s->screen,
        .live = true,
        .has_person = s->has_person,
        .watch = s->o->watch,
        .items = s->o->items != NULL ? (int64_t)moot__json_count(s->o->items) : 0,
    };
    moot__screen_init(&s->screen, cli->err, &cli->err_term);
    s->transcript = moot__transcript_new(&options);
    return s->transcript != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int begin_key(struct session *s, struct moot_error *err)
{
    bool made = false;
    char *keys = moot__dir_keys();
    int status = keys != NULL ? moot__key_owner(keys, true, &made, &s->owner, err)
                              : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK && made && !s->o->quiet)
        fprintf(s->cli->err, "made your key: kid:%s in %s\n", moot__key_kid(s->owner), keys);
    free(keys);
    return status;
}

static bool while_asking(void *arg);

/* What was typed in this project before. The caller frees it. NULL: it is not kept. */
static char *history_of(const struct session *s)
{
    struct moot_buf path;
    if (s->o->project == NULL)
        return NULL;
    moot__buf_init(&path, 8192);
    moot__buf_addf(&path, "%s/.moot/history", s->o->project);
    return moot__buf_take(&path);
}

/* Who sits at the terminal can speak where agents hold a conversation; in a chat also who is read
 * from elsewhere. */
static int begin_seat(struct session *s, struct moot_error *err)
{
    struct moot_seat_at *seat = &s->seat;
    bool talks = moot__crew_talks(s->o->crew->def.process);
    seat->cli = s->cli;
    seat->screen = &s->screen;
    seat->inbox = &s->inbox;
    seat->idle = while_asking;
    seat->arg = s;
    bool began = moot__json_get(s->o->crew->resolved, "chat") != NULL;
    seat->chat = s->o->chat || (s->has_person && began);
    seat->lines = !s->has_person || !s->cli->err_term.moves;
    s->has_seat = talks && (s->has_person || seat->chat);
    if (!s->has_seat)
        return MOOT_OK;
    char *history = history_of(s);
    int status = moot__seat_init(seat, history, err);
    free(history);
    return status;
}

static int begin(struct session *s, struct moot_error *err)
{
    s->has_person =
        !s->o->quiet && !s->o->json && s->o->label == NULL && moot__term_person(&s->cli->err_term);
    s->state_dir = moot__dir_state();
    moot__results_init(&s->results);
    moot__inbox_init(&s->inbox);
    int status = begin_transcript(s, err);
    if (status == MOOT_OK)
        status = begin_key(s, err);
    if (status == MOOT_OK)
        status = moot__world_real(&s->world, err);
    if (status == MOOT_OK && s->o->goes_on)
        status = read_before(s, err);
    if (status != MOOT_OK)
        return status;
    s->cli->signals->world = s->world;
    s->cli->signals->held = 1;
    struct moot_host_options options = {
        .world = s->world,
        .crew = &s->o->crew->parts,
        .journal = s->o->journal,
        .run = s->o->run,
        .resume = s->o->goes_on,
        .owner = s->owner,
        .state_dir = s->state_dir,
        .items = s->o->items,
        .only = s->o->only,
        .only_agent = s->o->only_agent,
        .jobs = s->o->jobs,
        .dry_run = s->o->dry_run,
        .has_person = s->has_person,
        .recording = s->o->recording,
        .replay = s->o->replay,
        .forked = s->o->forked,
        .witnessed = s->o->witnessed,
        .seed = s->o->seed,
        .date = s->o->date,
        .watcher = {s, on_message, on_delta, on_notice},
    };
    status = moot__host_new(&options, &s->host, err);
    if (status == MOOT_OK)
        status = begin_seat(s, err);
    if (status == MOOT_OK && s->o->project != NULL)
        moot__project_note(s->o->project);
    return status;
}

/* "good/2 · 3 calls · 1.2k tokens · 0:07" at the bottom of a terminal. */
static void show_label(struct session *s)
{
    struct moot_run_totals t;
    struct moot_buf line;
    if (!s->cli->err_term.moves)
        return;
    moot__host_totals(s->host, &t);
    moot__buf_init(&line, LABEL_MAX);
    moot__buf_adds(&line, s->o->label);
    moot__buf_adds(&line, " · ");
    moot__add_number_of(&line, t.calls, "call");
    moot__buf_adds(&line, " · ");
    moot__add_count(&line, t.tokens);
    moot__buf_adds(&line, " tokens · ");
    moot__add_clock(&line, t.ms);
    moot__buf_addc(&line, '\n');
    moot__screen_foot(&s->screen, moot__buf_text(&line), line.len);
    moot__screen_paint(&s->screen, now(s));
    moot__buf_release(&line);
}

/* One turn of the loop and what belongs to it. */
static int turn(struct session *s, struct moot_error *err)
{
    int64_t due = moot__screen_due(&s->screen, now(s));
    int64_t most = s->seat.typing != NULL ? KEYS_MS : TURN_MS;
    int status = moot__host_turn(s->host, due >= 0 && due < most ? due : most, err);
    if (status == MOOT_OK)
        status = moot__seat_tick(&s->seat, s->host, err);
    if (s->cli->signals->stop != 0)
        moot__host_stop(s->host);
    if (s->cli->signals->resized != 0) {
        s->cli->signals->resized = 0;
        moot__transcript_resize(s->transcript);
    }
    if (s->host != NULL && s->o->label != NULL)
        show_label(s);
    else if (s->host != NULL)
        moot__transcript_tick(s->transcript, now(s), moot__host_ms(s->host));
    if (s->o->json)
        fflush(s->cli->out);
    if (status == MOOT_OK && s->lost)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    return status;
}

/* While a person thinks, the run is looked after: somebody elsewhere may decide. True: this one is
 * no longer asked. */
static bool while_asking(void *arg)
{
    struct session *s = arg;
    struct moot_error err;
    size_t before = s->inbox.count;
    moot__host_turn(s->host, 0, &err);
    return s->inbox.count < before || moot__host_state(s->host) != MOOT_RUN_WAITING;
}

/* A turn in a seat is taken at the prompt; what waits for somebody else is not asked here. */
static bool asked_here(const struct session *s, const struct moot_waiting *w)
{
    bool seat = s->has_seat && moot__waiting_is_seat(w);
    return !seat && moot__host_may_answer(s->host, w->m);
}

static int ask(struct session *s, struct moot_error *err)
{
    struct moot_asking prompt = {.cli = s->cli, .idle = while_asking, .arg = s};
    moot__transcript_pause(s->transcript);
    for (size_t i = 0; i < s->inbox.count && !s->person_left; i++) {
        struct moot_waiting *w = &s->inbox.list[i];
        if (!asked_here(s, w))
            continue;
        struct moot_asking_answer answer;
        prompt.number = i + 1;
        prompt.count = s->inbox.count;
        enum moot_asking_end end = moot__asking_ask(&prompt, w, &answer);
        int status = MOOT_OK;
        if (end == MOOT_ASKING_LATER)
            s->person_left = true;
        else if (end == MOOT_ASKING_DECIDED)
            status = moot__host_answer(s->host, w->m->conv, w->m->from, w->m->n, answer.decision,
                                       moot__buf_text(&answer.text),
                                       answer.like[0] != NULL ? answer.like : NULL, err);
        moot__asking_release(&answer);
        if (end == MOOT_ASKING_STOPPED)
            return MOOT_OK;
        if (status != MOOT_OK)
            return status;
        /* Each decision takes effect before the next thing is asked. */
        return MOOT_OK;
    }
    return MOOT_OK;
}

/* Something waits that is not a turn in a seat, and is asked at this terminal. */
static bool asks_besides(const struct session *s)
{
    bool any = false;
    for (size_t i = 0; i < s->inbox.count && !any; i++)
        any = asked_here(s, &s->inbox.list[i]);
    return s->has_person && !s->person_left && any;
}

static int go(struct session *s, struct moot_error *err)
{
    for (;;) {
        int status = turn(s, err);
        if (status != MOOT_OK)
            return status;
        enum moot_run_state state = moot__host_state(s->host);
        if (state == MOOT_RUN_GOING)
            continue;
        if (state != MOOT_RUN_WAITING)
            return MOOT_OK;
        if (s->cli->signals->stop != 0)
            continue;
        if (asks_besides(s)) {
            moot__seat_hold(&s->seat, true);
            status = ask(s, err);
            moot__seat_hold(&s->seat, false);
        } else if (!s->has_seat || !moot__seat_is_asked(&s->seat)) {
            return MOOT_OK;
        } else if (s->seat.lines) {
            moot__transcript_pause(s->transcript);
            status = moot__seat_read(&s->seat, s->host, err);
        }
        if (status != MOOT_OK)
            return status;
    }
}

/* What waits for a person is left as a stop leaves it: witnessed. */
static int pause_run(struct session *s, struct moot_error *err)
{
    s->end = moot__host_state(s->host);
    if (s->end != MOOT_RUN_WAITING)
        return MOOT_OK;
    moot__host_stop(s->host);
    return moot__host_turn(s->host, 0, err);
}

static int exit_code(struct session *s)
{
    struct moot_run_totals t;
    struct moot_transcript_facts facts;
    moot__host_totals(s->host, &t);
    moot__transcript_facts(s->transcript, &facts);
    switch (moot__host_state(s->host)) {
    case MOOT_RUN_STOPPED:
        if (moot__host_failure(s->host) != NULL)
            return MOOT_EXIT_FAILED;
        return s->cli->signals->stop == SIGTERM || s->cli->signals->stop == SIGHUP
                   ? MOOT_EXIT_TERMINATED
               : s->cli->signals->stop != 0 ? MOOT_EXIT_INTERRUPTED
                                            : MOOT_EXIT_DONE;
    case MOOT_RUN_WAITING:
        return MOOT_EXIT_WAITS;
    case MOOT_RUN_FAILED:
        return MOOT_EXIT_IO;
    case MOOT_RUN_GOING:
    case MOOT_RUN_CLOSED:
        break;
    }
    if (strcmp(facts.stop, "limit") == 0)
        return MOOT_EXIT_LIMIT;
    if (strcmp(facts.stop, "no_progress") == 0)
        return MOOT_EXIT_NO_PROGRESS;
    return t.failed + t.rejected > 0 || strcmp(facts.stop, "failed") == 0 ? MOOT_EXIT_FAILED
                                                                          : MOOT_EXIT_DONE;
}

/* "1 approval waits: moot inbox · moot approve 7k2m-3 --resume". */
static void say_waiting(struct session *s, int code)
{
    size_t acts = 0;
    for (size_t i = 0; i < s->inbox.count; i++)
        acts += s->inbox.list[i].m->kind == MOOT_APPROVAL_REQUEST;
    if (s->inbox.count == 0)
        return;
    char id[32];
    const struct moot_waiting *first = &s->inbox.list[0];
    moot__inbox_id(&s->inbox, first, id);
    const char *what = acts == s->inbox.count ? "approval" : acts == 0 ? "question" : "decision";
    bool choice = moot__waiting_is_choice(first);
    fprintf(s->cli->err, "%zu %s%s wait%s: moot inbox · moot %s %s%s --resume   exit %d\n",
            s->inbox.count, what, s->inbox.count == 1 ? "" : "s", s->inbox.count == 1 ? "s" : "",
            choice ? "approve" : "answer", id, choice ? "" : " TEXT", code);
}

/* "error: openai refused the key …", and that the run is kept for when it is mended. */
static void say_kept(struct session *s)
{
    char id[MOOT_RUN_NAME_SIZE];
    moot__report(s->cli, moot__host_failure(s->host));
    moot__run_short(moot__host_run_id(s->host), id);
    fprintf(s->cli->err, "  run %s is kept: moot resume\n", id);
}

static void say_end(struct session *s, int code)
{
    struct moot_transcript_facts facts;
    moot__transcript_pause(s->transcript);
    if (s->o->json || s->o->quiet || s->o->label != NULL) {
        if (s->end == MOOT_RUN_STOPPED && moot__host_failure(s->host) != NULL)
            say_kept(s);
        if (code == MOOT_EXIT_WAITS && s->o->label == NULL)
            say_waiting(s, code);
        return;
    }
    moot__transcript_facts(s->transcript, &facts);
    switch (s->end) {
    case MOOT_RUN_WAITING:
        say_waiting(s, code);
        break;
    case MOOT_RUN_STOPPED:
        if (moot__host_failure(s->host) != NULL) {
            say_kept(s);
            break;
        }
        fprintf(s->cli->err,
                "%sstopped after %" PRId64 " call%s; nothing is lost.   go on: moot resume\n",
                s->cli->signals->stop == SIGINT ? "^C " : "", facts.calls,
                facts.calls == 1 ? "" : "s");
        break;
    case MOOT_RUN_GOING:
    case MOOT_RUN_CLOSED:
    case MOOT_RUN_FAILED:
        moot__transcript_summary(s->transcript, code);
        break;
    }
}

/* The result is standard output's, and the last thing on a terminal. */
static int say_result(struct session *s, int code, struct moot_error *err)
{
    struct moot_results_choice choice = {0};
    size_t count = 0;
    int status = MOOT_OK;
    if (s->o->output_dir != NULL)
        status = moot__results_write(&s->results, s->o->output_dir, &count, err);
    if (status == MOOT_OK && s->o->output_dir != NULL && !s->o->quiet)
        fprintf(s->cli->err, "%zu file%s in %s\n", count, count == 1 ? "" : "s", s->o->output_dir);
    bool over = s->end == MOOT_RUN_CLOSED;
    if (over && !s->o->json && s->o->label == NULL && s->o->output_dir == NULL) {
        if (s->cli->out_term.tty && s->cli->err_term.tty && !s->o->quiet)
            fputc('\n', s->cli->out);
        moot__results_print(&s->results, s->cli, &choice);
    }
    return status == MOOT_OK ? code : moot__report(s->cli, err);
}

static void release(struct session *s)
{
    moot__seat_release(&s->seat);
    moot__host_free(s->host);
    s->cli->signals->world = NULL;
    if (s->world != NULL)
        s->world->destroy(s->world->self);
    moot__transcript_free(s->transcript);
    moot__screen_release(&s->screen);
    moot__results_release(&s->results);
    moot__inbox_release(&s->inbox);
    moot__key_free(s->owner);
    free(s->state_dir);
}

int moot__session_run(struct moot_cli *cli, const struct moot_session_options *options)
{
    struct session s = {.cli = cli, .o = options};
    struct moot_error err = {0};
    int status = begin(&s, &err);
    int code = MOOT_EXIT_DONE;
    if (status == MOOT_OK)
        status = go(&s, &err);
    if (status == MOOT_OK)
        code = exit_code(&s);
    if (status == MOOT_OK)
        status = pause_run(&s, &err);
    if (s.transcript != NULL)
        moot__transcript_pause(s.transcript);
    if (status != MOOT_OK) {
        code = moot__report(cli, &err);
    } else {
        say_end(&s, code);
        code = say_result(&s, code, &err);
    }
    release(&s);
    return code;
}
