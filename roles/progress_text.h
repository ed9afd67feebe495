/* What a text says, as far as saying it again can be told: its words as a set of hashes, each with
 * a weight. */
#ifndef MOOT_PROGRESS_TEXT_H
#define MOOT_PROGRESS_TEXT_H

#include "runtime/status.h"

#include <stdbool.h>

enum { MOOT_PROGRESS_WORDS = 256 };

struct moot_progress_word {
    uint32_t hash;
    int weight;
    bool courtesy; /* never news */
};

/* The different words of a text, by hash; of a text with more than MOOT_PROGRESS_WORDS those with
 * the smallest hashes, which is a fair draw that two texts share. */
struct moot_progress_text {
    struct moot_progress_word words[MOOT_PROGRESS_WORDS + 1];
    size_t count;
    bool cut;
};

/* A word is what is between other characters, in lower case, and by its first five letters, so that
 * its endings do not count; what is written without spaces is taken by two letters. With a digit in
 * it it is whole; figures, and names (a capital within a sentence), weigh most. Signs such as emoji
 * are no words. */
void moot__progress_read(const char *text, struct moot_progress_text *out);
/* Adds one more, which is no word of the text. */
void moot__progress_add(struct moot_progress_text *t, struct moot_progress_word word);
uint32_t moot__progress_hash(uint32_t from, const char *text, size_t len);

#endif
