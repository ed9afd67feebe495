/* A line that is read is written again to the byte, and so is what lies in it; what is refused says
 * why and gives nothing. */
#include "tests/fuzz/fuzz.h"

#include "runtime/anchor.h"
#include "runtime/merkle.h"

static void check_same(const struct moot_buf *written, const char *text, size_t len)
{
    FUZZ_CHECK(written->status == MOOT_OK);
    FUZZ_CHECK(written->len == len);
    FUZZ_CHECK(memcmp(written->data, text, len) == 0);
}

static void check_read(const struct moot_message *m, const char *line, size_t len)
{
    struct moot_buf written;
    moot__buf_init(&written, MOOT_MAX_JSON);
    moot__message_export(m, &written);
    check_same(&written, line, len);
    moot__buf_release(&written);
    struct moot_message *again = NULL;
    FUZZ_CHECK(moot__message_parse(m->statement->data, m->statement->len, &again, NULL) == MOOT_OK);
    FUZZ_CHECK(memcmp(again->id, m->id, MOOT_HASH_SIZE) == 0);
    if (m->body != NULL)
        FUZZ_CHECK(moot__message_put_body(again, m->body_bytes->data, m->body_bytes->len, m->salt,
                                          NULL) == MOOT_OK);
    moot__message_unref(again);
    uint8_t hash[MOOT_HASH_SIZE];
    moot__message_link(m, m->link, hash);
    if (m->path.of > 0)
        (void)moot__merkle_root(&m->path, m->id, hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    struct moot_message *m = NULL;
    struct moot_error err = {0};
    int status = moot__message_import(line, size, &m, &err);
    FUZZ_CHECK((status == MOOT_OK) == (m != NULL));
    FUZZ_CHECK(status == MOOT_OK || (err.code == status && err.message[0] != '\0'));
    if (status == MOOT_OK)
        check_read(m, line, size);
    moot__message_unref(m);
    m = NULL;
    if (moot__message_parse(line, size, &m, NULL) == MOOT_OK) {
        FUZZ_CHECK(m->statement->len == size);
        FUZZ_CHECK(memcmp(m->statement->data, line, size) == 0);
    }
    moot__message_unref(m);
    struct moot_anchor a;
    struct moot_merkle_path path;
    struct moot_buf written;
    moot__buf_init(&written, MOOT_MAX_JSON);
    if (moot__anchor_import(line, size, &a, NULL) == MOOT_OK) {
        moot__anchor_export(&a, &written);
        check_same(&written, line, size);
    }
    moot__buf_clear(&written);
    if (moot__merkle_path_parse(line, size, &path, NULL) == MOOT_OK) {
        moot__merkle_path_write(&path, &written);
        check_same(&written, line, size);
        free(path.h);
    }
    moot__buf_release(&written);
    return 0;
}
