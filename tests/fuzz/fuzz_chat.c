/* The same reply of a model's endpoint, whole and in pieces, is read in the same way; what is shown
 * is UTF-8, and is the text. */
#include "runtime/model_openai.h"
#include "runtime/utf8.h"
#include "tests/fuzz/fuzz.h"

static void show(void *arg, const char *text, size_t len)
{
    FUZZ_CHECK(len > 0);
    FUZZ_CHECK(moot__utf8_valid(text, len, NULL));
    moot__buf_add(arg, text, len);
}

/* All that became of it, as one text. */
static void run(const char *data, size_t len, size_t step, struct moot_buf *out)
{
    struct moot_chat c;
    struct moot_buf shown;
    struct moot_model_reply r = {0};
    moot__buf_init(&shown, 1u << 24);
    moot__chat_init(&c, show, &shown);
    for (size_t at = 0; at < len; at += step) {
        if (moot__chat_feed(&c, data + at, step < len - at ? step : len - at) != 0)
            break;
    }
    moot__chat_end(&c, 200);
    int status = moot__chat_take(&c, "seed", &r);
    FUZZ_CHECK(status != MOOT_ENOMEM);
    FUZZ_CHECK(strcmp(moot__buf_text(&shown), r.text) == 0);
    moot__buf_addf(out, "%d %d %s|%s|%s|%lld %lld %lld", c.status, c.problem.kind, r.text,
                   r.reasoning != NULL ? r.reasoning : "", r.finish, (long long)r.input_tokens,
                   (long long)r.cached_tokens, (long long)r.output_tokens);
    for (size_t i = 0; i < r.call_count; i++)
        moot__buf_addf(out, "|%s %s %s", r.calls[i].id, r.calls[i].name, r.calls[i].arguments);
    moot__model_reply_release(&r);
    moot__chat_release(&c);
    moot__buf_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_buf whole;
    struct moot_buf cut;
    moot__buf_init(&whole, 1u << 25);
    moot__buf_init(&cut, 1u << 25);
    run((const char *)data, size, size + 1, &whole);
    run((const char *)data, size, 1 + (size > 0 ? data[size / 2] % 40u : 0), &cut);
    FUZZ_CHECK(strcmp(moot__buf_text(&whole), moot__buf_text(&cut)) == 0);
    moot__buf_release(&whole);
    moot__buf_release(&cut);
    return 0;
}
