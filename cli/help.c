/* Help, written from the command table. */
#include "cli/cmd.h"
#include "runtime/utf8.h"

#include "moot/moot.h"

static const char short_screen[] =
    "moot: agents that talk, from a crew file\n"
    "\n"
    "  start    run CREW [FILE…]     run it, live            new NAME         a crew to begin "
    "with\n"
    "           check CREW           everything wrong         chat CREW        take a seat in it\n"
    "  look     show [RUN]           transcript              result [RUN]     what was produced\n"
    "           runs                 all runs                graph CREW       a picture\n"
    "           verify [RUN]         proof of who said what\n"
    "  decide   inbox                what waits for you      answer, approve, reject\n"
    "           say RUN AGENT TEXT   speak while it runs\n"
    "  again    resume [RUN]         go on                   stop [RUN]       stop it from "
    "elsewhere\n"
    "           fork [RUN] --at N    go another way\n"
    "\n"
    "  moot NAME --help for one of them · moot --help for all\n";

/* The same in 80 columns. */
static const char short_screen_narrow[] =
    "moot: agents that talk, from a crew file\n"
    "\n"
    "  start    run CREW [FILE…]   run it, live\n"
    "           new NAME           a crew to begin with\n"
    "           check CREW         everything wrong with it, at once\n"
    "           chat CREW          take a seat in it\n"
    "  look     show [RUN]         transcript\n"
    "           result [RUN]       what was produced\n"
    "           runs               all runs\n"
    "           graph CREW         a picture\n"
    "           verify [RUN]       proof of who said what\n"
    "  decide   inbox              what waits for you\n"
    "           answer, approve, reject\n"
    "           say RUN AGENT TEXT speak while it runs\n"
    "  again    resume [RUN]       go on\n"
    "           stop [RUN]         stop it from elsewhere\n"
    "           fork [RUN] --at N  go another way\n"
    "\n"
    "  moot NAME --help for one of them · moot --help for all\n";

enum { SHORT_SCREEN_COLUMNS = 96, HELP_COLUMN_MAX = 40, HELP_WIDTH_MAX = 100, OPTION_MAX = 128 };

void moot__help_short(struct moot_cli *cli)
{
    bool wide = cli->out_term.columns >= SHORT_SCREEN_COLUMNS;
    fputs(wide ? short_screen : short_screen_narrow, cli->out);
}

/* A table row: `left`, then `right` in a column of its own and wrapped there. */
static void print_row(struct moot_cli *cli, const char *left, size_t column, const char *right)
{
    size_t width = moot__utf8_width(left, strlen(left));
    size_t columns = (size_t)cli->out_term.columns;
    size_t room = (columns < HELP_WIDTH_MAX ? columns : HELP_WIDTH_MAX) - 3;
    room = room > column + 30 ? room - column : 30;
    fprintf(cli->out, "  %s", left);
    if (column > 0 && width + 2 > column) {
        fputs("\n  ", cli->out);
        width = 0;
    }
    fprintf(cli->out, "%*s", (int)(column - width), "");
    size_t used = 0;
    while (*right != '\0') {
        size_t len = strcspn(right, " ");
        size_t word = moot__utf8_width(right, len);
        if (used > 0 && used + 1 + word > room) {
            fprintf(cli->out, "\n%*s", (int)(column + 2), "");
            used = 0;
        }
        used += (size_t)fprintf(cli->out, used > 0 ? " " : "");
        fwrite(right, 1, len, cli->out);
        used += word;
        right += len + strspn(right + len, " ");
    }
    fputc('\n', cli->out);
}

static const char *const group_names[] = {
    [MOOT_GROUP_START] = "start", [MOOT_GROUP_LOOK] = "look",     [MOOT_GROUP_DECIDE] = "decide",
    [MOOT_GROUP_AGAIN] = "again", [MOOT_GROUP_SYSTEM] = "system", [MOOT_GROUP_HIDDEN] = "",
};
_Static_assert(MOOT_COUNT(group_names) == MOOT_GROUP_COUNT, "a name for each group");

static void print_later(struct moot_cli *cli)
{
    struct moot_buf names;
    moot__buf_init(&names, 4096);
    for (size_t i = 0; moot__commands[i] != NULL; i++)
        if (moot__commands[i]->run == NULL)
            moot__buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", moot__commands[i]->name);
    if (names.len > 0) {
        fputs("\nnot yet here\n", cli->out);
        print_row(cli, "", 0, moot__buf_text(&names));
    }
    moot__buf_release(&names);
}

void moot__help_all(struct moot_cli *cli)
{
    fprintf(cli->out, "moot %s: agents that talk, from a crew file\n", MOOT_VERSION);
    for (enum moot_group g = MOOT_GROUP_START; g < MOOT_GROUP_HIDDEN; g++) {
        bool headed = false;
        for (size_t i = 0; moot__commands[i] != NULL; i++) {
            const struct moot_command *c = moot__commands[i];
            char left[OPTION_MAX];
            if (c->group != g || c->run == NULL)
                continue;
            if (!headed)
                fprintf(cli->out, "\n%s\n", group_names[g]);
            headed = true;
            snprintf(left, sizeof(left), "%s%s%s", c->name, c->args[0] != '\0' ? " " : "", c->args);
            print_row(cli, left, HELP_COLUMN_MAX, c->help);
        }
    }
    print_later(cli);
    fputs("\nRUN is a run's id, the beginning of one, or left out: the last run.\n"
          "moot NAME --help for one of them · moot --version · man moot\n",
          cli->out);
}

static void option_text(const struct moot_option *o, char *out, size_t size)
{
    char letter[8] = "";
    if (o->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", o->letter);
    snprintf(out, size, "%s--%s%s%s", letter, o->name, o->value != NULL ? " " : "",
             o->value != NULL ? o->value : "");
}

static void print_options(struct moot_cli *cli, const struct moot_command *c)
{
    size_t column = 0;
    char left[OPTION_MAX];
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++) {
        option_text(o, left, sizeof(left));
        size_t width = moot__utf8_width(left, strlen(left)) + 3;
        column = width > column ? width : column;
    }
    if (column == 0)
        return;
    fputc('\n', cli->out);
    for (const struct moot_option *o = c->options; o->name != NULL; o++) {
        option_text(o, left, sizeof(left));
        print_row(cli, left, column, o->help);
    }
}

/* Paragraphs, each line of the text being one. */
static void print_more(struct moot_cli *cli, const char *text)
{
    struct moot_buf line;
    moot__buf_init(&line, 8192);
    fputc('\n', cli->out);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        moot__buf_clear(&line);
        moot__buf_add(&line, text, len);
        print_row(cli, "", 0, moot__buf_text(&line));
        text += len + (text[len] == '\n');
    }
    moot__buf_release(&line);
}

void moot__help_command(struct moot_cli *cli, const struct moot_command *c)
{
    fprintf(cli->out, "moot %s%s%s\n", c->name, c->args[0] != '\0' ? " " : "", c->args);
    fprintf(cli->out, "  %s%s\n", c->help, c->run == NULL ? " (not yet here)" : "");
    if (c->more != NULL)
        print_more(cli, c->more);
    print_options(cli, c);
    if (c->example != NULL) {
        fputs("\nexample\n", cli->out);
        for (const char *line = c->example; *line != '\0';) {
            size_t len = strcspn(line, "\n");
            fprintf(cli->out, "  %.*s\n", (int)len, line);
            line += len + (line[len] == '\n');
        }
    }
}
