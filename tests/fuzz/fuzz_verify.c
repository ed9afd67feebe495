/* An exported journal, line by line into the verifier: it ends, and says one thing. Signatures
 * cannot be guessed, so what a fuzzer finds of them it finds in the corpus. */
#include "tests/fuzz/fuzz.h"

#include "runtime/anchor.h"
#include "runtime/verify.h"

static void feed(struct moot_verifier *v, const char *line, size_t len)
{
    struct moot_anchor a;
    struct moot_message *m = NULL;
    if (moot__anchor_is_line(line, len)) {
        if (moot__anchor_import(line, len, &a, NULL) == MOOT_OK)
            moot__verifier_anchor(v, &a);
        return;
    }
    if (moot__message_import(line, len, &m, NULL) == MOOT_OK && m->seq >= 0)
        moot__verifier_message(v, m);
    moot__message_unref(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct moot_verify_options plain;
    struct moot_verify_result r;
    struct moot_verifier *v = moot__verifier_new(&plain, &r);
    FUZZ_CHECK(v != NULL);
    while (size > 0) {
        size_t line = moot_fuzz_line(data, size);
        feed(v, (const char *)data, line);
        size_t used = line < size ? line + 1 : line;
        data += used;
        size -= used;
    }
    int status = moot__verifier_end(v, true);
    FUZZ_CHECK(status == r.status);
    FUZZ_CHECK((status == MOOT_OK) == (r.fault[0] == '\0'));
    FUZZ_CHECK(status == MOOT_OK || r.error.message[0] != '\0');
    FUZZ_CHECK(status != MOOT_OK || (r.closed && r.messages > 0 && r.anchors > 0));
    FUZZ_CHECK(moot__verifier_end(v, true) == status);
    moot__verifier_free(v);
    return 0;
}
