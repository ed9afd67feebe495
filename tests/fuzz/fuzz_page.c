/* Any bytes as a web page: the text is UTF-8 without controls, each line has a rank, and a cut
 * keeps within its tokens. The first byte chooses the charset of the header. */
#include "runtime/page.h"
#include "runtime/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text)
{
    size_t len = strlen(text);
    MOOT_ASSERT(moot__utf8_valid(text, len, NULL));
    for (size_t i = 0; i < len; i++)
        MOOT_ASSERT((unsigned char)text[i] >= 0x20 || text[i] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hints[] = {NULL,           "utf-8",   "shift_jis", "gb18030",
                                        "utf-16be",     "euc-kr",  "big5",      "iso-2022-jp",
                                        "windows-1251", "no such", "koi8-r"};
    if (size == 0)
        return 0;
    struct moot_page *page = NULL;
    struct moot_error err = {0};
    int rc = moot__page_read((const char *)data + 1, size - 1, hints[data[0] % MOOT_COUNT(hints)],
                             &page, &err);
    MOOT_ASSERT(rc == 0);
    check_text(page->text);
    check_text(page->facts);
    check_text(page->title != NULL ? page->title : "");
    check_text(page->warnings);
    size_t lines = page->text[0] != '\0';
    for (const char *p = page->text; *p != '\0'; p++)
        lines += *p == '\n';
    MOOT_ASSERT(strlen(page->ranks) == lines);
    struct moot_buf out;
    moot__buf_init(&out, 16 << 20);
    size_t left_out = 0;
    MOOT_ASSERT(moot__page_trim(page, 20, &out, &left_out) == 0);
    MOOT_ASSERT(moot__utf8_tokens(moot__buf_text(&out), out.len) <= 20);
    moot__buf_release(&out);
    moot__page_free(page);
    return 0;
}
