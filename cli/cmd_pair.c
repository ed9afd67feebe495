/* moot pair: a user proxy and an assistant, without a file. */
#include "cli/cmd_run.h"
#include "cli/commands.h"
#include "cli/pair_crew.h"

#include <unistd.h>

enum { TEXT_MAX = 1024 * 1024, TURNS = 30, TURNS_MAX = 10000, GIVEN_MAX = 64, SPEC_MAX = 512 };

/* The options that `moot run` shares, with the models by their names in the crew. */
struct passed {
    struct moot_args args;
    struct moot_given given[GIVEN_MAX + 2];
    const char *words[1];
    char model[SPEC_MAX], coder[SPEC_MAX];
};

static const struct moot_option options[13];

static void pass_model(struct passed *p, const char *name, const char *model, char spec[SPEC_MAX])
{
    if (model == NULL)
        return;
    snprintf(spec, SPEC_MAX, "%s=%s", name, model);
    p->given[p->args.given_count++] = (struct moot_given){&options[0], spec};
}

static void pass(const struct moot_args *args, const char *path, struct passed *p)
{
    p->words[0] = path;
    p->args = (struct moot_args){
        .command = args->command, .words = p->words, .word_count = 1, .given = p->given};
    for (size_t i = 0; i < args->given_count && p->args.given_count < GIVEN_MAX; i++)
        if (args->given[i].option != &options[0])
            p->given[p->args.given_count++] = args->given[i];
    pass_model(p, "default", moot__arg(args, "model"), p->model);
    pass_model(p, "coder", moot__arg(args, "coder-model"), p->coder);
}

static int take(const struct moot_args *args, struct moot_pair *out, struct moot_error *err)
{
    const char *turns = moot__arg(args, "turns");
    *out = (struct moot_pair){
        .goal = moot__arg(args, "goal"),
        .tools = moot__arg(args, "tools"),
        .workspace = moot__arg(args, "workspace"),
        .model = moot__arg(args, "model"),
        .coder_model = moot__arg(args, "coder-model"),
        .turns = TURNS,
    };
    if (out->goal == NULL) {
        moot__fail(err, MOOT_EUSAGE, "a pair needs a goal");
        moot__fail_hint(err,
                        "moot pair --goal \"A command-line maths tutor in Python, with tests\"");
        return MOOT_EUSAGE;
    }
    if (turns != NULL &&
        (!moot__int_parse(turns, &out->turns) || out->turns < 1 || out->turns > TURNS_MAX))
        return moot__fail(err, MOOT_EUSAGE, "--turns '%s' is no number from 1 to %d", turns,
                          TURNS_MAX);
    return MOOT_OK;
}

/* The crew stands in no file; what it names is looked for in the current folder. */
static int go(struct moot_cli *cli, const struct moot_args *args, const char *text)
{
    struct moot_error err = {0};
    struct moot_buf path;
    char *here = getcwd(NULL, 0);
    moot__buf_init(&path, SPEC_MAX * 16);
    moot__buf_addf(&path, "%s/moot pair", here != NULL ? here : "");
    int code;
    if (here == NULL || path.status != MOOT_OK) {
        moot__fail(&err, MOOT_EIO, "the current folder cannot be found");
        code = moot__report(cli, &err);
    } else {
        struct passed p = {0};
        struct moot_run_begin begin = {
            .crew = moot__buf_text(&path), .text = text, .replay = MOOT_REPLAY_ONLY};
        pass(args, begin.crew, &p);
        code = moot__run_begin(cli, &p.args, &begin);
    }
    moot__buf_release(&path);
    free(here);
    return code;
}

static int pair_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_pair pair;
    struct moot_error err = {0};
    struct moot_buf text;
    moot__buf_init(&text, TEXT_MAX);
    int code = MOOT_EXIT_DONE;
    int status = take(args, &pair, &err);
    if (status == MOOT_OK)
        status = moot__pair_crew(&pair, &text, &err);
    if (status != MOOT_OK)
        code = moot__report(cli, &err);
    else if (moot__flag(args, "print"))
        fputs(moot__buf_text(&text), cli->out);
    else
        code = go(cli, args, moot__buf_text(&text));
    moot__buf_release(&text);
    return code;
}

static const struct moot_option options[13] = {
    {"model", 'm', "MODEL", "of both; with --coder-model of the user alone", 0},
    {"coder-model", 0, "MODEL", "of the coder", 0},
    {"goal", 'g', "TEXT", "what is wanted; the user is told, the coder is not", 0},
    {"tools", 0, "A,B", "what the coder may use: read_file,write_file,run_tests", 0},
    {"workspace", 0, "DIR", "the only folder it may write (workspace, if a tool needs one)",
     MOOT_COMPLETE_FILE},
    {"turns", 0, "N", "at most (30)", 0},
    {"print", 0, NULL, "the crew as a file to go on from, and do nothing", 0},
    {"quiet", 'q', NULL, "the result alone", 0},
    {"json", 0, NULL, "one message a line on standard output, as in the journal", 0},
    {"trust", 0, NULL, "run it whatever it can do to this machine", 0},
    {"seed", 0, "N", "of all chance in the run", 0},
    {"journal", 0, "FILE", "where the journal is kept", MOOT_COMPLETE_FILE},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_pair = {
    .name = "pair",
    .args = "--goal TEXT",
    .help = "user proxy and assistant, without a file",
    .more = "The user proxy has the goal and speaks for you: it says what it wants, looks at what "
            "the coder reports, corrects, and calls finish when the goal is reached. The coder is "
            "told what the user says and nothing else.\n"
            "With --print the crew is written down instead, to be changed and run by moot run.",
    .example = "moot pair --goal \"A maths tutor in Python\" --tools write_file,run_tests\n"
               "moot pair --goal \"A haiku about socks\" --print >haiku.yaml",
    .options = options,
    .group = MOOT_GROUP_START,
    .run = pair_run,
};
