/* Completion: short shell functions that ask the program itself, so that they cannot fall behind
 * it. */
#include "cli/cmd.h"
#include "cli/completion_values.h"
#include "cli/new_files.h"

#include "runtime/utf8.h"

static const char bash_script[] =
    "# bash completion for moot; load it with:  source <(moot completion bash)\n"
    "_moot() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} line\n"
    "  local -a words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
    "  COMPREPLY=()\n"
    "  while IFS= read -r line; do\n"
    "    case $line in\n"
    "      :files) compopt -o default -o filenames 2>/dev/null;;\n"
    "      :crews) compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY+=($(compgen -d -- \"$cur\") $(compgen -f -X '!*.@(yaml|yml)' -- "
    "\"$cur\"));;\n"
    "      *) COMPREPLY+=(\"${line%%$'\\t'*}\");;\n"
    "    esac\n"
    "  done < <(moot __complete \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "shopt -s extglob 2>/dev/null\n"
    "complete -F _moot moot\n";

static const char zsh_script[] =
    "#compdef moot\n"
    "# zsh completion for moot; load it with:  source <(moot completion zsh)\n"
    "_moot() {\n"
    "  local line\n"
    "  local -a found\n"
    "  while IFS= read -r line; do\n"
    "    case $line in\n"
    "      :files) _files;;\n"
    "      :crews) _files -g '*.(yaml|yml)';;\n"
    "      *) found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\");;\n"
    "    esac\n"
    "  done < <(moot __complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
    "  (( ${#found} )) && _describe moot found\n"
    "}\n"
    /* found in a folder of functions, this file is the function's body the first time */
    "if [ \"$funcstack[1]\" = _moot ]; then _moot \"$@\"; else compdef _moot moot; fi\n";

static const char fish_script[] =
    "# fish completion for moot; load it with:  moot completion fish | source\n"
    "function __moot_complete\n"
    "  set -l words (commandline -opc)[2..-1] (commandline -ct)\n"
    "  for line in (moot __complete $words 2>/dev/null)\n"
    "    switch $line\n"
    "      case ':files' ':crews'\n"
    "        __fish_complete_path (commandline -ct)\n"
    "      case '*'\n"
    "        echo $line\n"
    "    end\n"
    "  end\n"
    "end\n"
    "complete -c moot -f -a '(__moot_complete)'\n";

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void offer_commands(FILE *out, const char *typed)
{
    for (size_t i = 0; moot__commands[i] != NULL; i++)
        if (moot__commands[i]->group != MOOT_GROUP_HIDDEN && moot__commands[i]->run != NULL)
            moot__offer(out, moot__commands[i]->name, moot__commands[i]->help, typed);
    moot__offer(out, "--help", "all commands", typed);
    moot__offer(out, "--version", "the version", typed);
}

static void offer_options(FILE *out, const struct moot_command *c, const char *typed)
{
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++) {
        char text[80];
        snprintf(text, sizeof(text), "--%s", o->name);
        moot__offer(out, text, o->help, typed);
    }
    moot__offer(out, "--help", "about this command", typed);
}

/* Of the crew file that was typed before. */
static void offer_of_crew(FILE *out, const char *list, const char *const *words, size_t count)
{
    for (size_t i = 1; i + 1 < count; i++) {
        size_t len = strlen(words[i]);
        bool yaml = (len > 5 && strcmp(words[i] + len - 5, ".yaml") == 0) ||
                    (len > 4 && strcmp(words[i] + len - 4, ".yml") == 0);
        if (!yaml)
            continue;
        moot__offer_of_crew(out, words[i], list, words[count - 1]);
        return;
    }
}

static void offer_value(FILE *out, enum moot_complete kind, const char *const *words, size_t count)
{
    const char *typed = words[count - 1];
    switch (kind) {
    case MOOT_COMPLETE_FILE:
        fputs(":files\n", out);
        break;
    case MOOT_COMPLETE_CREW:
        fputs(":crews\n", out);
        break;
    case MOOT_COMPLETE_COMMAND:
        offer_commands(out, typed);
        break;
    case MOOT_COMPLETE_SHELL:
        moot__offer(out, "bash", "GNU bash", typed);
        moot__offer(out, "zsh", "Z shell", typed);
        moot__offer(out, "fish", "fish", typed);
        break;
    case MOOT_COMPLETE_PROCESS:
        for (size_t i = 0; moot__new_kinds[i].name != NULL; i++)
            moot__offer(out, moot__new_kinds[i].name, moot__new_kinds[i].what, typed);
        break;
    case MOOT_COMPLETE_RUN:
        moot__offer_runs(out, typed);
        break;
    case MOOT_COMPLETE_TASK:
    case MOOT_COMPLETE_AGENT:
        offer_of_crew(out, kind == MOOT_COMPLETE_TASK ? "tasks" : "agents", words, count);
        break;
    case MOOT_COMPLETE_WAITING:
        moot__offer_waiting(out, typed);
        break;
    case MOOT_COMPLETE_NONE:
        break;
    }
}

/* The option whose value the last word is, or NULL. */
static const struct moot_option *open_option(const struct moot_command *c, const char *const *words,
                                             size_t count)
{
    const char *before = count >= 2 ? words[count - 2] : "";
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++) {
        bool is_long = begins(before, "--") && strcmp(before + 2, o->name) == 0;
        bool is_short =
            before[0] == '-' && before[1] == o->letter && o->letter != 0 && before[2] == '\0';
        if (o->value != NULL && (is_long || is_short))
            return o;
    }
    return NULL;
}

/* How many of the words after the command, but for the last, are no options or their values. */
static size_t words_before(const struct moot_command *c, const char *const *words, size_t count)
{
    size_t n = 0;
    for (size_t i = 1; i + 1 < count; i++)
        if ((words[i][0] != '-' || words[i][1] == '\0') && open_option(c, words, i + 1) == NULL)
            n++;
    return n;
}

void moot__complete(FILE *out, const char *const *words, size_t count)
{
    if (count == 0)
        return;
    const char *typed = words[count - 1];
    if (count == 1) {
        offer_commands(out, typed);
        return;
    }
    const struct moot_command *c = moot__command_find(words[0]);
    if (c == NULL)
        return;
    const struct moot_option *o = open_option(c, words, count);
    if (o != NULL)
        offer_value(out, o->complete, words, count);
    else if (typed[0] == '-')
        offer_options(out, c, typed);
    else if (words_before(c, words, count) == 0)
        offer_value(out, c->complete, words, count);
    else if (c->complete == MOOT_COMPLETE_RUN && c->max_words == 2)
        moot__offer_of_run(out, words[1], "tasks", typed);
    else if (c->max_words < 0)
        offer_value(out, MOOT_COMPLETE_FILE, words, count);
}

static int complete_run(struct moot_cli *cli, const struct moot_args *args)
{
    moot__complete(cli->out, args->words, args->word_count);
    return MOOT_EXIT_DONE;
}

static int completion_run(struct moot_cli *cli, const struct moot_args *args)
{
    const char *shell = moot__word(args, 0);
    struct moot_error err;
    if (strcmp(shell, "bash") == 0) {
        fputs(bash_script, cli->out);
    } else if (strcmp(shell, "zsh") == 0) {
        fputs(zsh_script, cli->out);
    } else if (strcmp(shell, "fish") == 0) {
        fputs(fish_script, cli->out);
    } else {
        moot__fail(&err, MOOT_EUSAGE, "no completion for a shell called '%s'", shell);
        moot__fail_hint(&err, "there is one for bash, zsh and fish");
        return moot__report(cli, &err);
    }
    return MOOT_EXIT_DONE;
}

const struct moot_command moot__cmd_complete = {
    .name = "__complete",
    .args = "WORD…",
    .help = "what completes a command line",
    .group = MOOT_GROUP_HIDDEN,
    .max_words = -1,
    .raw_words = true,
    .run = complete_run,
};

const struct moot_command moot__cmd_completion = {
    .name = "completion",
    .args = "bash|zsh|fish",
    .help = "completion for a shell",
    .more = "Completes commands, options, crew files, runs, and the tasks and agents of a crew.",
    .example = "source <(moot completion bash)",
    .group = MOOT_GROUP_SYSTEM,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_SHELL,
    .run = completion_run,
};
