/* moot inbox, answer, approve, reject: what waits for a person, and what the person says to it. */
#include "cli/commands.h"
#include "cli/inbox.h"
#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/session.h"

#include <time.h>

enum { LIKE_MAX = 32, SHOW_BYTES_MAX = 64 * 1024 * 1024 };

/* " · for ann, ben" and " · until 2026-11-26 15:40", where somebody was asked by name and has only
 * so long. */
static void add_whom(struct moot_buf *out, const struct moot_message *m)
{
    int64_t expires = moot__json_get_int(m->body, "expires", 0);
    time_t at = (time_t)(expires / 1000);
    struct tm parts;
    char text[32];
    for (size_t i = 0; i < m->to_count; i++) {
        if (strcmp(m->to[i], MOOT_PERSON) == 0)
            continue;
        moot__buf_adds(out, i == 0 ? " · for " : ", ");
        moot__safe_add_exact(out, m->to[i], strlen(m->to[i]));
    }
    if (expires > 0 && localtime_r(&at, &parts) != NULL &&
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts) > 0)
        moot__buf_addf(out, " · until %s", text);
}

static void print_one(struct moot_cli *cli, const struct moot_inbox *b,
                      const struct moot_waiting *w, bool whole)
{
    struct moot_buf text;
    char id[32];
    size_t width = (size_t)cli->out_term.columns - 1;
    moot__inbox_id(b, w, id);
    moot__buf_init(&text, SHOW_BYTES_MAX);
    moot__add_ink(&text, cli->out_term.colours, MOOT_INK_BOLD, id);
    moot__buf_adds(&text, "   ");
    const char *const words[] = {b->crew, w->m->item, w->m->task};
    for (size_t i = 0; i < MOOT_COUNT(words); i++) {
        if (words[i] == NULL)
            continue;
        moot__buf_adds(&text, i > 0 ? " · " : "");
        moot__safe_add_exact(&text, words[i], strlen(words[i]));
    }
    add_whom(&text, w->m);
    moot__buf_adds(&text, "\n  ");
    moot__waiting_show(w, cli->out_term.colours, width < 100 ? width : 100,
                       whole ? NULL : "moot inbox --view", &text);
    fputs(moot__buf_text(&text), cli->out);
    bool act = w->m->kind == MOOT_APPROVAL_REQUEST;
    if (moot__waiting_is_choice(w))
        fprintf(cli->out, "    moot approve %s   moot reject %s REASON\n", id, id);
    if (!act)
        fprintf(cli->out, "    moot answer %s TEXT\n", id);
    fputc('\n', cli->out);
    moot__buf_release(&text);
}

static void print_json(struct moot_cli *cli, const struct moot_inbox *b,
                       const struct moot_waiting *w)
{
    struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
    char id[32];
    moot__inbox_id(b, w, id);
    moot__json_set_text(j, "id", id);
    moot__json_set_text(j, "run", b->name);
    moot__json_set_text(j, "kind", moot_kind_text(w->m->kind));
    moot__json_set_text(j, "conv", w->m->conv);
    if (w->m->item != NULL)
        moot__json_set_text(j, "item", w->m->item);
    if (w->m->task != NULL)
        moot__json_set_text(j, "task", w->m->task);
    moot__json_set(j, "body", moot__json_copy(w->m->body));
    char *text = moot__json_string(j);
    if (text != NULL)
        fprintf(cli->out, "%s\n", text);
    free(text);
    moot__json_free(j);
}

/* Runs that are closed, or cannot be read, have nothing that waits. */
static size_t print_run(struct moot_cli *cli, const struct moot_args *args, const char *path)
{
    struct moot_inbox inbox;
    struct moot_error err;
    if (moot__inbox_read(path, &inbox, &err) != MOOT_OK)
        return 0;
    size_t count = inbox.count;
    for (size_t i = 0; i < inbox.count; i++) {
        if (moot__flag(args, "json"))
            print_json(cli, &inbox, &inbox.list[i]);
        else
            print_one(cli, &inbox, &inbox.list[i], moot__flag(args, "view"));
    }
    moot__inbox_release(&inbox);
    return count;
}

static int inbox_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_run_list list = {0};
    size_t count = 0;
    char *path = NULL;
    char *project = NULL;
    int status = MOOT_OK;
    if (moot__word(args, 0) != NULL) {
        status = moot__run_find(moot__word(args, 0), &path, &err);
        if (status == MOOT_OK)
            count = print_run(cli, args, path);
    } else {
        project = moot__project_find(NULL);
        status = project != NULL ? moot__runs_list(project, &list, &err)
                                 : moot__fail(&err, MOOT_EIO, "the current folder cannot be found");
        /* Outside of any project: the last run there was. */
        if (status == MOOT_OK && list.count == 0 && moot__run_find(NULL, &path, &err) == MOOT_OK)
            count = print_run(cli, args, path);
        for (size_t i = 0; i < list.count; i++)
            count += print_run(cli, args, list.runs[i].path);
    }
    moot__runs_release(&list);
    free(project);
    free(path);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    if (count == 0 && !moot__flag(args, "json"))
        fputs("nothing waits for you\n", cli->err);
    return MOOT_EXIT_DONE;
}

/* Says where the decision went, and goes on with the run if that is asked for. */
static int after(struct moot_cli *cli, const struct moot_args *args, const struct moot_inbox *b)
{
    if (moot__run_writer(b->path) != 0) {
        fprintf(cli->err, "said to run %s, which goes on\n", b->name);
        return MOOT_EXIT_DONE;
    }
    if (moot__flag(args, "resume"))
        return moot__session_resume(cli, args, b->path, NULL);
    fprintf(cli->err, "kept for run %s   go on: moot resume %.4s\n", b->name, b->name);
    return MOOT_EXIT_DONE;
}

static int decide(struct moot_cli *cli, const struct moot_args *args,
                  const struct moot_decision_given *given)
{
    struct moot_inbox inbox;
    struct moot_waiting *w = NULL;
    struct moot_error err = {0};
    if (moot__inbox_find(moot__word(args, 0), &inbox, &w, &err) != MOOT_OK)
        return moot__report(cli, &err);
    int status = MOOT_OK;
    if (given->decision == NULL && w->m->kind == MOOT_APPROVAL_REQUEST) {
        status = moot__fail(&err, MOOT_EINVAL, "%s asks for an approval, not for an answer",
                            moot__word(args, 0));
        moot__fail_hint(&err, "moot approve %s   or   moot reject %s REASON", moot__word(args, 0),
                        moot__word(args, 0));
    }
    if (given->decision != NULL && !moot__waiting_is_choice(w)) {
        status = moot__fail(&err, MOOT_EINVAL, "%s asks for an answer, not for a decision",
                            moot__word(args, 0));
        moot__fail_hint(&err, "moot answer %s TEXT", moot__word(args, 0));
    }
    if (status == MOOT_OK)
        status = moot__waiting_post(&inbox, w, given, &err);
    int code = status == MOOT_OK ? after(cli, args, &inbox) : moot__report(cli, &err);
    moot__inbox_release(&inbox);
    return code;
}

/* Words of a sentence that was not put in quotes. */
static char *joined(const struct moot_args *args, size_t from)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    for (size_t i = from; i < args->word_count; i++)
        moot__buf_addf(&b, "%s%s", i > from ? " " : "", args->words[i]);
    return moot__buf_take(&b);
}

static int answer_run(struct moot_cli *cli, const struct moot_args *args)
{
    char *text = joined(args, 1);
    struct moot_decision_given given = {.text = text};
    int code = decide(cli, args, &given);
    free(text);
    return code;
}

static int approve_run(struct moot_cli *cli, const struct moot_args *args)
{
    const char *like[LIKE_MAX + 1] = {NULL};
    size_t count = 0, i = 0;
    const char *name;
    while (count < LIKE_MAX && (name = moot__arg_next(args, "like", &i)) != NULL)
        like[count++] = name;
    struct moot_decision_given given = {.decision = "approve", .like = count > 0 ? like : NULL};
    return decide(cli, args, &given);
}

static int reject_run(struct moot_cli *cli, const struct moot_args *args)
{
    char *text = joined(args, 1);
    struct moot_decision_given given = {.decision = "reject", .text = text};
    int code = decide(cli, args, &given);
    free(text);
    return code;
}

static const struct moot_option inbox_options[] = {
    {"view", 0, NULL, "long texts whole", 0},
    {"json", 0, NULL, "one JSON line for each", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_inbox = {
    .name = "inbox",
    .args = "[RUN]",
    .help = "what waits for you",
    .example = "moot inbox\nmoot inbox --view",
    .options = inbox_options,
    .group = MOOT_GROUP_DECIDE,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = inbox_run,
};

static const struct moot_option answer_options[] = {
    {"resume", 0, NULL, "go on with the run at once", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_answer = {
    .name = "answer",
    .args = "ID TEXT…",
    .help = "answer a question",
    .example = "moot answer 7k2m-3 'The second one.' --resume",
    .options = answer_options,
    .group = MOOT_GROUP_DECIDE,
    .min_words = 2,
    .max_words = -1,
    .complete = MOOT_COMPLETE_WAITING,
    .run = answer_run,
};

static const struct moot_option approve_options[] = {
    {"like", 0, "FIELD", "and every later call for this item in which this argument is the same",
     0},
    {"resume", 0, NULL, "go on with the run at once", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_approve = {
    .name = "approve",
    .args = "ID",
    .help = "consent to an act, or accept a result",
    .more = "The consent is for exactly this act, once, and is signed with your key.",
    .example = "moot approve 7k2m-3 --resume\nmoot approve 7k2m-3 --like to",
    .options = approve_options,
    .group = MOOT_GROUP_DECIDE,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_WAITING,
    .run = approve_run,
};

const struct moot_command moot__cmd_reject = {
    .name = "reject",
    .args = "ID [REASON…]",
    .help = "refuse an act, or reject a result",
    .example = "moot reject 7k2m-3 'Not on a Sunday.'",
    .options = answer_options,
    .group = MOOT_GROUP_DECIDE,
    .min_words = 1,
    .max_words = -1,
    .complete = MOOT_COMPLETE_WAITING,
    .run = reject_run,
};
