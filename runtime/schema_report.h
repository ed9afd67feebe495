/* What does not fit a schema, in lines fit to send back to a model. */
#ifndef MOOT_SCHEMA_REPORT_H
#define MOOT_SCHEMA_REPORT_H

#include "runtime/schema.h"

enum { MOOT_SCHEMA_DEPTH_MAX = 512 }; /* of schemas that lead to schemas; a value is 64 deep */

struct moot_schema_place {
    const char *key; /* NULL: an element */
    size_t index;
};

struct moot_schema_report {
    struct moot_buf *problems; /* NULL: nobody reads them */
    size_t count;
    size_t last_line; /* where the last line allowed begins */
    size_t quiet;     /* above 0: nothing is noted; the first problem is enough */
    bool probing;     /* while quiet: all problems are weighed, to find the nearest of some forms */
    size_t probe_place;
    size_t weight;
    size_t place_count;
    struct moot_schema_place places[MOOT_SCHEMA_DEPTH_MAX]; /* the way to the value at hand */
};

/* Notes that the value at hand does not fit: `what` says why; `value`, if not NULL, is put behind
 * it. Always false, so that a check can return it. A mismatch is one of type or of a fixed value,
 * which tells that another form was meant. */
bool moot__schema_problem(struct moot_schema_report *r, const char *what,
                          const struct moot_json *value);
bool moot__schema_mismatch(struct moot_schema_report *r, const char *what,
                           const struct moot_json *value);

/* Whether another problem would change nothing. */
bool moot__schema_enough(const struct moot_schema_report *r);

/* The weight from which on a form has another type than the value. */
enum { MOOT_SCHEMA_WEIGHT_TYPE = 1000000 };

/* Adds a short form of the value. */
void moot__schema_add_value(struct moot_buf *b, const struct moot_json *value);

/* How many bytes of a text, at most `max`, are whole code points: for "%.*s". */
int moot__schema_cut(const char *text, size_t max);

/* Says in the last line how many problems had no line of their own. */
void moot__schema_report_end(struct moot_schema_report *r);

#endif
