/* The fenced code blocks of a Markdown text, as models write them:
 *
 *   ```python            three or more ` or ~; the first word is the language
 *   # filename: sum.py   a first line that says so gives it a name; it stays in the code
 *   print(1 + 1)
 *   ```                  as many of the same, or more: a longer fence holds shorter ones
 *
 * A fence may be indented, as in a list; its code loses as much indentation. Lines may end in CRLF;
 * the code's end in a line feed. A role goes through them in order:
 *
 *   struct moot_fences f;
 *   moot__fences_read(text, &f);
 *   for (size_t i = 0; i < f.count; i++)
 *       if (f.list[i].runs_as != NULL)
 *           … call run_code with {language: runs_as, code, filename};
 *   moot__fences_release(&f);
 */
#ifndef MOOT_FENCE_H
#define MOOT_FENCE_H

#include "runtime/buf.h"

struct moot_fence {
    char *language;      /* as it was written; "": none */
    const char *runs_as; /* "python", "sh", or NULL: it cannot be run */
    char *filename;      /* as it was written, to be checked by whoever uses it; or NULL */
    char *code;          /* every line ends in a line feed; valid UTF-8 if the text is */
    size_t len;
    size_t line; /* of its opening fence, from 1 */
    bool closed; /* false: the text ends in it, and perhaps before its own end */
};

struct moot_fences {
    struct moot_fence *list;
    size_t count;
    size_t left_out; /* more than MOOT_MAX_FENCES, or longer than MOOT_MAX_CODE */
};

/* The caller releases *out, also after a failure. MOOT_ENOMEM. */
int moot__fences_read(const char *text, struct moot_fences *out);
void moot__fences_release(struct moot_fences *f);

#endif
