/* UTF-8: validation, cutting, counting, width, and names made comparable. */
#ifndef MOOT_UTF8_H
#define MOOT_UTF8_H

#include "runtime/status.h"

#include <stdbool.h>

/* Whether the bytes are valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
 * U+10FFFF). `bad`, if not NULL, is the offset of the first wrong byte. */
bool moot__utf8_valid(const char *text, size_t len, size_t *bad);

/* The largest length not above `len` that does not end inside a code point of valid UTF-8. */
size_t moot__utf8_cut(const char *text, size_t len);
/* The length of a text, or where it is longer than `max`, that of what fits. */
size_t moot__utf8_upto(const char *text, size_t max);

/* Decodes one code point of valid UTF-8 at `text` and returns its length in bytes (1 to 4). */
size_t moot__utf8_decode(const char *text, uint32_t *code);
/* Writes one code point; returns its length (1 to 4). `out` has room for 4. */
size_t moot__utf8_encode(uint32_t code, char *out);

/* Code points; words (runs without white space, U+00A0 included); tokens, estimated: no tokenizer,
 * an estimate that is rather high (one for each 4 bytes of ASCII, one for 1.5 code points else). */
size_t moot__utf8_characters(const char *text, size_t len);
size_t moot__utf8_words(const char *text, size_t len);
size_t moot__utf8_tokens(const char *text, size_t len);
/* The same estimate in twelfths of a token and not rounded, so that parts can be added up: the
 * whole has at most a twelfth of their sum and 2 tokens. */
size_t moot__utf8_token_twelfths(const char *text, size_t len);

/* Columns the text takes on a terminal (utf8proc's width). Control characters count 0. */
size_t moot__utf8_width(const char *text, size_t len);
/* Columns of one code point, and whether a grapheme cluster may be broken between two of them. */
int moot__utf8_code_width(uint32_t code);

/* Whether a code point is a letter or a mark on one, in any script. */
bool moot__utf8_letter(uint32_t code);

/* The text in NFC, for comparing names only; signed text is never normalised. The caller frees it.
 * NULL: out of memory or not UTF-8. */
char *moot__utf8_nfc(const char *text, size_t len);

/* Whether `len` bytes are the same, A to Z counting as a to z: in no locale. Neither ends within
 * them. */
bool moot__ascii_same(const char *a, const char *b, size_t len);

#endif
