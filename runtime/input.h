/* The items of a run: what stands on the command line, and the rows of the registry joined to it.
 */
#ifndef MOOT_INPUT_H
#define MOOT_INPUT_H

#include "runtime/json.h"

/* The texts belong to the caller. */
struct moot_input_spec {
    const char *item_name; /* what the crew calls an item */
    const char *registry;  /* JSON, relative to base_dir; NULL: none */
    const char *key;       /* the row's member that says which item it is for; NULL: "file" */
    const char *base_dir;  /* the crew file's folder */
    const char *const *args;
    size_t arg_count;
    int lines_fd; /* where `-` reads JSON lines from */
};

/* Each argument is a file (HTML: its text, title, language, description, facts; text; JSON or JSON
 * lines: their members), NAME=TEXT or NAME=@FILE (a member of every item; the item's own name: its
 * text), or `-`. Without files the pairs are the one item.
 *
 * *items is an array of objects with "name" (unique; of a file its name without the suffix), "path"
 * and, of a page, "text_rank". A registry's members win over the file's, the command line's over
 * both; what a file says itself then stands in MOOT_SCOPE_OWN. An item without a row stays as it
 * is.
 *
 * Adds lines to `warnings` that a person should read; each names the file. The caller frees *items.
 * MOOT_EUSAGE, MOOT_ENOTFOUND, MOOT_EIO, MOOT_EDENIED, MOOT_EINVAL (not text, empty, not JSON),
 * MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__input_load(const struct moot_input_spec *spec, struct moot_json **items,
                     struct moot_buf *warnings, struct moot_error *err);

#endif
