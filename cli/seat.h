/* The person at this terminal in a conversation: takes the turns of the agent whose seat it has,
 * and speaks up while others have theirs. */
#ifndef MOOT_SEAT_H
#define MOOT_SEAT_H

#include "cli/cmd.h"
#include "cli/inbox.h"
#include "cli/screen.h"
#include "cli/talks.h"
#include "cli/typing.h"
#include "runtime/host.h"

struct moot_seat_at {
    struct moot_cli *cli;
    struct moot_screen *screen;
    struct moot_inbox *inbox;
    struct moot_typing *typing; /* NULL: lines of standard input are read when it is asked */
    struct moot_talks talks;
    char *conv, *floor; /* who spoke last or speaks now, and where; or NULL */
    char *unheard;      /* said while another had its turn, which goes on; or NULL */
    bool chat;          /* the prompt stays open */
    bool lines;
    bool cut_in; /* what is typed cuts off what is being said */
    bool left;   /* it has gone: what waits for it stays in the inbox */
    /* Looks after the run while a line is awaited; true: it is no longer asked. */
    bool (*idle)(void *arg);
    void *arg;
};

/* `history`: a file, or NULL. */
int moot__seat_init(struct moot_seat_at *s, const char *history, struct moot_error *err);
void moot__seat_release(struct moot_seat_at *s);
/* Takes a message as it comes. 0 or MOOT_ENOMEM. */
int moot__seat_message(struct moot_seat_at *s, const struct moot_message *m);

/* Whether something waits that a person says in the seat of an agent. */
bool moot__seat_is_asked(const struct moot_seat_at *s);
/* Takes what was typed since, and shows the line. Never waits. */
int moot__seat_tick(struct moot_seat_at *s, struct moot_host *h, struct moot_error *err);
/* Reads a line from standard input as the answer that is asked for. */
int moot__seat_read(struct moot_seat_at *s, struct moot_host *h, struct moot_error *err);
/* Lets something else be asked at the terminal, or takes it again. */
void moot__seat_hold(struct moot_seat_at *s, bool hold);

#endif
