#include "cli/seat.h"

#include <unistd.h>

enum { LINE_BYTES_MAX = 256 * 1024, MARK_MAX = 200, ESCAPE_KEY = 0x1b };

int moot__seat_init(struct moot_seat_at *s, const char *history, struct moot_error *err)
{
    moot__talks_init(&s->talks);
    if (s->lines)
        return MOOT_OK;
    int status = moot__typing_new(STDIN_FILENO, history, &s->typing, err);
    if (status == MOOT_OK)
        moot__typing_open(s->typing, s->chat);
    return status;
}

void moot__seat_release(struct moot_seat_at *s)
{
    moot__typing_free(s->typing);
    moot__talks_release(&s->talks);
    free(s->conv);
    free(s->floor);
    free(s->unheard);
}

static int keep(char **field, const char *text)
{
    char *copy = text != NULL ? moot__copy(text, strlen(text)) : NULL;
    if (text != NULL && copy == NULL)
        return MOOT_ENOMEM;
    free(*field);
    *field = copy;
    return MOOT_OK;
}

int moot__seat_message(struct moot_seat_at *s, const struct moot_message *m)
{
    int status = moot__talks_message(&s->talks, m);
    if (status == MOOT_OK && m->kind == MOOT_TURN && m->to_count > 0) {
        status = keep(&s->conv, m->conv);
        if (status == MOOT_OK)
            status = keep(&s->floor, m->to[0]);
        if (status == MOOT_OK)
            status = keep(&s->unheard, NULL);
    }
    if (status == MOOT_OK && m->kind == MOOT_END && s->conv != NULL &&
        strcmp(m->conv, s->conv) == 0)
        status = keep(&s->conv, NULL);
    return status;
}

static const struct moot_waiting *asked(const struct moot_seat_at *s)
{
    for (size_t i = 0; i < s->inbox->count; i++)
        if (moot__waiting_is_seat(&s->inbox->list[i]))
            return &s->inbox->list[i];
    return NULL;
}

bool moot__seat_is_asked(const struct moot_seat_at *s)
{
    return !s->left && asked(s) != NULL;
}

/* ---- what is said ---- */

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* "@coder what is said": whom it is for, and the words. */
static const char *addressee(const struct moot_seat_at *s, const char **text)
{
    const char *word = *text;
    size_t len = strcspn(word, " \t\n,:");
    if (word[0] != '@')
        return NULL;
    for (size_t i = 0; i < s->talks.count; i++) {
        const struct moot_open_talk *talk = &s->talks.list[i];
        for (size_t k = 1; strcmp(talk->conv, s->conv) == 0 && k < talk->count; k++) {
            const char *id = talk->members[k];
            if (strlen(id) != len - 1 || strncmp(id, word + 1, len - 1) != 0)
                continue;
            *text = word + len + strspn(word + len, " \t\n,:");
            return id;
        }
    }
    return NULL;
}

static int speak_up(struct moot_seat_at *s, struct moot_host *h, const char *text,
                    struct moot_error *err)
{
    if (is_blank(text) || s->conv == NULL)
        return MOOT_OK;
    const char *who = addressee(s, &text);
    if (who == NULL && s->cut_in)
        who = s->floor;
    int status = moot__host_say(h, s->conv, who, text, s->cut_in, err);
    if (status == MOOT_OK && !s->cut_in && keep(&s->unheard, text) != MOOT_OK)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    s->cut_in = false;
    return status == MOOT_ENOTFOUND ? MOOT_OK : status; /* it ended meanwhile */
}

static int take_text(struct moot_seat_at *s, struct moot_host *h, const char *text,
                     struct moot_error *err)
{
    const struct moot_waiting *w = asked(s);
    if (w == NULL)
        return speak_up(s, h, text, err);
    /* A key hit twice is no turn, and nobody speaks for who has taken the seat. */
    if (s->chat && is_blank(text) && !moot__json_get_bool(w->m->body, "ending", false))
        return MOOT_OK;
    return moot__host_answer(h, w->m->conv, w->m->from, w->m->n, NULL, text, NULL, err);
}

/* ---- at the terminal ---- */

/* "user › ", "user (empty: it ends) › ", "cut in › ", "say › ". */
static void mark_of(const struct moot_seat_at *s, char mark[MARK_MAX])
{
    const struct moot_waiting *w = asked(s);
    const struct moot_json *body = w != NULL ? w->m->body : NULL;
    const char *seat = moot__json_get_text(body, "seat", "");
    bool ending = moot__json_get_bool(body, "ending", false);
    bool limit = moot__json_get_bool(body, "limit", false);
    if (w != NULL)
        snprintf(mark, MARK_MAX, "%.64s%s › ", seat,
                 ending  ? " (empty: it ends)"
                 : limit ? " (empty: it goes on)"
                         : "");
    else
        snprintf(mark, MARK_MAX, "%s › ", s->cut_in ? "cut in" : "say");
}

static void show(struct moot_seat_at *s)
{
    struct moot_buf line;
    char mark[MARK_MAX];
    size_t back = 0;
    moot__buf_init(&line, LINE_BYTES_MAX);
    if (s->unheard != NULL)
        moot__typing_show_unheard(s->unheard, (size_t)s->cli->err_term.columns, &line);
    if (s->unheard != NULL && moot__typing_is_open(s->typing))
        moot__buf_addc(&line, '\n');
    if (moot__typing_is_open(s->typing)) {
        mark_of(s, mark);
        back = moot__typing_show(s->typing, mark, (size_t)s->cli->err_term.columns, &line);
    }
    moot__screen_prompt(s->screen, moot__buf_text(&line), line.len, back);
    moot__buf_release(&line);
}

/* A closed prompt is opened by `i`, or by Escape to cut in. */
static void look_at_keys(struct moot_seat_at *s)
{
    int key = 0;
    while (!moot__typing_is_open(s->typing) && (key = moot__typing_key(s->typing)) > 0) {
        if ((key != 'i' && key != ESCAPE_KEY) || s->conv == NULL)
            continue;
        s->cut_in = key == ESCAPE_KEY;
        moot__typing_open(s->typing, true);
    }
    s->left = s->left || key < 0;
}

static void on_escape(struct moot_seat_at *s)
{
    if (asked(s) != NULL)
        return;
    s->cut_in = s->chat && !s->cut_in;
    if (!s->chat)
        moot__typing_open(s->typing, false);
}

int moot__seat_tick(struct moot_seat_at *s, struct moot_host *h, struct moot_error *err)
{
    struct moot_buf text;
    enum moot_typing_event event;
    int status = MOOT_OK;
    if (s->typing == NULL || s->left)
        return MOOT_OK;
    if (asked(s) != NULL)
        moot__typing_open(s->typing, true);
    look_at_keys(s);
    moot__buf_init(&text, LINE_BYTES_MAX);
    while (status == MOOT_OK && moot__typing_is_open(s->typing) &&
           (event = moot__typing_look(s->typing, &text)) != MOOT_TYPING_NONE) {
        if (event == MOOT_TYPING_ESCAPE) {
            on_escape(s);
            continue;
        }
        bool stays = s->chat && event == MOOT_TYPING_LINE;
        s->left = event == MOOT_TYPING_END && (s->chat || asked(s) != NULL);
        moot__typing_open(s->typing, stays);
        if (event == MOOT_TYPING_LINE)
            status = take_text(s, h, moot__buf_text(&text), err);
        break; /* what it answers is out of the inbox after the next turn of the loop */
    }
    moot__buf_release(&text);
    show(s);
    return status;
}

void moot__seat_hold(struct moot_seat_at *s, bool hold)
{
    if (s->typing != NULL)
        moot__typing_hold(s->typing, hold);
}

/* ---- elsewhere than on a terminal ---- */

int moot__seat_read(struct moot_seat_at *s, struct moot_host *h, struct moot_error *err)
{
    struct moot_buf text, line;
    bool more = true;
    moot__buf_init(&text, LINE_BYTES_MAX);
    moot__buf_init(&line, LINE_BYTES_MAX);
    enum moot_term_end end = MOOT_TERM_LINE;
    while (more && end == MOOT_TERM_LINE) {
        end = moot__term_ask(&line, &s->cli->signals->stop, s->idle, s->arg);
        more = line.len > 0 && line.data[line.len - 1] == '\\';
        moot__buf_add(&text, moot__buf_text(&line), more ? line.len - 1 : line.len);
        if (more)
            moot__buf_addc(&text, '\n');
    }
    int status = MOOT_OK;
    s->left = end == MOOT_TERM_END && text.len == 0;
    if ((end == MOOT_TERM_LINE || end == MOOT_TERM_END) && !s->left)
        status = take_text(s, h, moot__buf_text(&text), err);
    moot__buf_release(&text);
    moot__buf_release(&line);
    return status;
}
