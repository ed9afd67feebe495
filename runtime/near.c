#include "runtime/near.h"

#include "runtime/buf.h"

enum { LONGEST = 40 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: three rows of the table suffice. */
size_t moot__near_distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1];
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);
    if (len_a > LONGEST || len_b > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= len_b; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[len_a % 3][len_b];
}

const char *moot__near_find(const char *word, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t longer = strlen(word) > strlen(words[i]) ? strlen(word) : strlen(words[i]);
        size_t distance = moot__near_distance(word, words[i]);
        if (distance < best_distance && distance <= (longer < 3 ? 1 : longer / 3)) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

void moot__near_hint(struct moot_error *err, const char *word, const char *const *words,
                     size_t count)
{
    const char *near = moot__near_find(word, words, count);
    if (near != NULL) {
        moot__fail_hint(err, "did you mean '%s'?", near);
        return;
    }
    struct moot_buf list;
    moot__buf_init(&list, 1024);
    for (size_t i = 0; i < count; i++)
        if (!is_one_of(words[i], words, i))
            moot__buf_addf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    if (list.len > 0)
        moot__fail_hint(err, "there are: %s", moot__buf_text(&list));
    moot__buf_release(&list);
}
