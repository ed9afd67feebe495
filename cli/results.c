#include "cli/results.h"

#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/speech.h"
#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { RESULT_MAX = MOOT_MAX_BODY * 8, NAME_MAX_BYTES = 120 };

void moot__results_init(struct moot_results *r)
{
    memset(r, 0, sizeof(*r));
    moot__map_init(&r->at);
}

static void result_release(struct moot_result *one)
{
    free(one->item);
    free(one->task);
    free(one->conv);
    free(one->outcome);
    free(one->text);
}

void moot__results_release(struct moot_results *r)
{
    for (size_t i = 0; i < r->count; i++)
        result_release(&r->list[i]);
    free(r->list);
    moot__map_release(&r->at, NULL);
    memset(r, 0, sizeof(*r));
}

static char *copy_or_null(const char *text)
{
    return text != NULL ? moot__copy(text, strlen(text)) : NULL;
}

static bool same(const char *a, const char *b)
{
    return a == NULL ? b == NULL : b != NULL && strcmp(a, b) == 0;
}

/* "3" and "3~2" are the same item; a task's attempts differ in their counts. */
static void key_of(const char *conv, const char *task, char *out, size_t size)
{
    snprintf(out, size, "%.*s|%s", (int)strcspn(conv, "/~"), conv, task != NULL ? task : "");
}

int moot__results_message(struct moot_results *r, const struct moot_message *m)
{
    if (m->kind == MOOT_GENESIS)
        r->items = moot__json_get_int(m->body, "items", 1);
    if (m->kind != MOOT_END || m->conv[0] == '\0')
        return MOOT_OK;
    const char *below = strchr(m->conv, '/');
    if (below != NULL && (strchr(below + 1, '/') != NULL || m->task == NULL))
        return MOOT_OK;
    const struct moot_json *result = moot__json_get(m->body, "result");
    const char *json = moot__json_get_text(result, "json", NULL);
    const char *text = json != NULL ? json : moot__json_get_text(result, "text", NULL);
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 2];
    key_of(m->conv, below != NULL ? m->task : NULL, key, sizeof(key));
    size_t old = (size_t)(uintptr_t)moot__map_get(&r->at, key);
    const char *outcome = moot__json_get_text(m->body, "outcome", "");
    struct moot_result fresh = {
        .item = copy_or_null(m->item != NULL ? m->item : m->conv),
        .task = below != NULL ? copy_or_null(m->task) : NULL,
        .conv = copy_or_null(m->conv),
        .outcome = copy_or_null(outcome),
        .text = copy_or_null(text),
        .is_json = json != NULL,
    };
    if (fresh.item == NULL || fresh.conv == NULL || fresh.outcome == NULL ||
        (text != NULL && fresh.text == NULL)) {
        result_release(&fresh);
        return MOOT_ENOMEM;
    }
    if (old > 0) {
        result_release(&r->list[old - 1]);
        r->list[old - 1] = fresh;
        return MOOT_OK;
    }
    struct moot_result *more = realloc(r->list, (r->count + 1) * sizeof(*more));
    r->list = more != NULL ? more : r->list;
    if (more == NULL || moot__map_put(&r->at, key, (void *)(uintptr_t)(r->count + 1)) != MOOT_OK) {
        result_release(&fresh);
        return MOOT_ENOMEM;
    }
    r->list[r->count++] = fresh;
    return MOOT_OK;
}

static bool chosen(const struct moot_result *one, const struct moot_results_choice *choice)
{
    return same(one->task, choice->task) &&
           (choice->item == NULL || strcmp(one->item, choice->item) == 0);
}

/* {"item":…,"task":…,"outcome":…,"result":…}; JSON as it was produced. */
static void print_line(const struct moot_result *one, FILE *out)
{
    struct moot_buf line;
    moot__buf_init(&line, RESULT_MAX);
    moot__buf_adds(&line, "{\"item\":");
    moot__buf_add_json(&line, one->item, strlen(one->item));
    if (one->task != NULL) {
        moot__buf_adds(&line, ",\"task\":");
        moot__buf_add_json(&line, one->task, strlen(one->task));
    }
    moot__buf_adds(&line, ",\"outcome\":");
    moot__buf_add_json(&line, one->outcome, strlen(one->outcome));
    moot__buf_adds(&line, ",\"result\":");
    if (one->text == NULL)
        moot__buf_adds(&line, "null");
    else if (one->is_json)
        moot__buf_adds(&line, one->text);
    else
        moot__buf_add_json(&line, one->text, strlen(one->text));
    fprintf(out, "%s}\n", moot__buf_text(&line));
    moot__buf_release(&line);
}

static void emit(void *arg, const char *line, size_t len)
{
    fprintf(arg, "%.*s\n", (int)len, line);
}

static void print_for_people(const struct moot_result *one, struct moot_cli *cli, bool named)
{
    struct moot_speech speech;
    size_t width = (size_t)cli->out_term.columns - 1;
    if (named) {
        struct moot_buf name;
        moot__buf_init(&name, 4096);
        moot__safe_add_line(&name, one->item, strlen(one->item));
        fprintf(cli->out, "%s%s%s\n", moot__ink(cli->out_term.colours, MOOT_INK_BOLD),
                moot__buf_text(&name), moot__ink(cli->out_term.colours, MOOT_INK_NONE));
        moot__buf_release(&name);
    }
    moot__speech_init(&speech, named ? "  " : "", width < 100 ? width : 100, cli->out_term.colours,
                      emit, cli->out);
    moot__speech_begin(&speech, MOOT_INK_NONE);
    if (one->text != NULL)
        moot__speech_text(&speech, one->text, strlen(one->text));
    else
        fprintf(cli->out, "%s(%s)\n", named ? "  " : "", one->outcome);
    moot__speech_end(&speech);
    moot__speech_release(&speech);
    if (named)
        fputc('\n', cli->out);
}

size_t moot__results_print(const struct moot_results *r, struct moot_cli *cli,
                           const struct moot_results_choice *choice)
{
    size_t count = 0;
    bool several = r->items > 1 && choice->item == NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct moot_result *one = &r->list[i];
        if (!chosen(one, choice))
            continue;
        count++;
        if (choice->json || (several && !cli->out_term.tty))
            print_line(one, cli->out);
        else if (cli->out_term.tty)
            print_for_people(one, cli, several);
        else if (one->text != NULL)
            fprintf(cli->out, "%s%s", one->text,
                    one->text[0] != '\0' && one->text[strlen(one->text) - 1] == '\n' ? "" : "\n");
    }
    return count;
}

/* A name as part of a file's: letters, digits, '.', '-' and '_' stay. */
static void add_file_part(struct moot_buf *out, const char *name)
{
    size_t start = out->len;
    for (; *name != '\0' && out->len - start < NAME_MAX_BYTES; name++) {
        unsigned char c = (unsigned char)*name;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c >= 0x80 || (c == '.' && out->len > start);
        moot__buf_addc(out, plain ? (char)c : '_');
    }
}

/* As any program writes what it was asked for: with the user's umask, over what was there. */
static int write_file(const char *dir, const char *name, const char *text, struct moot_error *err)
{
    struct moot_buf path;
    moot__buf_init(&path, 8192);
    moot__buf_addf(&path, "%s/%s", dir, name);
    int fd =
        open(moot__buf_text(&path), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = file != NULL && fputs(text, file) >= 0;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    int status = good ? MOOT_OK : moot__file_fail(err, moot__buf_text(&path), "written");
    moot__buf_release(&path);
    return status;
}

int moot__results_write(const struct moot_results *r, const char *dir, size_t *count,
                        struct moot_error *err)
{
    *count = 0;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return moot__file_fail(err, dir, "made");
    for (size_t i = 0; i < r->count; i++) {
        const struct moot_result *one = &r->list[i];
        struct moot_buf name;
        if (one->text == NULL || one->task == NULL)
            continue;
        moot__buf_init(&name, 4096);
        if (r->items > 1) {
            add_file_part(&name, one->item);
            moot__buf_addc(&name, '.');
        }
        add_file_part(&name, one->task);
        moot__buf_adds(&name, one->is_json ? ".json" : ".txt");
        int status = write_file(dir, moot__buf_text(&name), one->text, err);
        moot__buf_release(&name);
        if (status != MOOT_OK)
            return status;
        (*count)++;
    }
    return MOOT_OK;
}
