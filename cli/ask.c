#include "cli/ask.h"

#include "cli/paint.h"
#include "cli/safe.h"

enum { PROMPT_LINE_MAX = 64 * 1024, PROMPT_SHOW_MAX = 64 * 1024 * 1024 };

void moot__asking_release(struct moot_asking_answer *answer)
{
    moot__buf_release(&answer->text);
    free(answer->like_name);
    answer->like_name = NULL;
}

static void show(struct moot_asking *p, const struct moot_waiting *w, bool whole)
{
    struct moot_cli *cli = p->cli;
    size_t width = (size_t)cli->err_term.columns - 1;
    struct moot_buf text, count;
    width = width < 100 ? width : 100;
    moot__buf_init(&text, PROMPT_SHOW_MAX);
    moot__buf_init(&count, 256);
    moot__waiting_show(w, cli->err_term.colours, width, whole ? NULL : "v", &text);
    moot__buf_addf(&count, "%s %zu of %zu",
                   w->m->kind == MOOT_APPROVAL_REQUEST ? "approval" : "question", p->number,
                   p->count);
    /* The count stands at the right end of the first line, or above it. */
    size_t first = strcspn(moot__buf_text(&text), "\n");
    struct moot_buf line;
    moot__buf_init(&line, PROMPT_SHOW_MAX);
    moot__buf_add(&line, moot__buf_text(&text), first);
    if (moot__columns(moot__buf_text(&line), line.len) + 2 + count.len <= width) {
        moot__add_pad(&line, 0, width - count.len, 2);
        fprintf(cli->err, "%s%s", moot__buf_text(&line), moot__buf_text(&count));
    } else {
        fprintf(cli->err, "%s\n%s", moot__buf_text(&count), moot__buf_text(&line));
    }
    fputs(moot__buf_text(&text) + first, cli->err);
    moot__buf_release(&line);
    moot__buf_release(&text);
    moot__buf_release(&count);
}

/* True: there is a line; else *end says what happened instead. */
static bool read_line(struct moot_asking *p, struct moot_buf *line, enum moot_asking_end *end)
{
    fflush(p->cli->err);
    switch (moot__term_ask(line, &p->cli->signals->stop, p->idle, p->arg)) {
    case MOOT_TERM_LINE:
        return true;
    case MOOT_TERM_END:
        *end = MOOT_ASKING_LATER;
        break;
    case MOOT_TERM_STOPPED:
        *end = MOOT_ASKING_STOPPED;
        break;
    case MOOT_TERM_GONE:
        fputs("\n  decided elsewhere\n", p->cli->err);
        *end = MOOT_ASKING_GONE;
        break;
    }
    return false;
}

/* A decision by its letter or its whole word. */
static char letter_of(const char *line)
{
    static const char *const words[] = {"approve", "same", "reject", "later", "view", "answer"};
    line += strspn(line, " \t");
    if (line[0] != '\0' && line[1 + strspn(line + 1, " \t\r")] == '\0')
        return line[0];
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(line, words[i]) == 0)
            return words[i][0];
    return '\0';
}

static enum moot_asking_end ask_reason(struct moot_asking *p, struct moot_asking_answer *out)
{
    enum moot_asking_end end = MOOT_ASKING_DECIDED;
    fputs("  why?  ", p->cli->err);
    if (!read_line(p, &out->text, &end))
        return end;
    out->decision = "reject";
    return MOOT_ASKING_DECIDED;
}

static void offer(struct moot_asking *p, const struct moot_asking_answer *out)
{
    if (out->like_name == NULL) {
        fputs("  [a]pprove  [r]eject with reason  [l]ater  ", p->cli->err);
        return;
    }
    bool to = strcmp(out->like_name, "to") == 0;
    struct moot_buf name;
    moot__buf_init(&name, 4096);
    moot__safe_add_exact(&name, out->like_name, strlen(out->like_name));
    fprintf(p->cli->err, "  [a]pprove  [s]ame again, %s%s  [r]eject with reason  [l]ater  ",
            to ? "to this address" : "with this ", to ? "" : moot__buf_text(&name));
    moot__buf_release(&name);
}

static enum moot_asking_end ask_consent(struct moot_asking *p, const struct moot_waiting *w,
                                        struct moot_asking_answer *out)
{
    enum moot_asking_end end = MOOT_ASKING_DECIDED;
    for (;;) {
        offer(p, out);
        if (!read_line(p, &out->text, &end))
            return end;
        char letter = letter_of(moot__buf_text(&out->text));
        moot__buf_clear(&out->text);
        if (letter == 's' && out->like_name == NULL)
            letter = '\0';
        switch (letter) {
        case 's':
            out->like[0] = out->like_name;
            out->decision = "approve";
            return MOOT_ASKING_DECIDED;
        case 'a':
            out->decision = "approve";
            return MOOT_ASKING_DECIDED;
        case 'r':
            return ask_reason(p, out);
        case 'l':
            return MOOT_ASKING_LATER;
        case 'v':
            show(p, w, true);
            break;
        default:
            break;
        }
    }
}

static enum moot_asking_end ask_text(struct moot_asking *p, const struct moot_waiting *w,
                                     struct moot_asking_answer *out)
{
    enum moot_asking_end end = MOOT_ASKING_DECIDED;
    const struct moot_json *choice = moot__json_first(moot__json_get(w->m->body, "choices"));
    if (choice != NULL)
        fputs("  one of:", p->cli->err);
    for (; choice != NULL; choice = moot__json_next(choice)) {
        struct moot_buf word;
        moot__buf_init(&word, 4096);
        const char *text = moot__json_text(choice);
        moot__safe_add_line(&word, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
        fprintf(p->cli->err, " %s%s", moot__buf_text(&word),
                moot__json_next(choice) != NULL ? "," : "\n");
        moot__buf_release(&word);
    }
    fputs("  your answer (empty: later)  ", p->cli->err);
    if (!read_line(p, &out->text, &end))
        return end;
    return out->text.len > 0 ? MOOT_ASKING_DECIDED : MOOT_ASKING_LATER;
}

enum moot_asking_end moot__asking_ask(struct moot_asking *p, const struct moot_waiting *w,
                                      struct moot_asking_answer *out)
{
    memset(out, 0, sizeof(*out));
    moot__buf_init(&out->text, PROMPT_LINE_MAX);
    show(p, w, false);
    if (w->m->kind == MOOT_APPROVAL_REQUEST)
        out->like_name = moot__waiting_like(w);
    if (w->m->kind == MOOT_APPROVAL_REQUEST || moot__json_get(w->m->body, "about") != NULL)
        return ask_consent(p, w, out);
    return ask_text(p, w, out);
}
