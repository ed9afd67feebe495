/* Any text as one with placeholders: read, listed, filled in; what is inserted is not expanded. */
#include "runtime/template.h"
#include "runtime/utf8.h"
#include "tests/fuzz/fuzz.h"

static const char scope_text[] =
    "{\"$item\":\"a\",\"a\":{\"text\":\"{n} "
    "one\\ntwo\\nthree\",\"text_rank\":\"210\",\"b\":[1,2,{\"c\":"
    "\"d\\ne\"}]},\"n\":1.5,\"t\":true,\"z\":null,\"l\":[{\"x\":1},{\"x\":[2,{\"y\":[]}]}]}";

static int check_slot(void *arg, const struct moot_template_slot *slot)
{
    size_t *size = arg;
    MOOT_ASSERT(slot->path[0] != '\0');
    MOOT_ASSERT(slot->offset < *size);
    MOOT_ASSERT(slot->line >= 1);
    MOOT_ASSERT(slot->column >= 1);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_template *t = NULL;
    struct moot_error err = {0};
    if (moot__template_parse((const char *)data, size, &t, &err) != 0) {
        MOOT_ASSERT(err.message[0] != '\0');
        return 0;
    }
    MOOT_ASSERT(moot__template_each(t, check_slot, &size) == 0);
    struct moot_json *scope = NULL;
    MOOT_ASSERT(moot__json_parse(scope_text, strlen(scope_text), &scope, NULL) == 0);
    struct moot_buf out;
    moot__buf_init(&out, 1 << 20);
    if (moot__template_fill(t, scope, &out, &err) == 0)
        MOOT_ASSERT(moot__utf8_valid(moot__buf_text(&out), out.len, NULL));
    moot__buf_release(&out);
    moot__json_free(scope);
    moot__template_free(t);
    return 0;
}
