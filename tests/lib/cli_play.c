#include "tests/lib/cli_play.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void cli_play_init(struct cli_play *p)
{
    memset(p, 0, sizeof(*p));
    snprintf(p->dir, sizeof(p->dir), "/tmp/moot-cli-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->before = getcwd(NULL, 0);
    assert_int_equal(chdir(p->dir), 0);
    setenv("HOME", p->dir, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    unsetenv("MOOT_MODEL");
    unsetenv("OPENAI_API_KEY");
    setenv("MOOT_PACE", "0", 1);
    setenv("TZ", "UTC", 1);
    p->cli.signals = &p->signals;
    p->cli.out_term = p->cli.err_term = (struct moot_term){.fd = -1, .columns = 80, .rows = 24};
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void cli_play_release(struct cli_play *p)
{
    assert_int_equal(chdir(p->before), 0);
    nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p->before);
    free(p->out);
    free(p->err);
}

void cli_play_file(struct cli_play *p, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", p->dir, name);
    for (char *at = strchr(path + strlen(p->dir) + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

void cli_play_hello(struct cli_play *p)
{
    cli_play_file(p, "hello.yaml",
                  "crew: hello\n"
                  "models: {default: scripted/replies.yaml}\n"
                  "tasks:\n"
                  "  answer: {prompt: \"Answer in one paragraph: {question}\"}\n");
    cli_play_file(p, "replies.yaml", "- {repeat: true, reply: They are outvoted.}\n");
}

int cli_play(struct cli_play *p, ...)
{
    char *words[32] = {"moot"};
    int count = 1;
    va_list list;
    va_start(list, p);
    for (char *word = va_arg(list, char *); word != NULL; word = va_arg(list, char *))
        words[count++] = word;
    va_end(list);
    free(p->out);
    free(p->err);
    p->out = p->err = NULL;
    p->cli.out = open_memstream(&p->out, &p->out_len);
    p->cli.err = open_memstream(&p->err, &p->err_len);
    assert_non_null(p->cli.out);
    assert_non_null(p->cli.err);
    memset(&p->signals, 0, sizeof(p->signals));
    p->code = moot__cli_main(&p->cli, count, words);
    fclose(p->cli.out);
    fclose(p->cli.err);
    return p->code;
}
