/* Messages by their numbers, a line each: what fork and redact are told. */
#ifndef MOOT_NUMBERED_H
#define MOOT_NUMBERED_H

#include "cli/cmd.h"
#include "runtime/message.h"

/* "  41  model_reply  host 3 in 1/concept#1   what it says…", without the newline. */
void moot__numbered_add(struct moot_buf *out, const struct moot_message *m, size_t columns);

#endif
