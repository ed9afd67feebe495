/* What the files of a recording share. */
#ifndef MOOT_RECORDING_PART_H
#define MOOT_RECORDING_PART_H

#include "runtime/map.h"
#include "runtime/recording.h"

enum { MOOT_RECORDING_FORMAT = 1, MOOT_RECORDING_LABELS = 64 };

/* One call and what came of it. Owns all it points to. */
struct moot_recording_entry {
    char *conv; /* `3~2` as `3` */
    char *from;
    uint32_t n;
    enum moot_kind kind;    /* of the call */
    char *asked;            /* req, "tool args", or the question's words; NULL: redacted */
    struct moot_json *body; /* NULL: redacted */
    char **prov;
    size_t prov_count;
    size_t order;
    bool given_up;
};

struct moot_recording {
    struct moot_map names; /* "conv\nfrom\nn" -> entry; the newest of its name */
    struct moot_map calls; /* while reading: hex id of a call without an outcome -> entry */
    size_t outcomes;
    char *path, *crew, *date;
    char run[MOOT_RUN_TEXT];
    int64_t seed;
    bool has_seed;
    int64_t last; /* how far messages are read; -1: to the end */
    int64_t seq;
    uint8_t link[MOOT_HASH_SIZE];
    struct moot_json *items;
    struct moot_error *err; /* while reading */
};

/* recording.c */
struct moot_recording_entry *moot__recording_entry(enum moot_kind call, const char *conv,
                                                   const char *from, uint32_t n);
void moot__recording_entry_free(void *entry); /* NULL is allowed */
/* Puts an answered call among the names; takes it over. MOOT_ENOMEM. */
int moot__recording_put(struct moot_recording *r, struct moot_recording_entry *e);
/* What a call asks, to be compared; the caller frees it. NULL: out of memory. */
char *moot__recording_asked(enum moot_kind call, const struct moot_json *body);

/* recording_form.c: a copy of an outcome's body of what may stand in one, everything checked; the
 * caller frees it. MOOT_EMALFORMED says what is not in its form. */
int moot__recording_body(enum moot_kind call, const struct moot_json *body, struct moot_json **out,
                         struct moot_error *err);

/* recording_read.c */
int moot__recording_read(struct moot_recording *r);

#endif
