/* What an agent's model was sent, call by call, rebuilt from the messages of a run. The hash that
 * each call carries (`req`) tells whether what was rebuilt is what was sent. */
#ifndef MOOT_SAW_H
#define MOOT_SAW_H

#include "cli/book.h"
#include "runtime/request.h"

struct moot_saw_call {
    const struct moot_message *call;
    const struct moot_message *reply; /* NULL: none has come */
    const struct moot_turn *turns;    /* the whole request; texts are JSON literals */
    size_t count;
    size_t first_new;  /* those before it were in the call that this one extends */
    const char *model; /* a name in `models`; NULL: not known */
    const struct moot_tool_view *tools;
    size_t tool_count;
    bool tools_lost; /* some were declared that this crew does not lead to */
    const char *schema;
    bool schema_lost;
    bool exact; /* the hash agrees */
    /* what others said and did in the conversation until then and the request does not hold */
    const struct moot_message *const *hidden;
    size_t hidden_count;
};

/* Calls `each` for the calls of one agent, in the order of the journal; what it is given is valid
 * during the call. MOOT_ENOTFOUND: no such agent in the run (err lists those there are). */
int moot__saw_each(struct moot_book *book, const char *agent,
                   int (*each)(void *arg, const struct moot_saw_call *c), void *arg,
                   struct moot_error *err);
/* One object of the request, not bound to any provider: {conv, agent, n, item?, task?, model,
 * messages: [{role, content?, tool_calls?, tool_call_id?}], tools?, tool_choice?, schema?, exact}.
 */
int moot__saw_write(const struct moot_saw_call *c, struct moot_buf *out);

#endif
