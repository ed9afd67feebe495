/* What the proof costs: a journal of MESSAGES (10,000), half of them signed one by one, a commit
 * each 8, an anchor each 256; then verifying the whole of it, and reading it as a resume does.
 *   bench_proof FOLDER [MESSAGES] */
#include "runtime/anchor.h"
#include "runtime/verify.h"

#include <time.h>

#define RUN "00112233445566778899aabbccddeeff"

/* Of this process alone: what others do on the machine must not count. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int status, const struct moot_error *err)
{
    if (status == MOOT_OK)
        return;
    fprintf(stderr, "bench_proof: %s\n", err->message);
    exit(1);
}

struct bench {
    struct moot_key *owner, *host, *agent;
    struct moot_journal *journal;
    uint32_t said, noted;
    struct moot_error err;
};

static void append(struct bench *b, enum moot_kind kind, const char *from, struct moot_json *body,
                   uint32_t n, const struct moot_key *k)
{
    uint8_t salt[MOOT_SALT_SIZE] = {(uint8_t)n};
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->run, RUN);
    moot__message_set(&m->conv, "");
    moot__message_set(&m->from, from);
    if (k != NULL)
        moot__message_set(&m->kid, moot__key_kid(k));
    m->n = n;
    m->ts = 1;
    must(moot__message_seal(m, body, salt, &b->err), &b->err);
    if (k != NULL)
        must(moot__sign_batch(k, &m, 1, &b->err), &b->err);
    must(moot__journal_append(b->journal, m, &b->err), &b->err);
    moot__message_unref(m);
}

static struct moot_json *text(void)
{
    static char words[513];
    memset(words, 'x', sizeof(words) - 1);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "text", words);
    return body;
}

static void anchor(struct bench *b)
{
    struct moot_anchor a;
    must(moot__anchor_make(b->host, RUN, moot__journal_seq(b->journal),
                           moot__journal_link(b->journal), &a),
         &b->err);
    must(moot__journal_anchor(b->journal, &a, &b->err), &b->err);
}

static void genesis(struct bench *b)
{
    char hex[MOOT_HEX_SIZE];
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *keys = moot__json_new(MOOT_JSON_ARRAY);
    moot__hex(moot__key_bytes(b->owner), 32, hex);
    moot__json_set_text(body, "owner", hex);
    moot__json_set(body, "host", moot__cert_make(b->owner, RUN, MOOT_HOST, b->host));
    moot__json_add(keys, moot__cert_make(b->owner, RUN, "agent", b->agent));
    moot__json_set(body, "keys", keys);
    append(b, MOOT_GENESIS, MOOT_HOST, body, 1, b->host);
}

static int count_one(void *arg, struct moot_message *m)
{
    (void)m;
    *(long *)arg += 1;
    return 0;
}

int main(int argc, char **argv)
{
    char path[500];
    struct bench b = {.noted = 1};
    uint8_t seed[32] = {1};
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 10000;
    snprintf(path, sizeof(path), "%s/bench.db", argc > 1 ? argv[1] : ".");
    b.owner = moot__key_from_seed(seed);
    seed[0] = 2;
    b.host = moot__key_from_seed(seed);
    seed[0] = 3;
    b.agent = moot__key_from_seed(seed);
    must(moot__journal_open(path, MOOT_JOURNAL_CREATE, NULL, &b.journal, &b.err), &b.err);
    double begin = seconds();
    genesis(&b);
    for (long i = 2; i < count; i++) {
        if (i % 2 == 0)
            append(&b, MOOT_MSG, "agent", text(), ++b.said, b.agent);
        else
            append(&b, MOOT_TIMER, MOOT_HOST, text(), ++b.noted, NULL);
        if (i % 256 == 0)
            anchor(&b);
        if (i % 8 == 0)
            must(moot__journal_commit(b.journal, false, NULL, NULL, &b.err), &b.err);
    }
    append(&b, MOOT_CLOSE, MOOT_HOST, moot__json_new(MOOT_JSON_OBJECT), ++b.noted, b.host);
    anchor(&b);
    must(moot__journal_commit(b.journal, true, NULL, NULL, &b.err), &b.err);
    double written = seconds();
    long read = 0;
    must(moot__journal_each(b.journal, 0, count_one, &read, &b.err), &b.err);
    double folded = seconds();
    struct moot_verify_result *r = calloc(1, sizeof(*r));
    static const struct moot_verify_options plain;
    must(r != NULL ? moot__verify_journal(b.journal, &plain, r) : MOOT_ENOMEM, &r->error);
    double verified = seconds();
    moot__journal_close(b.journal);
    printf("%ld messages: written %.1f us each, read %.1f us each, verified %.3f s (%lld "
           "signatures)\n",
           read, (written - begin) * 1e6 / (double)read, (folded - written) * 1e6 / (double)read,
           verified - folded, (long long)r->signatures);
    free(r);
    moot__key_free(b.owner);
    moot__key_free(b.host);
    moot__key_free(b.agent);
    return 0;
}
