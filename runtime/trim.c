#include "runtime/trim.h"

#include "runtime/utf8.h"

enum { RANK_COUNT = 10 };

struct line {
    const char *text;
    size_t len;
    size_t cost; /* with its line end, in twelfths of a token */
    int rank;
    bool kept;
};

static size_t line_cost(const char *text, size_t len)
{
    return moot__utf8_token_twelfths(text, len) + moot__utf8_token_twelfths("\n", 1);
}

static struct line *split(const char *text, const char *ranks, size_t *count)
{
    size_t n = 1;
    for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
        n++;
    struct line *lines = calloc(n, sizeof(*lines));
    if (lines == NULL)
        return NULL;
    size_t ranks_len = ranks != NULL ? strlen(ranks) : 0;
    for (size_t i = 0; i < n; i++) {
        struct line *line = &lines[i];
        line->text = text;
        line->len = strcspn(text, "\n");
        line->cost = line_cost(text, line->len);
        bool ranked = i < ranks_len && ranks[i] >= '0' && ranks[i] <= '9';
        line->rank = ranked ? ranks[i] - '0' : 0;
        text += line->len + (text[line->len] == '\n');
    }
    *count = n;
    return lines;
}

/* The largest head of the line that fits, ending at a word where one ends. */
static size_t head_length(const struct line *line, size_t room)
{
    size_t low = 0;
    size_t high = line->len;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        size_t cut = moot__utf8_cut(line->text, middle);
        if (line_cost(line->text, cut) <= room)
            low = middle;
        else
            high = middle - 1;
    }
    size_t cut = moot__utf8_cut(line->text, low);
    size_t word = cut;
    while (word > 0 && cut < line->len && line->text[word] != ' ')
        word--;
    return word > cut / 2 ? word : cut;
}

/* Marks what is kept and returns how many lines are left out or cut. The first line that does not
 * fit among the most important ones is cut, so that one long line is not lost whole. */
static size_t choose(struct line *lines, size_t count, size_t room)
{
    size_t left_out = 0;
    bool first = true; /* nothing kept yet */
    for (int rank = 0; rank < RANK_COUNT; rank++) {
        bool full = false;
        for (size_t i = 0; i < count; i++) {
            struct line *line = &lines[i];
            if (line->rank != rank)
                continue;
            if (!full && line->cost <= room) {
                room -= line->cost;
                line->kept = true;
                first = false;
                continue;
            }
            left_out++;
            size_t head = full ? 0 : head_length(line, room);
            full = true;
            if (head > 0 && (first || head > 40)) {
                line->len = head;
                line->kept = true;
            }
        }
        if (full)
            room = 0;
    }
    return left_out;
}

int moot__trim(const char *text, const char *ranks, size_t tokens, struct moot_buf *out,
               size_t *left_out)
{
    if (left_out != NULL)
        *left_out = 0;
    if (moot__utf8_tokens(text, strlen(text)) <= tokens)
        return moot__buf_adds(out, text);
    size_t count = 0;
    struct line *lines = split(text, ranks, &count);
    if (lines == NULL)
        return MOOT_ENOMEM;
    /* 24: each of the two kinds of character is rounded up once in the whole. */
    size_t mark = line_cost(MOOT_TRIM_MARK, strlen(MOOT_TRIM_MARK)) + 24;
    size_t room = tokens < SIZE_MAX / 12 ? tokens * 12 : SIZE_MAX;
    size_t cut = choose(lines, count, room > mark ? room - mark : 0);
    for (size_t i = 0; i < count; i++)
        if (lines[i].kept) {
            moot__buf_add(out, lines[i].text, lines[i].len);
            moot__buf_addc(out, '\n');
        }
    moot__buf_adds(out, MOOT_TRIM_MARK);
    free(lines);
    if (left_out != NULL)
        *left_out = cut;
    return out->status;
}
