#include "cli/cmd_say_talk.h"

#include "cli/book.h"
#include "cli/talks.h"
#include "cli/transcript.h"
#include "cli/typing.h"

#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 30, TEXT_BYTES_MAX = 256 * 1024, MARK_MAX = MOOT_MAX_ID + 32 };

struct talk {
    struct moot_cli *cli;
    const char *agent, *item;
    struct moot_book *book;
    struct moot_talks talks;
    struct moot_screen screen;
    struct moot_transcript *transcript;
    struct moot_typing *typing; /* NULL: standard input is no terminal */
    int64_t turn, turn_before;  /* seq where the turn under way began, and the one before it */
    char *unheard;              /* what was said and waits for the turn to end; NULL: nothing */
    bool cut_in;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int find_turn(void *arg, struct moot_message *m)
{
    struct talk *t = arg;
    if (m->kind != MOOT_TURN)
        return MOOT_OK;
    t->turn_before = t->turn;
    t->turn = m->seq;
    return MOOT_OK;
}

/* Who joins sees the last turn and the one under way. */
static int look_back(struct talk *t, const char *journal, struct moot_error *err)
{
    struct moot_book *book = NULL;
    int status = moot__book_open(journal, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, find_turn, t, err);
    moot__book_close(book);
    return status;
}

static int take_message(void *arg, struct moot_message *m)
{
    struct talk *t = arg;
    if (m->seq == 0 || m->seq == t->turn_before)
        moot__transcript_mute(t->transcript, m->seq < t->turn_before);
    moot__transcript_message(t->transcript, m);
    if (m->kind == MOOT_TURN) {
        free(t->unheard);
        t->unheard = NULL;
    }
    return moot__talks_message(&t->talks, m);
}

static int follow(struct talk *t, struct moot_error *err)
{
    int status = moot__book_each(t->book, take_message, t, err);
    moot__transcript_tick(t->transcript, now_ms(), 0);
    moot__screen_paint(&t->screen, now_ms());
    return status;
}

static int say(struct talk *t, const char *text, struct moot_error *err)
{
    if (text[strspn(text, " \t\n")] == '\0')
        return MOOT_OK;
    const struct moot_open_talk *talk = moot__talks_find(&t->talks, t->agent, t->item, err);
    if (talk == NULL)
        return err->code;
    int status = moot__talks_post(&t->talks, talk, t->agent, text, t->cut_in, err);
    if (!t->cut_in) {
        free(t->unheard);
        t->unheard = moot__copy(text, strlen(text));
    }
    t->cut_in = false;
    return status;
}

static bool goes_on(const struct talk *t)
{
    return !t->talks.closed && t->cli->signals->stop == 0 && moot__run_writer(t->book->path) != 0;
}

/* ---- at a terminal ---- */

static void show(struct talk *t)
{
    struct moot_buf line;
    char mark[MARK_MAX];
    size_t columns = (size_t)t->cli->err_term.columns;
    moot__buf_init(&line, TEXT_BYTES_MAX);
    snprintf(mark, sizeof(mark), "%s%s › ", t->cut_in ? "cut in, " : "", t->agent);
    if (t->unheard != NULL) {
        moot__typing_show_unheard(t->unheard, columns, &line);
        moot__buf_addc(&line, '\n');
    }
    size_t back = moot__typing_show(t->typing, mark, columns, &line);
    moot__screen_prompt(&t->screen, moot__buf_text(&line), line.len, back);
    moot__buf_release(&line);
}

static int type(struct talk *t, struct moot_error *err)
{
    struct moot_buf text;
    enum moot_typing_event event = MOOT_TYPING_NONE;
    int status = moot__typing_new(STDIN_FILENO, NULL, &t->typing, err);
    if (status != MOOT_OK)
        return status;
    moot__typing_open(t->typing, true);
    moot__buf_init(&text, TEXT_BYTES_MAX);
    while (status == MOOT_OK && event != MOOT_TYPING_END && goes_on(t)) {
        event = moot__typing_look(t->typing, &text);
        t->cut_in = event == MOOT_TYPING_ESCAPE ? !t->cut_in : t->cut_in;
        if (event == MOOT_TYPING_LINE)
            status = say(t, moot__buf_text(&text), err);
        show(t);
        if (status == MOOT_OK)
            status = follow(t, err);
        usleep(LOOK_MS * 1000);
    }
    moot__buf_release(&text);
    moot__screen_prompt(&t->screen, "", 0, 0);
    return status == MOOT_OK ? follow(t, err) : status; /* what came as the run ended */
}

/* ---- elsewhere ---- */

static bool idle(void *arg)
{
    struct talk *t = arg;
    return follow(t, NULL) != MOOT_OK || !goes_on(t);
}

static int read_lines(struct talk *t, struct moot_error *err)
{
    struct moot_buf line;
    int status = MOOT_OK;
    enum moot_term_end end = MOOT_TERM_LINE;
    moot__buf_init(&line, TEXT_BYTES_MAX);
    while (status == MOOT_OK && end == MOOT_TERM_LINE) {
        end = moot__term_ask(&line, &t->cli->signals->stop, idle, t);
        if (end == MOOT_TERM_LINE || (end == MOOT_TERM_END && line.len > 0))
            status = say(t, moot__buf_text(&line), err);
    }
    moot__buf_release(&line);
    return status;
}

/* ---- the whole ---- */

static int begin(struct talk *t, const char *journal, struct moot_error *err)
{
    struct moot_transcript_options options = {
        .look = t->cli->err_term.moves ? MOOT_LOOK_TALK : MOOT_LOOK_PLAIN,
        .screen = &t->screen,
        .live = true,
    };
    moot__talks_init(&t->talks);
    moot__screen_init(&t->screen, t->cli->err, &t->cli->err_term);
    t->transcript = moot__transcript_new(&options);
    if (t->transcript == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = look_back(t, journal, err);
    if (status == MOOT_OK)
        status = moot__book_open(journal, &t->book, err);
    if (status == MOOT_OK)
        status = follow(t, err);
    t->talks.path = moot__copy(journal, strlen(journal));
    if (status == MOOT_OK && t->talks.path == NULL)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    /* Whom nobody can speak to is said at once. */
    if (status == MOOT_OK && moot__talks_find(&t->talks, t->agent, t->item, err) == NULL)
        status = err->code;
    if (status == MOOT_OK && !goes_on(t)) {
        status = moot__fail(err, MOOT_EINVAL, "run %s is not going on", t->talks.name);
        moot__fail_hint(err,
                        "moot resume %.4s   or say it now, to be heard then: "
                        "moot say %.4s %s TEXT",
                        t->talks.name, t->talks.name, t->agent);
    }
    return status;
}

int moot__say_talk(struct moot_cli *cli, const char *journal, const char *agent, const char *item)
{
    struct talk t = {.cli = cli, .agent = agent, .item = item};
    struct moot_error err = {0};
    cli->signals->held = 1;
    int status = begin(&t, journal, &err);
    if (status == MOOT_OK)
        status = moot__term_person(&cli->err_term) && cli->err_term.moves ? type(&t, &err)
                                                                          : read_lines(&t, &err);
    if (t.transcript != NULL)
        moot__transcript_pause(t.transcript);
    moot__typing_free(t.typing);
    free(t.unheard);
    moot__transcript_free(t.transcript);
    moot__screen_release(&t.screen);
    moot__book_close(t.book);
    moot__talks_release(&t.talks);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    return cli->signals->stop != 0 ? MOOT_EXIT_INTERRUPTED : MOOT_EXIT_DONE;
}
