/* Programs of a crew, fenced in: bubblewrap with namespaces of its own, no network, a read-only
 * system, resource limits inside, and a filter of system calls. What guard.h names is hidden
 * wherever it lies. Where this cannot be had nothing is run. */
#ifndef MOOT_SANDBOX_H
#define MOOT_SANDBOX_H

#include "runtime/world.h"

/* What a program may see and use. Paths are absolute, without links. */
struct moot_sandbox {
    const char *workspace;    /* it may write here; NULL: none */
    const char *folder;       /* it may read this; or NULL */
    const char *const *binds; /* it may read these; NULL-terminated, or NULL */
    int64_t memory;           /* bytes, of each process and of all together; 0: 4 GiB */
    int64_t cpu_seconds;      /* of each process; 0: 120 */
    int64_t file_bytes;       /* of each file it writes; 0: 256 MiB */
    int64_t processes;        /* and threads, at once; 0: 128 */
};

struct moot_sandbox_run;

/* As the world's spawn: `inner` says what is run inside; without a cwd it starts in the workspace,
 * else in the folder, else in /tmp. MOOT_EUNSUPPORTED, from here or in the result: there is no
 * sandbox here, and why; MOOT_EDENIED: not with these folders, and why. MOOT_ELIMIT: all of it
 * together used more than it may, and was killed. */
int moot__sandbox_spawn(struct moot_world *w, const struct moot_sandbox *box,
                        const struct moot_spawn *inner,
                        void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                        struct moot_sandbox_run **out, struct moot_error *err);
/* done follows with MOOT_ECANCELED. */
void moot__sandbox_kill(struct moot_sandbox_run *run);

/* Finds out whether programs can be fenced in here. `why` is NULL when they can. */
int moot__sandbox_probe(struct moot_world *w, void (*done)(void *arg, const struct moot_error *why),
                        void *arg, struct moot_error *err);

#endif
