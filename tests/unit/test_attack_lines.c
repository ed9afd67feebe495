/* Attacks on an exported run, numbered as in docs/security.md: what somebody without the keys, or
 * with the wrong ones, can do to the lines. Each is refused with its exit code. */
#include "runtime/verify.h"

#include "tests/lib/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define OTHER_HEX "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static char path[64];

static int make_file(void **state)
{
    (void)state;
    memcpy(path, "/tmp/moot-attack-XXXXXX", 24);
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static int exit_of(const struct proof_lines *l, struct moot_verify_result *r)
{
    static const struct moot_verify_options plain;
    proof_write(l, path);
    return moot__verify_exit(moot__verify_file(path, &plain, r));
}

/* ---- edits ---- */

struct attack {
    const char *name;
    void (*edit)(struct proof_lines *l, const struct proof *p, const struct attack *a);
    int64_t seq;
    const char *from, *to;
    int naive;    /* exit code when the edit is all that was done */
    int relinked; /* and when numbers and links were made to fit again; -1: no different */
};

static void replace(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    proof_replace(l, proof_line_of(l, a->seq, false), a->from, a->to);
}

static void replace_fix_bh(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, false);
    proof_replace(l, at, a->from, a->to);
    proof_fix_bh(l, at);
}

static void edit_salt(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    char *salt = strstr(l->line[proof_line_of(l, a->seq, false)], "\"salt\":\"");
    salt[8] = salt[8] == '0' ? '1' : '0';
}

static void drop(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    proof_lines_remove(l, proof_line_of(l, a->seq, false));
}

static void drop_anchor(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    proof_lines_remove(l, proof_line_of(l, a->seq, true));
}

/* The close with its anchor, and what else came after `seq`. */
static void cut_after(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t keep = proof_line_of(l, a->seq, false) + 1;
    while (l->count > keep)
        proof_lines_remove(l, l->count - 1);
}

static void swap_next(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, false);
    size_t next = proof_line_of(l, a->seq + 1, false);
    char *line = l->line[at];
    l->line[at] = l->line[next];
    l->line[next] = line;
}

static void twice(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, false);
    proof_lines_insert(l, at + 1, l->line[at]);
}

static void twice_anchor(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, true);
    proof_lines_insert(l, at + 1, l->line[at]);
}

/* An old statement, again at the end. */
static void replay_late(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    char *line = l->line[proof_line_of(l, a->seq, false)];
    proof_lines_insert(l, proof_line_of(l, PROOF_CLOSE, false), line);
}

static void swap_kid(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)a;
    proof_replace(l, proof_line_of(l, 3, false), moot__key_kid(p->old_analyst),
                  moot__key_kid(p->judge));
}

static void last_line(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    proof_replace(l, l->count - 1, a->from, a->to);
}

static void anchor_line(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    proof_replace(l, proof_line_of(l, a->seq, true), a->from, a->to);
}

/* A path of the batch on another of its messages. */
static void swap_paths(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at[2] = {proof_line_of(l, a->seq, false), proof_line_of(l, a->seq + 2, false)};
    char *paths[2];
    for (size_t i = 0; i < 2; i++) {
        char *begin = strstr(l->line[at[i]], "\"path\":{");
        char *end = strchr(begin, '}');
        paths[i] = moot__copy(begin, (size_t)(end - begin) + 1);
    }
    proof_replace(l, at[0], paths[0], paths[1]);
    proof_replace(l, at[1], paths[1], paths[0]);
    free(paths[0]);
    free(paths[1]);
}

static void unredact(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, false);
    proof_replace(l, at, "{\"link\"", "{\"body\":{\"parts\":[]},\"link\"");
    proof_replace(l, at, "\"seq\":", "\"salt\":\"00000000000000000000000000000000\",\"seq\":");
}

/* Takes a body out as a redaction would, with no redaction to name it. */
static void hide_body(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    size_t at = proof_line_of(l, a->seq, false);
    char *line = l->line[at];
    char *link = strstr(line, "\"link\":");
    char *seq = strstr(line, "\"seq\":");
    char *salt = strstr(line, "\"salt\":");
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    moot__buf_addc(&text, '{');
    moot__buf_add(&text, link, (size_t)(salt - link));
    moot__buf_adds(&text, seq);
    l->line[at] = moot__buf_take(&text);
    free(line);
}

static void drop_sig(struct proof_lines *l, const struct proof *p, const struct attack *a)
{
    (void)p;
    char *line = l->line[proof_line_of(l, a->seq, false)];
    char *rest = strstr(line, "\"statement\":");
    char *sig = rest - strlen("\"sig\":\"\",") - 2 * (size_t)MOOT_SIG_SIZE;
    memmove(sig, rest, strlen(rest) + 1);
}

static const struct attack ATTACKS[] = {
    {"3 swap from", replace, 3, "\"from\":\"analyst\"", "\"from\":\"writer\"", 4, 6},
    {"3 swap from, of a person", replace, 8, "\"from\":\"person\"", "\"from\":\"boss\"", 4, 3},
    {"3 agent for person", replace, 8, "\"from\":\"person\"", "\"from\":\"judge\"", 4, 3},
    {"4 swap kid", swap_kid, 0, NULL, NULL, 4, 6},
    {"5 change to", replace, 3, "\"to\":[\"writer\"]", "\"to\":[\"judge\"]", 4, 3},
    {"6 change task", replace, 3, "\"task\":\"summary\"", "\"task\":\"email\"", 4, 3},
    {"7 drop a label", replace, 3, "\"prov\":[\"user\",\"web\"]", "\"prov\":[\"user\"]", 4, 3},
    {"7 drop all labels", replace, 3, "\"prov\":[\"user\",\"web\"],", "", 4, 3},
    {"7 drop caps", replace, 3, "\"caps\":\"", "\"caps\":\"" OTHER_HEX "\",\"x\":\"", 7, -1},
    {"8 edit body", replace, 3, "chairs", "tables", 4, 4},
    {"8 edit body of a reply", replace, 5, "I will", "I won't", 4, 4},
    {"9 edit body and bh", replace_fix_bh, 3, "chairs", "tables", 4, 3},
    {"9 edit a reply and bh", replace_fix_bh, 5, "I will", "I won't", 4, 4},
    {"9 edit arguments and bh", replace_fix_bh, 6, "12.50", "1250", 4, 3},
    {"10 edit salt", edit_salt, 3, NULL, NULL, 4, 4},
    {"11 delete a message", drop, 4, NULL, NULL, 4, 4},
    {"11 delete the last of an author", drop, 17, NULL, NULL, 4, 4},
    {"12 delete the first", drop, 0, NULL, NULL, 4, 4},
    {"13 delete the last (anchor)", drop_anchor, 20, NULL, NULL, 5, 5},
    {"13 cut off after the redaction", cut_after, 19, NULL, NULL, 5, 5},
    {"13 cut off", cut_after, 9, NULL, NULL, 5, 5},
    {"14 delete close", drop, PROOF_CLOSE, NULL, NULL, 4, 4},
    {"14 delete close and anchor", cut_after, 20, NULL, NULL, 5, 5},
    {"15 reorder two", swap_next, 4, NULL, NULL, 4, 4},
    {"15 reorder two of a batch", swap_next, 12, NULL, NULL, 4, 4},
    {"15 close before end", swap_next, 20, NULL, NULL, 4, 4},
    {"16 duplicate one", twice, 5, NULL, NULL, 4, 4},
    {"16 duplicate a signed one", twice, 3, NULL, NULL, 4, 4},
    {"19 replay with a count", replay_late, 3, NULL, NULL, 4, 4},
    {"19 replay with a nonce", replay_late, 8, NULL, NULL, 4, 4},
    {"19 replay of the host", replay_late, 5, NULL, NULL, 4, 4},
    {"28 short sig", replace, 3, "\"sig\":\"", "\"sig\":\"0", 7, 7},
    {"28 upper-case link", replace, 3, "\"link\":\"", "\"link\":\"A", 7, -1},
    {"29 duplicate key", replace, 3, "\"run\":", "\"run\":\"" PROOF_RUN "\",\"run\":", 7, -1},
    {"29 duplicate sig", replace, 3, "\"sig\":", "\"sig\":\"\",\"sig\":", 7, -1},
    {"30 case variant", replace, 3, "\"from\":", "\"FROM\":", 7, 7},
    {"30 case variant of sig", replace, 3, "\"sig\":", "\"Sig\":", 7, 7},
    {"30 case variant beside", replace, 3, "\"bh\":", "\"BH\":\"\",\"bh\":", 7, 7},
    {"31 NUL in a string", replace, 3, "chairs", "ch\\u0000airs", 7, -1},
    {"31 NUL in a name", replace, 3, "\"task\":\"summary", "\"task\":\"sum\\u0000mary", 7, -1},
    {"32 overlong UTF-8", replace, 3, "chairs", "\xc0\xaf", 7, -1},
    {"32 a byte that is none", replace, 3, "chairs", "\xff", 7, -1},
    {"32 lone surrogate", replace, 3, "chairs", "\\ud800", 7, -1},
    {"32 surrogate in bytes", replace, 3, "chairs", "\xed\xa0\x80", 7, -1},
    {"33 float", replace, 5, "\"at\":120", "\"at\":120.0", 7, -1},
    {"33 exponent", replace, 5, "\"at\":120", "\"at\":12e1", 7, -1},
    {"33 minus zero", replace, 5, "\"at\":120", "\"at\":-0", 7, -1},
    {"33 2^53+1", replace, 5, "\"at\":120", "\"at\":9007199254740993", 7, -1},
    {"33 leading zero", replace, 5, "\"at\":120", "\"at\":0120", 7, -1},
    {"33 float in seq", replace, 5, "\"seq\":5", "\"seq\":5.0", 7, -1},
    {"33 ts as text", replace, 5, "\"ts\":1", "\"ts\":\"\",\"tx\":1", 7, -1},
    {"34 trailing bytes", replace, 5, "\"v\":1}}", "\"v\":1}}x", 7, -1},
    {"34 trailing space", replace, 5, "\"v\":1}}", "\"v\":1}} ", 7, -1},
    {"34 CRLF", replace, 5, "\"v\":1}}", "\"v\":1}}\r", 7, -1},
    {"34 blank line", replace, 5, "\"v\":1}}", "\"v\":1}}\n", 7, -1},
    {"34 byte-order mark", replace, 0, "{\"body\"", "\xef\xbb\xbf{\"body\"", 7, -1},
    {"34 white space", replace, 5, "\"at\":", "\"at\": ", 7, -1},
    {"34 other escape", replace, 3, "chairs", "\\u0063hairs", 7, -1},
    {"34 other order", replace, 5, "\"seq\":5,\"statement\":{", "\"statement\":{\"seq\":5,", 7, -1},
    {"35 unknown field", replace, 3, "\"run\":", "\"role\":\"admin\",\"run\":", 7, 7},
    {"35 unknown field of the line", replace, 3, "\"seq\":", "\"note\":1,\"seq\":", 7, 7},
    {"36 unknown kind", replace, 5, "model_reply", "model_replx", 7, 7},
    {"36 another version", replace, 5, "\"v\":1}", "\"v\":2}", 7, 7},
    {"40 crew altered", replace, 0, "send_email", "send_money", 4, 4},
    {"40 crew altered with bh", replace_fix_bh, 0, "send_email", "send_money", 4, 3},
    {"40 amend altered", replace_fix_bh, 18, "shell", "shill", 4, 3},
    {"41 un-redaction, wrong body", unredact, PROOF_REDACTED, NULL, NULL, 4, 4},
    {"41 hidden body", hide_body, 5, NULL, NULL, 4, 4},
    {"41 hidden keys", hide_body, 0, NULL, NULL, 6, 6},
    {"81 moved to another conv", replace, 3, "\"conv\":\"1\"", "\"conv\":\"2\"", 4, 3},
    {"82 path of another", swap_paths, PROOF_BATCH, NULL, NULL, 4, 3},
    {"82 path dropped", replace, PROOF_BATCH, "\"path\":{\"h\":[", "\"path\":{\"h\":[0],\"x\":[", 7,
     7},
    {"82 place changed", replace, PROOF_BATCH, "\"i\":0,\"of\":5", "\"i\":2,\"of\":5", 4, 3},
    {"82 size changed", replace, PROOF_BATCH, "\"i\":0,\"of\":5", "\"i\":0,\"of\":2", 4, 3},
    {"83 link recomputed after an edit", replace_fix_bh, 4, "4096", "8192", 4, 4},
    {"20 unsigned", drop_sig, 3, NULL, NULL, 4, 3},
    {"20 unsigned close", drop_sig, PROOF_CLOSE, NULL, NULL, 4, 3},
    {"20 unsigned genesis", drop_sig, 0, NULL, NULL, 4, 3},
    {"83 anchor of another link", last_line, 0, "\"link\":\"", "\"link\":\"0", 7, 7},
    {"83 anchor moved", anchor_line, 6, "\"seq\":6", "\"seq\":5", 7, 7},
    {"83 anchor of the future", anchor_line, 6, "\"seq\":6", "\"seq\":7", 4, 4},
    {"83 anchor twice", twice_anchor, 6, NULL, NULL, 7, 7},
    {"83 anchor taken away", drop_anchor, 6, NULL, NULL, 4, 4},
    {"83 anchor of another run", anchor_line, 6, PROOF_RUN, PROOF_OTHER_RUN, 4, 4},
    {"83 anchor's case variant", anchor_line, 6, "\"kid\"", "\"Kid\"", 7, 7},
    {"19 other run in a statement", replace, 3, PROOF_RUN, PROOF_OTHER_RUN, 4, 4},
    {"19 count left out", replace, 17, "\"n\":4", "\"n\":5", 4, 4},
    {"19 count of a batch", replace, 12, "\"n\":3", "\"n\":2", 4, 4},
    {"24 re of nothing", replace, 9, "\"re\":\"", "\"re\":\"" OTHER_HEX "\",\"rx\":\"", 7, 7},
};

static void table(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_make(&p);
    proof_export(&p, &l);
    assert_int_equal(exit_of(&l, &r), 0);
    int wrong = 0;
    for (size_t i = 0; i < MOOT_COUNT(ATTACKS); i++) {
        const struct attack *a = &ATTACKS[i];
        for (int relinked = 0; relinked < (a->relinked < 0 ? 1 : 2); relinked++) {
            proof_lines_release(&l);
            proof_export(&p, &l);
            a->edit(&l, &p, a);
            if (relinked)
                proof_relink(&l);
            int code = exit_of(&l, &r);
            int expected = relinked ? a->relinked : a->naive;
            if (code != expected) {
                print_error("%s%s: exit %d and not %d: %s\n", a->name,
                            relinked ? " (relinked)" : "", code, expected, r.error.message);
                wrong++;
            }
        }
    }
    proof_lines_release(&l);
    proof_release(&p);
    assert_int_equal(wrong, 0);
}

/* 1 every byte of every line, 2 every bit of a signature */
static void every_byte(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_make(&p);
    proof_export(&p, &l);
    size_t tried = 0;
    for (size_t i = 0; i < l.count; i++) {
        bool whole = i == 3 || i == proof_line_of(&l, 6, true);
        size_t len = strlen(l.line[i]);
        for (size_t at = 0; at < len; at += whole ? 1 : 5) {
            char before = l.line[i][at];
            l.line[i][at] = (char)(before ^ (1 << at % 7));
            if (l.line[i][at] == '\0')
                l.line[i][at] = ' ';
            int code = exit_of(&l, &r);
            if (code < 3 || code > 7)
                fail_msg("line %zu, byte %zu: exit %d (%s)", i, at, code, l.line[i]);
            l.line[i][at] = before;
            tried++;
        }
    }
    assert_in_range(tried, 1000, 100000);
    char *sig = strstr(l.line[3], "\"sig\":\"") + 7;
    for (size_t bit = 0; bit < 512; bit++) {
        static const char digits[] = "0123456789abcdef";
        char before = sig[bit / 4];
        size_t value = (size_t)(strchr(digits, before) - digits) ^ (size_t)1 << bit % 4;
        sig[bit / 4] = digits[value];
        assert_int_equal(exit_of(&l, &r), 4);
        sig[bit / 4] = before;
    }
    assert_int_equal(exit_of(&l, &r), 0);
    proof_lines_release(&l);
    proof_release(&p);
}

/* 17 messages of another run of the same owner, 18 two futures of the same run */
static void splices(void **state)
{
    (void)state;
    for (int fork = 0; fork < 2; fork++) {
        struct proof p;
        struct proof q;
        struct proof_lines a;
        struct proof_lines b;
        struct moot_verify_result r;
        proof_make(&p);
        proof_init(&q, fork ? PROOF_RUN : PROOF_OTHER_RUN);
        if (fork)
            q.ts += 5; /* the same process went another way */
        proof_begin(&q);
        proof_middle(&q);
        proof_key(&q);
        proof_finish(&q);
        proof_export(&p, &a);
        for (int64_t seq = 1; seq <= PROOF_CLOSE; seq++) {
            /* the beginning of one, the end of the other */
            proof_export(&q, &b);
            size_t from = proof_line_of(&b, seq, false);
            struct proof_lines mixed = {.count = 0};
            for (size_t i = 0; i < from; i++)
                proof_lines_insert(&mixed, i, a.line[i]);
            for (size_t i = from; i < b.count; i++)
                proof_lines_insert(&mixed, i, b.line[i]);
            assert_int_equal(exit_of(&mixed, &r), 4);
            proof_relink(&mixed);
            int code = exit_of(&mixed, &r);
            if (code != 3 && code != 4)
                fail_msg("splice at %lld: exit %d (%s)", (long long)seq, code, r.error.message);
            proof_lines_release(&mixed);
            proof_lines_release(&b);
        }
        proof_lines_release(&a);
        proof_release(&p);
        proof_release(&q);
    }
}

/* 36 too big, too deep */
static void size_and_depth(void **state)
{
    (void)state;
    static const struct moot_verify_options plain;
    struct moot_verify_result r;
    FILE *f = fopen(path, "wb");
    fputs("{\"body\":{\"a\":\"", f);
    for (int i = 0; i < 1700; i++)
        fprintf(f, "%060000d", 0); /* 102 MB */
    fputs("\"}}\n", f);
    fclose(f);
    assert_int_equal(moot__verify_exit(moot__verify_file(path, &plain, &r)), 7);
    f = fopen(path, "wb");
    fputs("{\"body\":{\"a\":", f);
    for (int i = 0; i < 100000; i++)
        fputc('[', f);
    for (int i = 0; i < 100000; i++)
        fputc(']', f);
    fputs("}}\n", f);
    fclose(f);
    assert_int_equal(moot__verify_exit(moot__verify_file(path, &plain, &r)), 7);
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(moot__verify_exit(moot__verify_file(path, &plain, &r)), 7);
}

#define IN_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FILE(table),
        IN_FILE(every_byte),
        IN_FILE(splices),
        IN_FILE(size_and_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
