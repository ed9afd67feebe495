/* Blocks stand in order, hold whole lines, no more than the text, and none of them is a fence's own
 * closing line; written out again between longer fences they are read as they were. */
#include "agents/fence.h"
#include "tests/fuzz/fuzz.h"

enum { LONGER = 32 };

/* The longest run of backticks in a text: what must not close it is longer. */
static size_t longest_run(const char *text, size_t len)
{
    size_t most = 0;
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        run = text[i] == '`' ? run + 1 : 0;
        most = run > most ? run : most;
    }
    return most;
}

static void again(const struct moot_fence *b)
{
    struct moot_buf text;
    struct moot_fences f;
    size_t marks = longest_run(b->code, b->len) + LONGER;
    moot__buf_init(&text, 4u << 20);
    for (size_t i = 0; i < marks; i++)
        moot__buf_addc(&text, '`');
    moot__buf_addf(&text, "%s\n", b->language);
    moot__buf_add(&text, b->code, b->len);
    for (size_t i = 0; i < marks; i++)
        moot__buf_addc(&text, '`');
    FUZZ_CHECK(moot__fences_read(moot__buf_text(&text), &f) == MOOT_OK);
    FUZZ_CHECK(f.count == 1 && f.left_out == 0 && f.list[0].closed);
    FUZZ_CHECK(strcmp(f.list[0].language, b->language) == 0 && f.list[0].runs_as == b->runs_as);
    /* A CR before the line feed is the line's end, the second time one more of them. */
    if (memchr(b->code, '\r', b->len) == NULL) {
        FUZZ_CHECK(f.list[0].len == b->len && memcmp(f.list[0].code, b->code, b->len) == 0);
        FUZZ_CHECK((f.list[0].filename == NULL) == (b->filename == NULL));
    }
    moot__fences_release(&f);
    moot__buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_fences f;
    size_t line = 0;
    char *text = moot__copy((const char *)data, size);
    FUZZ_CHECK(text != NULL && moot__fences_read(text, &f) == MOOT_OK);
    FUZZ_CHECK(f.count <= MOOT_MAX_FENCES);
    for (size_t i = 0; i < f.count; i++) {
        const struct moot_fence *b = &f.list[i];
        FUZZ_CHECK(b->line > line && b->len <= MOOT_MAX_CODE && b->code[b->len] == '\0');
        FUZZ_CHECK(b->len == 0 || b->code[b->len - 1] == '\n');
        FUZZ_CHECK(b->closed || i + 1 == f.count);
        FUZZ_CHECK(b->filename == NULL || b->filename[0] != '\0');
        line = b->line;
        again(b);
    }
    moot__fences_release(&f);
    free(text);
    return 0;
}
