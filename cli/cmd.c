#include "cli/cmd.h"

#include "moot/moot.h"
#include "runtime/near.h"

#include <errno.h>
#include <poll.h>

enum { OPTIONS_MAX = 40, COMMANDS_MAX = 80 };

const char *moot__arg(const struct moot_args *args, const char *name)
{
    const char *value = NULL;
    const char *next = NULL;
    size_t i = 0;
    while ((next = moot__arg_next(args, name, &i)) != NULL)
        value = next;
    return value;
}

bool moot__flag(const struct moot_args *args, const char *name)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            return true;
    return false;
}

const char *moot__arg_next(const struct moot_args *args, const char *name, size_t *i)
{
    while (*i < args->given_count) {
        const struct moot_given *given = &args->given[(*i)++];
        if (strcmp(given->option->name, name) == 0 && given->value != NULL)
            return given->value;
    }
    return NULL;
}

const char *moot__word(const struct moot_args *args, size_t i)
{
    return i < args->word_count ? args->words[i] : NULL;
}

void moot__args_release(struct moot_args *args)
{
    free(args->words);
    free(args->given);
    memset(args, 0, sizeof(*args));
}

/* --help stands in no table because every command has it. */
static const struct moot_option help_option = {"help", 'h', NULL, "this help", 0};

static const struct moot_option *find_long(const struct moot_command *c, const char *name,
                                           size_t len)
{
    if (len == strlen(help_option.name) && memcmp(name, help_option.name, len) == 0)
        return &help_option;
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

static const struct moot_option *find_letter(const struct moot_command *c, char letter)
{
    if (letter == help_option.letter)
        return &help_option;
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

static int unknown_option(const struct moot_command *c, const char *word, struct moot_error *err)
{
    moot__fail(err, MOOT_EUSAGE, "moot %s has no option %s", c->name, word);
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++) {
        MOOT_ASSERT(count < MOOT_COUNT(names));
        names[count++] = o->name;
    }
    const char *near = moot__near_find(word + strspn(word, "-"), names, count);
    if (near != NULL)
        moot__fail_hint(err, "did you mean --%s?", near);
    else
        moot__fail_hint(err, "moot %s --help   shows its options", c->name);
    return MOOT_EUSAGE;
}

static int needs_value(const struct moot_command *c, const struct moot_option *o,
                       struct moot_error *err)
{
    moot__fail(err, MOOT_EUSAGE, "--%s needs a value", o->name);
    moot__fail_hint(err, "moot %s --%s %s", c->name, o->name, o->value);
    return MOOT_EUSAGE;
}

static void give(struct moot_args *out, const struct moot_option *o, const char *value)
{
    out->given[out->given_count].option = o;
    out->given[out->given_count].value = value;
    out->given_count++;
}

/* "--name", "--name=value", "--name value". */
static int parse_long(struct moot_args *out, int argc, char *const *argv, int *i,
                      struct moot_error *err)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct moot_option *o = find_long(out->command, name, len);
    if (o == NULL)
        return unknown_option(out->command, argv[*i], err);
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    if (o->value == NULL && value != NULL)
        return moot__fail(err, MOOT_EUSAGE, "--%s takes no value", o->name);
    if (o->value != NULL && value == NULL) {
        if (*i + 1 >= argc)
            return needs_value(out->command, o, err);
        value = argv[++*i];
    }
    give(out, o, value);
    return MOOT_OK;
}

/* "-q", "-qf", "-oDIR", "-o DIR". */
static int parse_letters(struct moot_args *out, int argc, char *const *argv, int *i,
                         struct moot_error *err)
{
    const char *letters = argv[*i] + 1;
    for (size_t k = 0; letters[k] != '\0'; k++) {
        const struct moot_option *o = find_letter(out->command, letters[k]);
        if (o == NULL)
            return unknown_option(out->command, argv[*i], err);
        if (o->value == NULL) {
            give(out, o, NULL);
            continue;
        }
        if (letters[k + 1] != '\0') {
            give(out, o, letters + k + 1);
            return MOOT_OK;
        }
        if (*i + 1 >= argc)
            return needs_value(out->command, o, err);
        give(out, o, argv[++*i]);
    }
    return MOOT_OK;
}

static int check_words(const struct moot_args *args, struct moot_error *err)
{
    const struct moot_command *c = args->command;
    if (moot__flag(args, help_option.name))
        return MOOT_OK;
    if (args->word_count < (size_t)c->min_words)
        moot__fail(err, MOOT_EUSAGE, "moot %s needs %s", c->name, c->args);
    else if (c->max_words >= 0 && args->word_count > (size_t)c->max_words)
        moot__fail(err, MOOT_EUSAGE, "moot %s: '%s' is one word too many", c->name,
                   args->words[c->max_words]);
    else
        return MOOT_OK;
    if (c->example != NULL)
        moot__fail_hint(err, "such as   %.*s", (int)strcspn(c->example, "\n"), c->example);
    else
        moot__fail_hint(err, "moot %s %s", c->name, c->args);
    return MOOT_EUSAGE;
}

/* Enough room for any command line of this length. */
static int args_begin(const struct moot_command *command, int argc, char *const *argv,
                      struct moot_args *out)
{
    size_t options = 1;
    for (int i = 0; i < argc; i++)
        options += strlen(argv[i]);
    memset(out, 0, sizeof(*out));
    out->command = command;
    out->words = calloc((size_t)argc + 1, sizeof(*out->words));
    out->given = calloc(options, sizeof(*out->given));
    return out->words != NULL && out->given != NULL ? MOOT_OK : MOOT_ENOMEM;
}

int moot__args_parse(const struct moot_command *command, int argc, char *const *argv,
                     struct moot_args *out, struct moot_error *err)
{
    if (args_begin(command, argc, argv, out) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    bool only_words = command->raw_words;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        int status = MOOT_OK;
        if (!only_words && strcmp(word, "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(word, "--", 2) == 0)
            status = parse_long(out, argc, argv, &i, err);
        else if (!only_words && word[0] == '-' && word[1] != '\0')
            status = parse_letters(out, argc, argv, &i, err);
        else
            out->words[out->word_count++] = word;
        if (status != MOOT_OK)
            return status;
    }
    return check_words(out, err);
}

const struct moot_command *moot__command_find(const char *name)
{
    for (size_t i = 0; moot__commands[i] != NULL; i++)
        if (strcmp(moot__commands[i]->name, name) == 0)
            return moot__commands[i];
    return NULL;
}

const char *moot__command_near(const char *name)
{
    const char *names[COMMANDS_MAX];
    size_t count = 0;
    for (size_t i = 0; moot__commands[i] != NULL; i++) {
        MOOT_ASSERT(count < MOOT_COUNT(names));
        if (moot__commands[i]->group != MOOT_GROUP_HIDDEN)
            names[count++] = moot__commands[i]->name;
    }
    return moot__near_find(name, names, count);
}

static int unknown_command(struct moot_cli *cli, const char *name)
{
    struct moot_error err;
    moot__fail(&err, MOOT_EUSAGE, "moot has no command '%s'", name);
    const char *near = moot__command_near(name);
    size_t len = strlen(name);
    if (near != NULL)
        moot__fail_hint(&err, "did you mean   moot %s", near);
    else if (len > 5 &&
             (strcmp(name + len - 5, ".yaml") == 0 || strcmp(name + len - 4, ".yml") == 0))
        moot__fail_hint(&err, "to run a crew file   moot run %s", name);
    else
        moot__fail_hint(&err, "moot --help   shows them all");
    return moot__report(cli, &err);
}

static int not_yet(struct moot_cli *cli, const struct moot_command *c)
{
    struct moot_error err;
    moot__fail(&err, MOOT_EUSAGE, "moot %s is not yet here: %s", c->name, c->help);
    moot__fail_hint(&err, "moot --help   shows what is");
    return moot__report(cli, &err);
}

static int run_command(struct moot_cli *cli, const struct moot_command *c, int argc,
                       char *const *argv)
{
    struct moot_args args;
    struct moot_error err;
    int code = MOOT_EXIT_DONE;
    if (c->run == NULL && (argc < 1 || strcmp(argv[0], "--help") != 0))
        return not_yet(cli, c);
    if (moot__args_parse(c, argc, argv, &args, &err) != MOOT_OK)
        code = moot__report(cli, &err);
    else if (moot__flag(&args, help_option.name))
        moot__help_command(cli, c);
    else
        code = c->run(cli, &args);
    moot__args_release(&args);
    return code;
}

/* A reader that has gone is no error. */
static bool reader_gone(FILE *out)
{
    struct pollfd fd = {.fd = fileno(out)};
    return errno == EPIPE || (poll(&fd, 1, 0) > 0 && (fd.revents & POLLERR) != 0);
}

/* What was written must have reached its place. */
static int finish(struct moot_cli *cli, int code)
{
    errno = 0;
    bool lost = fflush(cli->out) != 0 || ferror(cli->out) != 0;
    if (!lost || code != MOOT_EXIT_DONE || reader_gone(cli->out))
        return code;
    struct moot_error err;
    moot__fail(&err, MOOT_EIO, "standard output cannot be written%s%s", errno != 0 ? ": " : "",
               errno != 0 ? strerror(errno) : "");
    return moot__report(cli, &err);
}

int moot__cli_main(struct moot_cli *cli, int argc, char *const *argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name == NULL) {
        moot__help_short(cli);
        return finish(cli, MOOT_EXIT_DONE);
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        fprintf(cli->out, "moot %s\n", MOOT_VERSION);
        return finish(cli, MOOT_EXIT_DONE);
    }
    bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
    if (help && argc < 3) {
        moot__help_all(cli);
        return finish(cli, MOOT_EXIT_DONE);
    }
    if (help)
        name = argv[2];
    const struct moot_command *c = moot__command_find(name);
    if (c == NULL)
        return unknown_command(cli, name);
    if (help) {
        moot__help_command(cli, c);
        return finish(cli, MOOT_EXIT_DONE);
    }
    return finish(cli, run_command(cli, c, argc - 2, argv + 2));
}
