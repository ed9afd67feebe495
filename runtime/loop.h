/* What the other files of the real world need of the loop, without a type of libuv's. All of it
 * runs on the loop's thread. */
#ifndef MOOT_LOOP_H
#define MOOT_LOOP_H

#include "runtime/world.h"

struct addrinfo;

/* The `self` of the real world. */
struct moot_loop;
struct moot_poll;
struct moot_resolve;

/* The effects table whose self is `loop`; the loop owns it. */
struct moot_world *moot__loop_world(struct moot_loop *loop);

enum { MOOT_POLL_READ = 1, MOOT_POLL_WRITE = 2 };

/* ready is called whenever the descriptor can be read or written (both are set after an error on
 * it), until it is stopped. The descriptor stays the caller's and must stay open until the stop. */
int moot__loop_poll(struct moot_loop *loop, int fd, int events,
                    void (*ready)(void *arg, int fd, int events), void *arg,
                    struct moot_poll **out);
int moot__loop_poll_change(struct moot_poll *poll, int events);
void moot__loop_poll_stop(struct moot_poll *poll);

/* Looks up a host's addresses (stream sockets) on the pool. done gets them, valid during the call,
 * or NULL and why not. After a cancel done is not called. */
int moot__loop_resolve(struct moot_loop *loop, const char *host,
                       void (*done)(void *arg, const struct addrinfo *found, const char *why),
                       void *arg, struct moot_resolve **out);
void moot__loop_resolve_cancel(struct moot_resolve *resolve);

/* A callback of the caller's is about to run: this turn ends after it. */
void moot__loop_happened(struct moot_loop *loop);

#endif
