/* moot check: everything wrong with a crew file, at once. */
#include "agents/prompt.h"
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/experiment.h"
#include "cli/safe.h"
#include "cli/trust.h"
#include "roles/crew_print.h"

enum { CHECK_MAX = 16 * 1024 * 1024 };

static char *text_of(const struct moot_json *entry, const char *key)
{
    const char *text = moot__json_get_text(entry, key, NULL);
    return text != NULL ? moot__copy(text, strlen(text)) : NULL;
}

static void add_titled(struct moot_buf *out, const char *title, const char *id, const char *text)
{
    if (text[0] == '\0')
        return;
    moot__buf_addf(out, "%s%s %s\n\n", out->len > 0 ? "\n" : "", title, id);
    moot__safe_add(out, text, strlen(text));
    if (text[strlen(text) - 1] != '\n')
        moot__buf_addc(out, '\n');
}

static void add_agent(struct moot_buf *out, const struct moot_json *entry)
{
    struct moot_agent_def agent = {
        .role = text_of(entry, "role"),
        .goal = text_of(entry, "goal"),
        .backstory = text_of(entry, "backstory"),
        .system_message = text_of(entry, "system_message"),
    };
    struct moot_buf text;
    moot__buf_init(&text, CHECK_MAX);
    moot__prompt_system(&agent, &text);
    add_titled(out, "agent", moot__json_get_text(entry, "id", ""), moot__buf_text(&text));
    moot__buf_release(&text);
    free(agent.role);
    free(agent.goal);
    free(agent.backstory);
    free(agent.system_message);
}

/* What models are told, placeholders not filled in. */
static void add_prompts(struct moot_buf *out, const struct moot_json *crew)
{
    const struct moot_json *m = moot__json_first(moot__json_get(crew, "agents"));
    for (; m != NULL; m = moot__json_next(m))
        add_agent(out, m);
    m = moot__json_first(moot__json_get(crew, "tasks"));
    for (; m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_get_text(m, "id", "");
        add_titled(out, "task", id, moot__json_get_text(m, "prompt", ""));
        int step = 1;
        const struct moot_json *s = moot__json_first(moot__json_get(m, "steps"));
        for (; s != NULL; s = moot__json_next(s), step++) {
            char title[MOOT_MAX_ID + 32];
            snprintf(title, sizeof(title), "%.64s, step %d", id, step);
            add_titled(out, "task", title, moot__json_get_text(s, "prompt", ""));
        }
    }
}

/* The whole crew: as YAML, or resolved as JSON. */
static void print_crew(struct moot_cli *cli, const struct moot_args *args,
                       const struct moot_crew_file *file)
{
    struct moot_buf text;
    moot__buf_init(&text, CHECK_MAX);
    if (moot__flag(args, "print-prompts"))
        add_prompts(&text, file->resolved);
    else if (!moot__flag(args, "json"))
        moot__crew_print(file, &text);
    else if (moot__json_write_pretty(file->resolved, &text) == MOOT_OK)
        moot__buf_addc(&text, '\n');
    fputs(moot__buf_text(&text), cli->out);
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

/* An experiment file: itself and the crew of each of its variants. */
static int check_experiment(struct moot_cli *cli, const struct moot_args *args, const char *path)
{
    struct moot_experiment e;
    struct moot_error err = {0};
    int status = moot__experiment_look(args, path, &e, &err);
    int code = status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(cli, &err);
    bool print = moot__flag(args, "print") || moot__flag(args, "print-prompts");
    if (status == MOOT_OK && (!print || !moot__crew_report_good(&e.file.file->report)))
        code = print_report(cli, args, &e.file.file->report, path);
    for (size_t i = 0;
         status == MOOT_OK && code == MOOT_EXIT_DONE && print && i < e.file.variant_count; i++) {
        fprintf(cli->out, "%s# variant %s\n", i > 0 ? "\n" : "", e.file.variants[i].name);
        print_crew(cli, args, e.file.variants[i].file);
    }
    moot__experiment_release(&e);
    return code;
}

static int check_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_crewfile crew;
    struct moot_error err = {0};
    const char *path = moot__word(args, 0);
    int code = MOOT_EXIT_DONE;
    if (moot__experiment_is(path))
        return check_experiment(cli, args, path);
    if (moot__crewfile_read(args, path, NULL, &crew, &err) != MOOT_OK)
        code = moot__report(cli, &err);
    else if (!moot__crew_report_good(&crew.file->report))
        code = print_report(cli, args, &crew.file->report, path);
    else if (moot__flag(args, "print") || moot__flag(args, "print-prompts"))
        print_crew(cli, args, crew.file);
    else if (moot__flag(args, "trust"))
        code = print_trust(cli, crew.file, path);
    else
        code = print_report(cli, args, &crew.file->report, path);
    moot__crewfile_release(&crew);
    return code;
}

static const struct moot_option options[] = {
    {"print", 0, NULL,
     "the whole crew, with what it extends; with --json as it goes into the journal", 0},
    {"print-prompts", 0, NULL, "what models are told, placeholders not filled in", 0},
    {"trust", 0, NULL, "what it can do to this machine", 0},
    {"model", 'm', "MODEL", "check it with this model, as moot run takes it", 0},
    {"json", 0, NULL, "what is wrong as one JSON object", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_check = {
    .name = "check",
    .args = "CREW",
    .help = "everything wrong with a crew file, at once",
    .more = "It may be an experiment file too: then the crew of each variant is looked at.\n"
            "Runs nothing. Exits with 2 if there is an error; warnings are no error.",
    .example = "moot check crew.yaml",
    .options = options,
    .group = MOOT_GROUP_START,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_CREW,
    .run = check_run,
};
