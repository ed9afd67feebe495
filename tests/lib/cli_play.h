/* The whole program in this process, in a folder and a home of its own. */
#ifndef MOOT_TESTS_CLI_PLAY_H
#define MOOT_TESTS_CLI_PLAY_H

#include "cli/cmd.h"

struct cli_play {
    char dir[64]; /* the current folder while it is played */
    char *before; /* the one before */
    struct moot_cli cli;
    struct moot_signals signals;
    char *out, *err; /* what the last command wrote */
    size_t out_len, err_len;
    int code; /* and its exit code */
};

void cli_play_init(struct cli_play *p);
void cli_play_release(struct cli_play *p);
/* Writes a file into the folder; folders on the way are made. */
void cli_play_file(struct cli_play *p, const char *name, const char *text);
/* Writes the crew file hello.yaml, which answers from replies.yaml without a pause. */
void cli_play_hello(struct cli_play *p);
/* Runs a command: its words, NULL-terminated. Returns its exit code. */
int cli_play(struct cli_play *p, ...) __attribute__((sentinel));
/* The same; fails the test when the exit code is another. */
#define cli_play_ends(p, want, ...)                                                                \
    do {                                                                                           \
        if (cli_play((p), __VA_ARGS__, NULL) != (want))                                            \
            fail_msg("exit %d instead of %d\n%s%s", (p)->code, (want), (p)->out, (p)->err);        \
    } while (0)

#endif
