/* moot show: the transcript of a run, or its export. */
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/document.h"
#include "cli/numbered.h"
#include "cli/project.h"
#include "cli/show_agent.h"
#include "cli/transcript.h"
#include "runtime/anchor.h"
#include "runtime/file.h"
#include "runtime/normal.h"

#include <time.h>
#include <unistd.h>

enum { FOLLOW_MS = 200, EXPORT_LINE_MAX = 64 * 1024 * 1024, NORMAL_MAX = 1024 * 1024 * 1024 };

struct showing {
    struct moot_cli *cli;
    struct moot_transcript *transcript; /* NULL: the export */
    struct moot_anchor *anchors;        /* of the export, in the order of seq */
    size_t anchor_count, anchor_next;
    bool numbers; /* a line a message */
    bool closed;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int keep_anchor(void *arg, const struct moot_anchor *a)
{
    struct showing *s = arg;
    struct moot_anchor *more = realloc(s->anchors, (s->anchor_count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    s->anchors = more;
    s->anchors[s->anchor_count++] = *a;
    return MOOT_OK;
}

static int export_message(struct showing *s, const struct moot_message *m)
{
    struct moot_buf line;
    moot__buf_init(&line, EXPORT_LINE_MAX);
    moot__message_export(m, &line);
    moot__buf_addc(&line, '\n');
    while (line.status == MOOT_OK && s->anchor_next < s->anchor_count &&
           s->anchors[s->anchor_next].seq <= m->seq) {
        moot__anchor_export(&s->anchors[s->anchor_next++], &line);
        moot__buf_addc(&line, '\n');
    }
    int status = line.status;
    if (status == MOOT_OK)
        fputs(moot__buf_text(&line), s->cli->out);
    moot__buf_release(&line);
    return status;
}

static int show_number(const struct showing *s, const struct moot_message *m)
{
    struct moot_buf line;
    moot__buf_init(&line, EXPORT_LINE_MAX);
    moot__numbered_add(&line, m, (size_t)s->cli->out_term.columns);
    fprintf(s->cli->out, "%s\n", moot__buf_text(&line));
    moot__buf_release(&line);
    return ferror(s->cli->out) ? MOOT_EIO : MOOT_OK;
}

static int show_message(void *arg, struct moot_message *m)
{
    struct showing *s = arg;
    s->closed = s->closed || m->kind == MOOT_CLOSE;
    if (s->numbers)
        return show_number(s, m);
    if (s->transcript == NULL)
        return export_message(s, m);
    moot__transcript_message(s->transcript, m);
    return ferror(s->cli->out) ? MOOT_EIO : MOOT_OK;
}

static bool stopped(const struct showing *s)
{
    return s->cli->signals != NULL && s->cli->signals->stop != 0;
}

/* Until the run is closed, or nobody writes it any more. */
static int follow(struct showing *s, struct moot_book *book, struct moot_error *err)
{
    int status = MOOT_OK;
    while (status == MOOT_OK && !s->closed && !stopped(s)) {
        bool held = moot__run_writer(book->path) != 0;
        status = moot__book_each(book, show_message, s, err);
        if (s->transcript != NULL)
            moot__transcript_tick(s->transcript, now_ms(), 0);
        fflush(s->cli->out);
        if (!held)
            break;
        usleep(FOLLOW_MS * 1000);
    }
    return status;
}

static int show_book(struct moot_cli *cli, const struct moot_args *args, struct moot_book *book,
                     struct moot_error *err)
{
    struct moot_screen screen;
    struct moot_term term = cli->out_term;
    struct showing s = {.cli = cli, .numbers = moot__flag(args, "messages")};
    int status = MOOT_OK;
    term.moves = false;
    moot__screen_init(&screen, cli->out, &term);
    if (!moot__flag(args, "json") && !s.numbers) {
        struct moot_transcript_options options = {
            .look = moot__flag(args, "plain") ? MOOT_LOOK_PLAIN : MOOT_LOOK_TALK,
            .screen = &screen,
        };
        s.transcript = moot__transcript_new(&options);
        if (s.transcript == NULL)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    } else if (book->journal != NULL) {
        status = moot__journal_each_anchor(book->journal, keep_anchor, &s, err);
    }
    if (status == MOOT_OK)
        status = moot__book_each(book, show_message, &s, err);
    if (status == MOOT_OK && moot__flag(args, "follow"))
        status = follow(&s, book, err);
    if (status == MOOT_OK && s.transcript != NULL && s.closed)
        moot__transcript_summary(s.transcript, MOOT_EXIT_DONE);
    moot__transcript_free(s.transcript);
    moot__screen_release(&screen);
    free(s.anchors);
    return status;
}

static int show_normal(struct moot_cli *cli, const struct moot_book *book, struct moot_error *err)
{
    struct moot_buf text;
    if (book->journal == NULL)
        return moot__fail(err, MOOT_EUSAGE, "%s is an export: the normal form is made of a journal",
                          book->path);
    moot__buf_init(&text, NORMAL_MAX);
    int status = moot__normal_write(book->journal, &text, err);
    if (status == MOOT_OK)
        fwrite(moot__buf_text(&text), 1, text.len, cli->out);
    moot__buf_release(&text);
    return status;
}

/* The run as a document, on standard output or in a file. */
static int show_document(struct moot_cli *cli, const struct moot_args *args, struct moot_book *book,
                         struct moot_error *err)
{
    const char *path = moot__arg(args, "output");
    struct moot_buf text;
    moot__buf_init(&text, NORMAL_MAX);
    int status = moot__document_write(
        book, moot__flag(args, "html") ? &moot__doc_html : &moot__doc_markdown, &text, err);
    if (status == MOOT_OK && path != NULL) {
        const char *slash = strrchr(path, '/');
        char *dir = moot__dir_of(path);
        status = dir == NULL ? MOOT_ENOMEM
                             : moot__file_replace(dir, slash != NULL ? slash + 1 : path,
                                                  moot__buf_text(&text), text.len, err);
        free(dir);
    } else if (status == MOOT_OK) {
        fwrite(moot__buf_text(&text), 1, text.len, cli->out);
    }
    moot__buf_release(&text);
    return status;
}

/* What is to be shown of the run, by what was asked for. */
static int show_what(struct moot_cli *cli, const struct moot_args *args, struct moot_book *book,
                     struct moot_error *err)
{
    const char *agent = moot__arg(args, "agent");
    bool json = moot__flag(args, "json");
    if (agent != NULL)
        return moot__show_agent(cli, book, agent, moot__flag(args, "system"), json, err);
    if (moot__flag(args, "system"))
        return moot__fail(err, MOOT_EUSAGE,
                          "--system is an agent's: moot show --agent NAME --system");
    if (moot__flag(args, "agents"))
        return moot__show_agents(cli, book, json, err);
    if (moot__flag(args, "html") || moot__flag(args, "markdown"))
        return show_document(cli, args, book, err);
    if (moot__arg(args, "output") != NULL)
        return moot__fail(err, MOOT_EUSAGE, "-o is for --html and --markdown");
    if (moot__flag(args, "normal"))
        return show_normal(cli, book, err);
    return show_book(cli, args, book, err);
}

static int show_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_book *book = NULL;
    char *path = NULL;
    cli->signals->held = moot__flag(args, "follow");
    int status = moot__run_find(moot__word(args, 0), &path, &err);
    if (status == MOOT_OK)
        status = moot__book_open(path, &book, &err);
    if (status == MOOT_OK)
        status = show_what(cli, args, book, &err);
    moot__book_close(book);
    free(path);
    /* A reader that has gone has seen what it wanted. */
    if (status != MOOT_OK && !ferror(cli->out))
        return moot__report(cli, &err);
    return stopped(&(struct showing){.cli = cli}) ? MOOT_EXIT_INTERRUPTED : MOOT_EXIT_DONE;
}

static const struct moot_option options[] = {
    {"json", 0, NULL, "the journal as JSON lines, one message or anchor a line, as it was signed",
     0},
    {"agent", 0, "NAME",
     "what this agent was sent, call by call, and what it was not shown; with --json each request "
     "as an object",
     MOOT_COMPLETE_AGENT},
    {"system", 0, NULL, "with --agent: its system message alone", 0},
    {"agents", 0, NULL, "the agents: role, model, tools, and what they took", 0},
    {"messages", 0, NULL, "a numbered line for each message, for fork and redact", 0},
    {"html", 0, NULL, "one page for a browser that needs nothing else; tool calls are folded", 0},
    {"markdown", 0, NULL, "the same as Markdown", 0},
    {"output", 'o', "FILE", "where --html or --markdown is written, instead of standard output",
     MOOT_COMPLETE_FILE},
    {"normal", 0, NULL, "what two runs that went the same way have in common, to compare them", 0},
    {"plain", 0, NULL, "a line for each turn: time item task speaker: text", 0},
    {"follow", 'f', NULL, "go on while the run goes on", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_show = {
    .name = "show",
    .args = "[RUN]",
    .help = "the transcript of a run, or its export",
    .more = "RUN may also be the path of a journal or of an exported one.",
    .example = "moot show\nmoot show 7k2m --json >run.jsonl\nmoot show --agent critic "
               "--system\nmoot show --html -o run.html",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = show_run,
};
