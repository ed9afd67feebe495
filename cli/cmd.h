/* A command as a row of a table: from it come dispatch, help, completion and the man page. */
#ifndef MOOT_CMD_H
#define MOOT_CMD_H

#include "cli/term.h"
#include "runtime/buf.h"

#include <signal.h>
#include <stdbool.h>

/* What the program exits with (docs: Exit codes). */
enum moot_exit {
    MOOT_EXIT_DONE = 0,
    MOOT_EXIT_FAILED = 1,
    MOOT_EXIT_USAGE = 2,
    MOOT_EXIT_SIGNATURE = 3,
    MOOT_EXIT_CHAIN = 4,
    MOOT_EXIT_INCOMPLETE = 5,
    MOOT_EXIT_KEY = 6,
    MOOT_EXIT_MALFORMED = 7,
    MOOT_EXIT_LIMIT = 8,
    MOOT_EXIT_NO_PROGRESS = 9,
    MOOT_EXIT_WAITS = 10,
    MOOT_EXIT_IO = 11,
    MOOT_EXIT_INTERRUPTED = 130,
    MOOT_EXIT_TERMINATED = 143,
};

struct moot_world;

/* What the signal handlers of main.c leave for others to see. */
struct moot_signals {
    volatile sig_atomic_t held;        /* a command looks at `stop`; else signals end the program */
    volatile sig_atomic_t stop;        /* the signal that asks to stop, 0: none */
    volatile sig_atomic_t resized;     /* the terminal has another size */
    struct moot_world *volatile world; /* woken by both; NULL: none */
};

/* The program's surroundings, made in main.c, or by a test. */
struct moot_cli {
    FILE *out;
    FILE *err;
    struct moot_term out_term;
    struct moot_term err_term;
    struct moot_signals *signals;
};

/* What completes a value. */
enum moot_complete {
    MOOT_COMPLETE_NONE,
    MOOT_COMPLETE_FILE,
    MOOT_COMPLETE_CREW, /* crew files */
    MOOT_COMPLETE_RUN,
    MOOT_COMPLETE_TASK, /* of the crew file named before */
    MOOT_COMPLETE_AGENT,
    MOOT_COMPLETE_COMMAND,
    MOOT_COMPLETE_SHELL,
    MOOT_COMPLETE_PROCESS,
    MOOT_COMPLETE_WAITING, /* what waits for a person */
};

struct moot_option {
    const char *name;  /* without its dashes; NULL ends the table */
    char letter;       /* 0: none */
    const char *value; /* what its value is called; NULL: it takes none */
    const char *help;
    enum moot_complete complete;
};

enum moot_group {
    MOOT_GROUP_START,
    MOOT_GROUP_LOOK,
    MOOT_GROUP_DECIDE,
    MOOT_GROUP_AGAIN,
    MOOT_GROUP_SYSTEM,
    MOOT_GROUP_HIDDEN,
    MOOT_GROUP_COUNT
};

/* One option as given. */
struct moot_given {
    const struct moot_option *option;
    const char *value; /* NULL where it takes none */
};

/* A command line, parsed. Texts are argv's. */
struct moot_args {
    const struct moot_command *command;
    const char **words; /* what is no option */
    size_t word_count;
    struct moot_given *given;
    size_t given_count;
};

struct moot_command {
    const char *name;
    const char *args;                  /* "CREW [FILE…]" */
    const char *help;                  /* one line, no full stop */
    const char *more;                  /* further paragraphs, or NULL */
    const char *example;               /* whole command lines, one a line */
    const struct moot_option *options; /* or NULL */
    enum moot_group group;
    int min_words, max_words;    /* max -1: any number */
    enum moot_complete complete; /* of its first word; further words are files */
    bool raw_words;              /* words are passed on as they are, dashes and all */
    int (*run)(struct moot_cli *cli, const struct moot_args *args); /* NULL: not yet here */
};

/* The table, in the order of the help; ended by NULL. */
extern const struct moot_command *const moot__commands[];
const struct moot_command *moot__command_find(const char *name);
/* The command nearest to a wrong name, or NULL. */
const char *moot__command_near(const char *name);

/* The value of an option given (the last if several), NULL: not given. */
const char *moot__arg(const struct moot_args *args, const char *name);
bool moot__flag(const struct moot_args *args, const char *name);
/* The option's values one after another: *i begins at 0; NULL after the last. */
const char *moot__arg_next(const struct moot_args *args, const char *name, size_t *i);
/* The i-th word, or NULL. */
const char *moot__word(const struct moot_args *args, size_t i);

/* Parses what follows the command's name. On failure err says what is wrong and what was meant.
 * Released by moot__args_release, also after a failure. MOOT_EUSAGE, MOOT_ENOMEM. */
int moot__args_parse(const struct moot_command *command, int argc, char *const *argv,
                     struct moot_args *out, struct moot_error *err);
void moot__args_release(struct moot_args *args);

/* The whole program but for the settings of the process. Returns the exit code. */
int moot__cli_main(struct moot_cli *cli, int argc, char *const *argv);

/* Prints the error with its hints as four lines at most and returns the exit code of its kind. */
int moot__report(struct moot_cli *cli, const struct moot_error *err);
/* The exit code that an error's code means. */
int moot__exit_code(int status);

/* completion.c: the candidates for the last of the words typed after `moot`, one a line as
 * "candidate<TAB>what it is"; the line ":files" asks the shell for files, ":crews" for crew files.
 */
void moot__complete(FILE *out, const char *const *words, size_t count);

/* help.c: the screen of `moot` alone, all commands, one command. */
void moot__help_short(struct moot_cli *cli);
void moot__help_all(struct moot_cli *cli);
void moot__help_command(struct moot_cli *cli, const struct moot_command *command);
/* man.c: the manual page in roff. */
int moot__man_write(FILE *out);

#endif
