/* A conversation drawn from a seed: a crew file, the replies of its models, what its person says,
 * where it is killed; and who may speak in it, told from the drawing and not from the code that is
 * tested. */
#ifndef MOOT_TESTS_DRAW_CREW_H
#define MOOT_TESTS_DRAW_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRAW_AGENTS = 4 };

enum draw_process { DRAW_PAIR, DRAW_GROUP_CHAT, DRAW_SWARM, DRAW_LEDGER, DRAW_PROCESSES };

struct draw_crew {
    uint64_t seed, state;
    enum draw_process process;
    size_t agents;
    size_t proxy; /* DRAW_AGENTS: none */
    bool only_given[DRAW_AGENTS], only[DRAW_AGENTS][DRAW_AGENTS], never[DRAW_AGENTS][DRAW_AGENTS];
    bool repeat;
    bool can_given[DRAW_AGENTS], can[DRAW_AGENTS][DRAW_AGENTS]; /* can_message */
    int64_t turns, calls, tokens;                               /* limits */
    char *yaml, *replies;                                       /* owned */
};

struct draw_crew *draw_crew_new(uint64_t seed);
void draw_crew_free(struct draw_crew *c);

/* The member of that id; DRAW_AGENTS: none. */
size_t draw_crew_member(const struct draw_crew *c, const char *id);
/* Whether `to` may have the floor after `last` (DRAW_AGENTS: nobody), who handed to `handed` (-1:
 * to nobody). */
bool draw_crew_may_follow(const struct draw_crew *c, size_t last, size_t to, int handed);
bool draw_crew_may_hand(const struct draw_crew *c, size_t from, size_t to);
/* What the person says the nth time; NULL: nothing any more. */
const char *draw_crew_person(const struct draw_crew *c, int nth);
/* After how many commits it is killed for the nth time. */
int draw_crew_kill(const struct draw_crew *c, int nth);

#endif
