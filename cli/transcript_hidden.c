/* What was hidden from whom: how many words of others an agent's newest request does not show,
 * since its view or a compaction leaves them out. */
#include "cli/transcript_state.h"
#include "runtime/message.h"
#include "runtime/request.h"

#include <inttypes.h>

static struct tr_seen *seen_by(struct tr_chat *chat, const char *who)
{
    for (size_t i = 0; i < chat->member_count; i++)
        if (strcmp(chat->members[i], who) == 0)
            return &chat->seen[i];
    return NULL;
}

static void count_words(struct tr_chat *chat, const struct moot_message *m)
{
    char *text = moot__parts_text(m->body);
    bool words = text != NULL && text[strspn(text, " \t\r\n")] != '\0';
    free(text);
    if (!words || moot__json_get(m->body, "failed") != NULL)
        return;
    struct tr_seen *own = seen_by(chat, moot__tr_chat_speaker(m));
    chat->words++;
    if (own != NULL)
        own->own++;
}

/* A request shows what it adds, and what the request that it extends showed. */
static void count_shown(struct tr_chat *chat, const struct moot_message *m)
{
    struct tr_seen *seen = seen_by(chat, m->from);
    const struct moot_json *added = moot__json_get(m->body, "add");
    int64_t base = moot__json_get_int(m->body, "base", 0);
    if (seen == NULL || added == NULL)
        return;
    if (base == 0)
        seen->shown = 0;
    const struct moot_json *add = moot__json_first(added);
    for (; add != NULL; add = moot__json_next(add))
        seen->shown += moot__json_get(add, "re") != NULL &&
                       strcmp(moot__json_get_text(add, "as", ""), "user") == 0;
    int64_t hidden = chat->words - seen->own - seen->shown;
    seen->hidden = hidden > 0 ? hidden : 0;
}

void moot__tr_chat_seen(const struct moot_transcript *t, const struct moot_message *m)
{
    struct tr_chat *chat = moot__tr_chat(t, m->conv);
    if (chat != NULL && m->kind == MOOT_MSG)
        count_words(chat, m);
    else if (chat != NULL && m->kind == MOOT_MODEL_CALL)
        count_shown(chat, m);
}

void moot__tr_chat_add_hidden(const struct moot_transcript *t, const char *conv, const char *who,
                              struct moot_buf *out)
{
    struct tr_chat *chat = moot__tr_chat(t, conv);
    const struct tr_seen *seen = chat != NULL ? seen_by(chat, who) : NULL;
    if (seen != NULL && seen->hidden > 0)
        moot__buf_addf(out, " · %" PRId64 " message%s hidden from it", seen->hidden,
                       seen->hidden == 1 ? "" : "s");
}
