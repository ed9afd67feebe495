/* What a run has produced: the results of its items and of their tasks, taken from the messages. */
#ifndef MOOT_RESULTS_H
#define MOOT_RESULTS_H

#include "cli/cmd.h"
#include "runtime/map.h"
#include "runtime/message.h"

/* One result: the newest of that item and task. */
struct moot_result {
    char *item;
    char *task; /* NULL: the item's own */
    char *conv;
    char *outcome; /* "done", "rejected", … */
    char *text;    /* plain text, or JSON text; NULL: none */
    bool is_json;
};

struct moot_results {
    struct moot_result *list; /* in the order in which they first came */
    size_t count;
    struct moot_map at; /* item and task -> index + 1, as an integer in the pointer */
    int64_t items;      /* of the run; 0: genesis has not come */
};

void moot__results_init(struct moot_results *r);
void moot__results_release(struct moot_results *r);
int moot__results_message(struct moot_results *r, const struct moot_message *m);

struct moot_results_choice {
    const char *task; /* NULL: the items' own results */
    const char *item; /* NULL: of all items */
    bool json;        /* one JSON line for each, whatever standard output is */
};
/* Prints results on standard output: for people on a terminal, else the text or the JSON alone, or
 * one JSON line an item. Returns how many. */
size_t moot__results_print(const struct moot_results *r, struct moot_cli *cli,
                           const struct moot_results_choice *choice);
/* Writes one file for each task and item that has a result: DIR/ITEM.TASK.txt or .json. Returns 0
 * or a MOOT_E*; *count is how many. */
int moot__results_write(const struct moot_results *r, const char *dir, size_t *count,
                        struct moot_error *err);

#endif
