#include "cli/completion_values.h"

#include "cli/book.h"
#include "cli/inbox.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "cli/safe.h"
#include "roles/crew_load.h"

enum { OFFER_RUNS_MAX = 30, OFFER_COLUMNS = 60 };

void moot__offer(FILE *out, const char *candidate, const char *what, const char *typed)
{
    if (strncmp(candidate, typed, strlen(typed)) != 0)
        return;
    struct moot_buf line;
    moot__buf_init(&line, 65536);
    moot__safe_add_exact(&line, candidate, strlen(candidate));
    moot__buf_addc(&line, '\t');
    struct moot_buf safe;
    moot__buf_init(&safe, 65536);
    moot__safe_add_line(&safe, what, strlen(what) < 512 ? strlen(what) : 0);
    moot__add_cut(&line, moot__buf_text(&safe), OFFER_COLUMNS);
    fprintf(out, "%s\n", moot__buf_text(&line));
    moot__buf_release(&safe);
    moot__buf_release(&line);
}

/* The genesis alone is read: this must be quick. */
struct first {
    struct moot_json *crew;
};

static int take_genesis(void *arg, struct moot_message *m)
{
    struct first *f = arg;
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    f->crew = crew != NULL ? moot__json_copy(crew) : NULL;
    return MOOT_ECANCELED;
}

/* NULL: it cannot be read. The caller frees it. */
static struct moot_json *crew_of(const char *path)
{
    struct first f = {0};
    struct moot_book *book = NULL;
    if (moot__book_open(path, &book, NULL) == MOOT_OK)
        moot__book_each(book, take_genesis, &f, NULL);
    moot__book_close(book);
    return f.crew;
}

static int list_here(struct moot_run_list *out)
{
    char *project = moot__project_find(NULL);
    int status = project != NULL ? moot__runs_list(project, out, NULL) : MOOT_ENOMEM;
    free(project);
    return status;
}

void moot__offer_runs(FILE *out, const char *typed)
{
    struct moot_run_list list;
    if (list_here(&list) != MOOT_OK)
        return;
    for (size_t i = 0; i < list.count && i < OFFER_RUNS_MAX; i++) {
        struct moot_json *crew = crew_of(list.runs[i].path);
        moot__offer(out, list.runs[i].name, moot__json_get_text(crew, "crew", ""), typed);
        moot__json_free(crew);
    }
    moot__runs_release(&list);
}

void moot__offer_waiting(FILE *out, const char *typed)
{
    struct moot_run_list list;
    if (list_here(&list) != MOOT_OK)
        return;
    for (size_t i = 0; i < list.count && i < OFFER_RUNS_MAX; i++) {
        struct moot_inbox inbox;
        if (moot__inbox_read(list.runs[i].path, &inbox, NULL) != MOOT_OK)
            continue;
        for (size_t k = 0; k < inbox.count; k++) {
            const struct moot_message *m = inbox.list[k].m;
            char id[32];
            moot__inbox_id(&inbox, &inbox.list[k], id);
            moot__offer(
                out, id,
                moot__json_get_text(m->body, "tool", moot__json_get_text(m->body, "text", "")),
                typed);
        }
        moot__inbox_release(&inbox);
    }
    moot__runs_release(&list);
}

static void offer_list(FILE *out, const struct moot_json *crew, const char *list, const char *typed)
{
    const struct moot_json *one = moot__json_first(moot__json_get(crew, list));
    for (; one != NULL; one = moot__json_next(one)) {
        const char *what = moot__json_get_text(one, "role", moot__json_get_text(one, "agent", ""));
        moot__offer(out, moot__json_get_text(one, "id", ""), what, typed);
    }
}

void moot__offer_of_crew(FILE *out, const char *crew_file, const char *list, const char *typed)
{
    struct moot_crew_file *file = NULL;
    if (moot__crew_open(crew_file, &file, NULL) == MOOT_OK)
        offer_list(out, file->resolved, list, typed);
    moot__crew_close(file);
}

void moot__offer_of_run(FILE *out, const char *run, const char *list, const char *typed)
{
    char *path = NULL;
    if (moot__run_find(run, &path, NULL) != MOOT_OK)
        return;
    struct moot_json *crew = crew_of(path);
    offer_list(out, crew, list, typed);
    moot__json_free(crew);
    free(path);
}
