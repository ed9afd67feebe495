/* Tools that are programs: the arguments as JSON on standard input, what they print is the result.
 * They run in the sandbox unless the crew file says `sandbox: none`. check_command is the same for
 * checks. */
#include "runtime/template.h"
#include "runtime/tool_program.h"

/* What came out */

/* Whether nothing was run because the program is not seen inside, and prlimit said so. */
static bool is_missing(const struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    static const char said[] = "prlimit: failed to execute ";
    return !run->spec->sandbox_none && (r->exit_code == 126 || r->exit_code == 127) &&
           strncmp(r->err_out, said, sizeof(said) - 1) == 0;
}

static void command_failed(struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    struct moot_buf *out = &run->output;
    const struct moot_tool_program *p = run->self;
    if (is_missing(run, r)) {
        moot__buf_addf(out,
                       "%s cannot be run in the sandbox, where there are /usr, the crew "
                       "file's folder and what `bind` names\n",
                       p->argv[0]);
        /* A check that cannot be made rejects nothing. */
        run->status = run->spec->command == NULL ? MOOT_EDENIED : MOOT_EINVAL;
        return;
    }
    if (r->signal != 0)
        moot__buf_addf(out, "ended by signal %d\n", r->signal);
    else if (run->spec->command != NULL)
        moot__buf_addf(out, "exit %d\n", r->exit_code);
    moot__program_output(out, r->out, r->out_len);
    if (r->out_len > 0 && r->out[r->out_len - 1] != '\n')
        moot__buf_addc(out, '\n');
    moot__program_output(out, r->err_out, r->err_len);
    run->status = MOOT_EINVAL;
}

static void command_ended(struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    char shown[96];
    if (r->status != MOOT_OK) {
        moot__buf_addf(&run->output, "%s\n", r->error.message);
        moot__program_output(&run->output, r->err_out, r->err_len);
        run->status = r->status == MOOT_ELIMIT ? MOOT_EINVAL : r->status;
        moot__tool_finish(run);
        return;
    }
    if (r->exit_code == 0)
        moot__program_text(&run->output, r->out, r->out_len);
    else
        command_failed(run, r);
    size_t lines = moot__program_lines(moot__buf_text(&run->output));
    if (r->signal != 0)
        snprintf(shown, sizeof(shown), "signal %d", r->signal);
    else
        snprintf(shown, sizeof(shown), "exit %d · %zu line%s", r->exit_code, lines,
                 lines == 1 ? "" : "s");
    run->shown = moot__copy(shown, strlen(shown));
    moot__tool_finish(run);
}

/* What goes in */

/* The words of a check's command come as an argument, made by the framework. */
static int given_words(struct moot_tool_program *p, const struct moot_json *words)
{
    int status = MOOT_OK;
    for (const struct moot_json *w = moot__json_first(words); w != NULL && status == MOOT_OK;
         w = moot__json_next(w)) {
        const char *text = moot__json_text(w);
        status = text != NULL ? moot__program_word(p, text, strlen(text)) : MOOT_EINVAL;
    }
    return status;
}

/* One word of the crew file after the first. What its placeholders stand for was filled in by
 * whoever knows the conversation ("$1", "$2", … of the arguments); else a placeholder names an
 * argument. It becomes part of one word, whatever is in it. */
static int fill_word(const char *text, size_t i, struct moot_json *args, struct moot_buf *word,
                     struct moot_error *why)
{
    char name[16];
    snprintf(name, sizeof(name), "$%zu", i);
    struct moot_json *filled = moot__json_take(args, name);
    if (filled == NULL)
        return moot__template_expand(text, args, word, why);
    int status = moot__template_value(filled, word);
    moot__json_free(filled);
    return status;
}

static int own_words(struct moot_tool_program *p, char *const *words, struct moot_json *args,
                     struct moot_error *why)
{
    int status = MOOT_OK;
    for (size_t i = 0; words[i] != NULL && status == MOOT_OK; i++) {
        struct moot_buf word;
        moot__buf_init(&word, MOOT_MAX_BODY);
        /* Which program is run is the crew file's word alone. */
        status =
            i == 0 ? moot__buf_adds(&word, words[0]) : fill_word(words[i], i, args, &word, why);
        if (status == MOOT_OK)
            status = moot__program_word(p, moot__buf_text(&word), word.len);
        moot__buf_release(&word);
    }
    return status;
}

static struct moot_tool_program *command_new(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct moot_tool_program *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        moot__fail(err, MOOT_ENOMEM, "out of memory");
        return NULL;
    }
    moot__program_begin(p, run, command_ended);
    p->sees_crew = true;
    return p;
}

static int command_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct moot_error why = {0};
    struct moot_tool_program *p = command_new(run, err);
    if (p == NULL)
        return MOOT_ENOMEM;
    int status = own_words(p, run->spec->command, run->args, &why);
    if (status == MOOT_OK) {
        p->input = moot__json_string(run->args);
        status = p->input != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    moot__program_go(p, status, &why);
    return MOOT_OK;
}

const struct moot_builtin_tool moot__tool_command = {
    .name = "command",
    .description = "A program.",
    .parameters = "{\"type\":\"object\",\"properties\":{},\"required\":[]}",
    .effect = MOOT_EFFECT_IRREVERSIBLE,
    .exec = true,
    .start = command_start,
    .cancel = moot__program_cancel,
    .release = moot__program_release,
};

static int check_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    struct moot_error why = {0};
    struct moot_tool_program *p = command_new(run, err);
    if (p == NULL)
        return MOOT_ENOMEM;
    const char *input = moot__json_get_text(run->args, "input", "");
    p->input = moot__copy(input, strlen(input));
    int status =
        p->input != NULL ? given_words(p, moot__json_get(run->args, "command")) : MOOT_ENOMEM;
    if (status == MOOT_OK && p->argc == 0)
        status = moot__fail(&why, MOOT_EINVAL, "the check names no program");
    moot__program_go(p, status, &why);
    return MOOT_OK;
}

const struct moot_builtin_tool moot__tool_check_command = {
    .name = "check_command",
    .description = "Whether a program accepts a result.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"array\"},"
                  "\"input\":{\"type\":\"string\"}},\"required\":[\"command\"],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .start = check_start,
    .cancel = moot__program_cancel,
    .release = moot__program_release,
};
