/* Plays a crew file with scripted replies on the simulated world, or on the real one, in a folder
 * of its own. */
#ifndef MOOT_TESTS_CREW_PLAY_H
#define MOOT_TESTS_CREW_PLAY_H

#include "roles/crew.h"

struct play {
    char dir[64];
    struct moot_json *items; /* made by play_init; one empty item */
    struct moot_key *owner;
    /* for the next run */
    int jobs, crash_after;
    bool has_person, dry_run;
    int64_t wall_ms; /* how much later it is by the wall clock */
    bool real_world; /* programs are really run */
    void *arg;
    /* Called when only people are waited for; answers by moot__host_answer and returns true, or
     * returns false to leave it waiting. NULL: it is left. */
    bool (*person)(void *arg, struct moot_host *h, struct play *p);
    /* Sees every message as it is committed; NULL: nobody does. */
    void (*message)(void *arg, const struct moot_message *m);
    /* Called after each turn of the loop; NULL: nobody looks. */
    void (*looks)(void *arg, struct moot_host *h, struct play *p);
    /* after it */
    enum moot_run_state state;
    struct moot_run_totals totals;
    int64_t virtual_ms;
    int counts[MOOT_KIND_COUNT]; /* messages seen by kind */
    char *open_conv;             /* of the newest question or approval request seen */
    char *open_from;
    uint32_t open_n;
    struct moot_error error;
};

/* Writes crew.yaml and replies.json; the crew's default model is scripted/replies.json. */
void play_init(struct play *p, const char *crew, const char *replies);
/* The same below another folder than /tmp. */
void play_init_in(struct play *p, const char *folder, const char *crew, const char *replies);
void play_items(struct play *p, const char *json);
/* Writes another file beside the crew's. */
void play_file(const struct play *p, const char *name, const char *text);
/* Runs (or resumes) to its end, a wait, or crash_after commits; a closed or waiting run is folded
 * again and must agree. Fails the test on any error. */
void play_run(struct play *p, bool resume);
/* Forgets the journal, so that play_run begins anew. */
void play_again(struct play *p);
/* The journal's normal form; the caller frees it. */
char *play_normal(struct play *p);
/* How many messages of the journal have this in their exported line. */
int play_count(struct play *p, const char *text);
void play_release(struct play *p);

#endif
