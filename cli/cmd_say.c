/* moot say: a person's turn into a conversation that is held by another process. */
#include "cli/cmd_say_talk.h"
#include "cli/commands.h"
#include "cli/talks.h"

static char *joined(const struct moot_args *args, size_t from)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    for (size_t i = from; i < args->word_count; i++)
        moot__buf_addf(&b, "%s%s", i > from ? " " : "", args->words[i]);
    return moot__buf_take(&b);
}

static int say(const struct moot_args *args, const struct moot_talks *talks, const char *text,
               struct moot_error *err)
{
    const char *agent = moot__word(args, 1);
    const struct moot_open_talk *talk =
        moot__talks_find(talks, agent, moot__arg(args, "item"), err);
    if (talk == NULL)
        return err->code;
    return moot__talks_post(talks, talk, agent, text, moot__flag(args, "interrupt"), err);
}

static int say_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_talks talks;
    struct moot_error err = {0};
    char *path = NULL;
    int status = moot__run_find(moot__word(args, 0), &path, &err);
    if (status == MOOT_OK && args->word_count == 2) {
        int code = moot__say_talk(cli, path, moot__word(args, 1), moot__arg(args, "item"));
        free(path);
        return code;
    }
    if (status == MOOT_OK)
        status = moot__talks_read(path, &talks, &err);
    free(path);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    char *text = joined(args, 2);
    status = text != NULL ? say(args, &talks, text, &err)
                          : moot__fail(&err, MOOT_ENOMEM, "out of memory");
    free(text);
    int code = status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(cli, &err);
    if (status == MOOT_OK && moot__run_writer(talks.path) != 0)
        fprintf(cli->err, "said to %s in run %s\n", moot__word(args, 1), talks.name);
    else if (status == MOOT_OK)
        fprintf(cli->err, "kept for run %s   go on: moot resume %.4s\n", talks.name, talks.name);
    moot__talks_release(&talks);
    return code;
}

static const struct moot_option options[] = {
    {"interrupt", 'i', NULL, "cut off what is being said there now", 0},
    {"item", 0, "NAME", "in the conversation about this item", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_say = {
    .name = "say",
    .args = "RUN AGENT [TEXT…]",
    .help = "a person's turn into a running conversation",
    .more =
        "All who take part hear it, and AGENT has the next turn. An agent that is busy hears it "
        "when its call has ended; with --interrupt the call is cut off first, and what had come "
        "is kept. It is signed with your key.\n"
        "Without TEXT the run is followed, and each line you type is said: Escape before it "
        "cuts in, ctrl-D leaves.",
    .example = "moot say 7k2m coder 'Use metric units.'\n"
               "moot say 7k2m coder 'Stop: only the parser.' --interrupt\n"
               "moot say 7k2m coder",
    .options = options,
    .group = MOOT_GROUP_DECIDE,
    .min_words = 2,
    .max_words = -1,
    .complete = MOOT_COMPLETE_RUN,
    .run = say_run,
};
