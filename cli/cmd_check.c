/* moot check: everything wrong with a crew file, at once. */
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/trust.h"

enum { CHECK_MAX = 16 * 1024 * 1024 };

static void print_resolved(struct moot_cli *cli, const struct moot_crew_file *file)
{
    struct moot_buf text;
    moot__buf_init(&text, CHECK_MAX);
    if (moot__json_write_pretty(file->resolved, &text) == MOOT_OK)
        fprintf(cli->out, "%s\n", moot__buf_text(&text));
    moot__buf_release(&text);
}

static int print_trust(struct moot_cli *cli, const struct moot_crew_file *file, const char *path)
{
    struct moot_trust trust;
    struct moot_buf text;
    struct moot_error err;
    if (moot__trust_make(file->resolved, &trust) != MOOT_OK) {
        moot__fail(&err, MOOT_ENOMEM, "out of memory");
        return moot__report(cli, &err);
    }
    moot__buf_init(&text, CHECK_MAX);
    moot__trust_print(&trust, path, &text);
    if (trust.count == 0)
        fprintf(cli->out, "%s can do nothing to this machine\n", path);
    fputs(moot__buf_text(&text), cli->out);
    moot__buf_release(&text);
    moot__trust_release(&trust);
    return MOOT_EXIT_DONE;
}

static int print_report(struct moot_cli *cli, const struct moot_args *args,
                        struct moot_crew_report *report, const char *path)
{
    struct moot_buf text;
    moot__buf_init(&text, CHECK_MAX);
    moot__crew_report_sort(report);
    if (moot__flag(args, "json"))
        moot__crew_report_json(report, &text);
    else if (report->count > 0)
        moot__crew_report_print(report, &text);
    else
        moot__buf_addf(&text, "%s: no fault\n", path);
    fputs(moot__buf_text(&text), cli->out);
    moot__buf_release(&text);
    return moot__crew_report_good(report) ? MOOT_EXIT_DONE : MOOT_EXIT_USAGE;
}

static int check_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_crewfile crew;
    struct moot_error err = {0};
    const char *path = moot__word(args, 0);
    int code = MOOT_EXIT_DONE;
    if (moot__crewfile_read(args, path, &crew, &err) != MOOT_OK)
        code = moot__report(cli, &err);
    else if (!moot__crew_report_good(&crew.file->report))
        code = print_report(cli, args, &crew.file->report, path);
    else if (moot__flag(args, "print"))
        print_resolved(cli, crew.file);
    else if (moot__flag(args, "trust"))
        code = print_trust(cli, crew.file, path);
    else
        code = print_report(cli, args, &crew.file->report, path);
    moot__crewfile_release(&crew);
    return code;
}

static const struct moot_option options[] = {
    {"print", 0, NULL, "the whole crew, with what it extends, as JSON", 0},
    {"trust", 0, NULL, "what it can do to this machine", 0},
    {"model", 'm', "MODEL", "check it with this model, as moot run takes it", 0},
    {"json", 0, NULL, "what is wrong as one JSON object", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_check = {
    .name = "check",
    .args = "CREW",
    .help = "everything wrong with a crew file, at once",
    .more = "Runs nothing. Exits with 2 if there is an error; warnings are no error.",
    .example = "moot check crew.yaml",
    .options = options,
    .group = MOOT_GROUP_START,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_CREW,
    .run = check_run,
};
