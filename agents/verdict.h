/* A verdict: {passed, score? (0 to 10), problems: [{what, quote?, criterion?}]}, whoever gave it.
 */
#ifndef MOOT_VERDICT_H
#define MOOT_VERDICT_H

#include "runtime/json.h"

enum { MOOT_PROBLEMS_MAX = 50 };

/* An object of these members, without score. NULL: out of memory. Takes `problems` over; NULL:
 * none.
 */
struct moot_json *moot__verdict_new(bool passed, struct moot_json *problems);

/* One that did not pass, for one problem. NULL: out of memory. */
struct moot_json *moot__verdict_no(const char *what);

/* Adds one problem; quote and criterion may be NULL. Beyond MOOT_PROBLEMS_MAX nothing is added. */
int moot__verdict_add(struct moot_json *problems, const char *what, const char *quote,
                      const char *criterion);
/* Adds one for each line "- what". */
int moot__verdict_add_lines(struct moot_json *problems, const char *lines);

/* Reads one as models write it: `approved` for passed, problems as plain strings, a score with a
 * fraction or as text, a criterion by its number. `criteria` may be NULL. *out is exact in shape;
 * the caller frees it. MOOT_EINVAL: it does not say whether it passed. */
int moot__verdict_read(const struct moot_json *said, const struct moot_json *criteria,
                       struct moot_json **out);

/* Its score; -1: none. */
int64_t moot__verdict_score(const struct moot_json *verdict);

#endif
