/* Tools in words, for models that cannot call them (ReAct): docs/prompts.md has the form. A result
 * that a model made up is none, and what it only thought is no answer. */
#ifndef MOOT_REACT_H
#define MOOT_REACT_H

#include "agents/def.h"

/* What ends a reply: what comes after it would be made up. NULL-terminated. */
extern const char *const moot__react_stop[];

enum moot_react_kind {
    MOOT_REACT_ANSWER, /* `text` is the answer */
    MOOT_REACT_CALL,   /* `tool` is to be called with `text` */
    MOOT_REACT_PLAIN,  /* it has none of the form's words */
    MOOT_REACT_BAD,    /* it has some, and says neither what to do nor an answer */
};

/* Texts are owned; NULL where there is none. */
struct moot_react {
    enum moot_react_kind kind;
    char *tool;
    char *text;
};

/* Reads a reply. MOOT_ENOMEM. */
int moot__react_parse(const char *reply, struct moot_react *out);
void moot__react_release(struct moot_react *r);

/* How tools are declared, and the form. */
int moot__react_prompt(const struct moot_tool_view *tools, size_t count, struct moot_buf *out);
/* Puts that into a request: behind its system message, else before what comes at `place`. */
int moot__react_tell(struct moot_think *think, size_t place, const struct moot_tool_view *tools,
                     size_t count);
/* What a model is told whose reply is not in the form. */
extern const char moot__react_feedback[];

#endif
