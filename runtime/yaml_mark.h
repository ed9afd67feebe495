/* The inside of struct moot_yaml: which files were read and where each value stands. For yaml.c. */
#ifndef MOOT_YAML_MARK_H
#define MOOT_YAML_MARK_H

#include "runtime/yaml.h"

/* Adds a file; its text is taken, also on failure. *name is the copy of `shown` that marks use. */
int moot__yaml_add_file(struct moot_yaml *y, const char *shown, char *text, size_t len,
                        const char **name);
/* From now on `value` stands at `mark`. MOOT_ENOMEM. */
int moot__yaml_mark(struct moot_yaml *y, const struct moot_json *value,
                    const struct moot_yaml_mark *mark);
/* Line and column of a byte of a text, both from 1. */
void moot__yaml_place(const char *text, size_t len, size_t byte, int *line, int *column);

#endif
