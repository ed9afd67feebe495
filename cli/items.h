/* The items of a run as the command line names them. */
#ifndef MOOT_ITEMS_H
#define MOOT_ITEMS_H

#include "cli/cmd.h"
#include "runtime/json.h"

/* From the words after the crew file (files, NAME=TEXT, NAME=@FILE, "-"), or with --only from an
 * earlier run or a file. What a person should know of them is printed. *out is an array of objects
 * with a "name" each; the caller frees it. */
int moot__items_make(struct moot_cli *cli, const struct moot_args *args,
                     const struct moot_json *crew, const char *dir, struct moot_json **out,
                     struct moot_error *err);

#endif
