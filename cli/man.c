/* The manual page, written from the command table: `moot man`, and man/moot.1 at build time. */
#include "cli/cmd.h"

#include "moot/moot.h"

/* Text of roff: backslashes, dashes and leading dots must not mean anything. */
static void man_text(FILE *out, const char *text)
{
    bool begins = true;
    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        begins = *text == '\n';
    }
}

static void man_options(FILE *out, const struct moot_command *c)
{
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++) {
        fputs(".TP\n.B ", out);
        if (o->letter != 0)
            fprintf(out, "\\-%c, ", o->letter);
        fputs("\\-\\-", out);
        man_text(out, o->name);
        if (o->value != NULL) {
            fputs(" \\fI", out);
            man_text(out, o->value);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        man_text(out, o->help);
        fputc('\n', out);
    }
}

static void man_command(FILE *out, const struct moot_command *c)
{
    fputs(".SS ", out);
    man_text(out, c->name);
    fputc(' ', out);
    man_text(out, c->args);
    fputc('\n', out);
    man_text(out, c->help);
    fputs(".\n", out);
    if (c->more != NULL) {
        fputs(".PP\n", out);
        man_text(out, c->more);
        fputc('\n', out);
    }
    man_options(out, c);
    if (c->example != NULL) {
        fputs(".PP\n.nf\n.RS\n", out);
        man_text(out, c->example);
        fputs("\n.RE\n.fi\n", out);
    }
}

static const char man_head[] =
    ".SH NAME\nmoot \\- agents that talk, from a crew file\n"
    ".SH SYNOPSIS\n.B moot\n.I COMMAND\n[\\fIARGUMENT\\fR...]\n"
    ".SH DESCRIPTION\n"
    "Runs a crew of agents that is described in a YAML file, shows what they say while they say "
    "it, "
    "and keeps a signed journal of it that proves who said what.\n"
    ".PP\nIn a command, \\fIRUN\\fR is a run's id, the beginning of one, or left out: the last "
    "run. "
    "The transcript is standard error's, the result is standard output's.\n";

static const char man_tail[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\ndone, nothing wrong\n"
    ".TP\n1\nfailed, or some item failed or was rejected\n"
    ".TP\n2\nwrong usage or crew file, or a crew that is not trusted\n"
    ".TP\n3, 4, 5, 6, 7\nverification: bad signature, chain break, incomplete, unknown or revoked "
    "key, malformed\n"
    ".TP\n8\na limit was reached\n"
    ".TP\n9\nno progress\n"
    ".TP\n10\nwaits for a person\n"
    ".TP\n11\ndisk full or input/output error\n"
    ".TP\n130, 143\nended by ctrl\\-C, by SIGTERM; the run can be resumed\n"
    ".SH ENVIRONMENT\n"
    ".TP\nMOOT_MODEL\nreplaces every model of the crew, as \\-\\-model does\n"
    ".TP\nMOOT_KEY_FD\na descriptor from which the owner's key is read\n"
    ".TP\nNO_COLOR\nno colours\n"
    ".TP\nOPENAI_API_KEY and others\nthe providers' own keys; a project's .env is read too\n"
    ".SH FILES\n"
    ".TP\n\\&.moot/runs/RUN.db\nthe journal of a run, in the project's folder\n"
    ".TP\n~/.config/folkmoot\nkeys and the list of what is trusted\n"
    ".TP\n~/.local/state/folkmoot\nthe newest link of each run\n";

int moot__man_write(FILE *out)
{
    fprintf(out, ".TH MOOT 1 \"\" \"Folkmoot %s\"\n", MOOT_VERSION);
    fputs(man_head, out);
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; moot__commands[i] != NULL; i++)
        if (moot__commands[i]->run != NULL && moot__commands[i]->group != MOOT_GROUP_HIDDEN)
            man_command(out, moot__commands[i]);
    fputs(man_tail, out);
    return ferror(out) ? MOOT_EIO : MOOT_OK;
}

static int man_run(struct moot_cli *cli, const struct moot_args *args)
{
    (void)args;
    moot__man_write(cli->out);
    return MOOT_EXIT_DONE;
}

const struct moot_command moot__cmd_man = {
    .name = "man",
    .args = "",
    .help = "the manual page, as roff",
    .example = "moot man | man -l -",
    .group = MOOT_GROUP_SYSTEM,
    .run = man_run,
};
