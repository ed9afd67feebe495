#include "roles/crew_read.h"

#include "runtime/regex.h"
#include "runtime/utf8.h"

enum { PLACE_MAX = 256 };

/* Where a value is read: the table it stands in and that table's place in words. */
struct reading {
    struct moot_crew_file *f;
    const struct moot_table *table;
    char place[PLACE_MAX]; /* "task 'email'" */
    bool later;            /* it was already said that this is not here yet */
};

static struct moot_json *read_value(struct reading *in, const struct moot_field *field,
                                    const struct moot_json *raw);
static struct moot_json *read_map(struct reading *in, const struct moot_field *field,
                                  const struct moot_json *raw);

/* ---- helpers ---- */

struct moot_json *moot__crew_made(struct moot_crew_file *f, struct moot_json *made,
                                  const struct moot_json *raw)
{
    if (made == NULL || moot__yaml_stand(f->yaml, made, raw) != MOOT_OK) {
        f->report.failed = true;
        moot__json_free(made);
        return NULL;
    }
    return made;
}

void moot__crew_put(struct moot_crew_file *f, struct moot_json *into, const char *key,
                    struct moot_json *value)
{
    if (into == NULL || value == NULL) {
        moot__json_free(value);
        return;
    }
    if ((key != NULL ? moot__json_set(into, key, value) : moot__json_add(into, value)) != MOOT_OK)
        f->report.failed = true;
}

static void say(struct moot_crew_file *f, const struct moot_json *at, enum moot_yaml_part part,
                const char *suggestion, const char *message)
{
    moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, at, part, suggestion, "%s", message);
}

/* "task 'x'", "limits of task 'x'". */
static void name_place(char out[PLACE_MAX], const struct moot_table *t, const char *name,
                       const char *outer)
{
    const char *hole = strstr(t->place, "%s");
    if (hole != NULL)
        snprintf(out, PLACE_MAX, "%.*s%.64s%s", (int)(hole - t->place), t->place, name, hole + 2);
    else if (outer[0] == '\0' || strcmp(outer, "the crew") == 0 || strcmp(outer, t->place) == 0)
        snprintf(out, PLACE_MAX, "%s", t->place);
    else
        snprintf(out, PLACE_MAX, "%s of %.150s", t->place, outer);
}

bool moot__crew_comma_trap(struct moot_crew_file *f, const struct moot_json *map)
{
    const struct moot_json *m = moot__json_first(map);
    for (; m != NULL; m = moot__json_next(m)) {
        int line, column;
        if (!moot__yaml_comma(f->yaml, m, &line, &column))
            continue;
        const struct moot_yaml_mark *mark = moot__yaml_at(f->yaml, m);
        moot__crew_say_at(&f->report, MOOT_SEVERITY_ERROR, f->yaml, mark->file, line, column, 1,
                          NULL,
                          "a comma ends a value here: put quotes round the text, or write it on "
                          "its own line");
        return true;
    }
    return false;
}

bool moot__crew_brace_trap(struct moot_crew_file *f, const struct moot_json *map)
{
    const struct moot_yaml_mark *mark = moot__yaml_at(f->yaml, map);
    const struct moot_yaml_mark *first = moot__yaml_at(f->yaml, moot__json_first(map));
    if (mark == NULL || first == NULL || mark->style != MOOT_YAML_FLOW ||
        first->style != MOOT_YAML_EMPTY || moot__json_count(map) != 1)
        return false;
    say(f, map, MOOT_PART_VALUE, NULL,
        "a value that starts with '{': YAML reads a map: put quotes round the whole text");
    return true;
}

/* `{role:Writer}` is a key without a value. */
static bool colon_trap(struct moot_crew_file *f, const struct moot_json *value, const char *key)
{
    const struct moot_yaml_mark *mark = moot__yaml_at(f->yaml, value);
    const char *colon = strchr(key, ':');
    if (mark == NULL || mark->style != MOOT_YAML_EMPTY || colon == NULL || colon == key)
        return false;
    int before = (int)moot__utf8_characters(key, (size_t)(colon - key));
    moot__crew_say_at(&f->report, MOOT_SEVERITY_ERROR, f->yaml, mark->file, mark->line,
                      mark->column + before, 1, NULL,
                      "a colon needs a space behind it: write '%.*s: %.40s'", (int)(colon - key),
                      key, colon + 1);
    return true;
}

/* ---- kinds ---- */

/* "an agent", "text with placeholders" */
static const char *with_article(enum moot_grammar g, char *out, size_t size)
{
    const char *text = moot__crew_grammar_text(g);
    bool bare = g == MOOT_G_TEXT || g == MOOT_G_PROSE || g == MOOT_G_TEMPLATE ||
                g == MOOT_G_FILLED || g == MOOT_G_PROVIDER;
    snprintf(out, size, "%s%s", bare ? "" : strchr("aeiou", text[0]) != NULL ? "an " : "a ", text);
    return out;
}

/* What a field may be, in words: "text or a list". */
static void list_kinds(const struct moot_field *f, char *out, size_t size)
{
    const char *kinds[3];
    char scalar[64] = "";
    size_t n = 0;
    if (f->scalar.grammar != MOOT_G_NONE) {
        bool word = f->scalar.grammar == MOOT_G_WORD;
        if (word && strpbrk(f->scalar.words, " ~") == NULL)
            snprintf(scalar, sizeof(scalar), "'%s'", f->scalar.words);
        kinds[n++] = word && scalar[0] != '\0'
                         ? scalar
                         : with_article(f->scalar.grammar, scalar, sizeof(scalar));
    }
    if (f->list.grammar != MOOT_G_NONE || f->list_table != NULL)
        kinds[n++] = "a list";
    if (f->map != MOOT_MAP_NONE)
        kinds[n++] = "a map";
    snprintf(out, size, "%s%s%s%s%s", kinds[0], n > 1 ? " or " : "", n > 1 ? kinds[1] : "",
             n > 2 ? " or " : "", n > 2 ? kinds[2] : "");
}

static const char *kind_of(const struct moot_json *raw)
{
    return moot__json_is(raw, MOOT_JSON_STRING)  ? "text"
           : moot__json_is(raw, MOOT_JSON_ARRAY) ? "a list"
                                                 : "a map";
}

static struct moot_json *wrong_kind(struct reading *in, const struct moot_field *field,
                                    const struct moot_json *raw)
{
    char kinds[96], suggestion[96] = "";
    if (moot__json_is(raw, MOOT_JSON_OBJECT) && moot__crew_brace_trap(in->f, raw))
        return NULL;
    list_kinds(field, kinds, sizeof(kinds));
    const char *text = moot__json_text(raw);
    if (text != NULL && field->list.grammar != MOOT_G_NONE && strlen(text) < 60)
        snprintf(suggestion, sizeof(suggestion), "write [%s]", text);
    moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_VALUE,
                   suggestion, "'%s' of %s must be %s, not %s", field->key, in->place, kinds,
                   kind_of(raw));
    return NULL;
}

static struct moot_json *wrong_element(struct reading *in, const struct moot_field *field,
                                       const struct moot_json *raw)
{
    const struct moot_yaml_mark *m = moot__yaml_at(in->f->yaml, raw);
    if (moot__json_is(raw, MOOT_JSON_OBJECT) && moot__crew_brace_trap(in->f, raw))
        return NULL;
    if (moot__json_is(raw, MOOT_JSON_OBJECT) && m != NULL && m->style == MOOT_YAML_BLOCK) {
        say(in->f, raw, MOOT_PART_VALUE, NULL,
            "a colon and a space make this a map: put quotes round the text");
        return NULL;
    }
    bool map = field->list_table != NULL;
    char scalar[64];
    moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_VALUE, NULL,
                   "an entry of '%s' of %s must be %s, not %s", field->key, in->place,
                   map ? "a map" : with_article(field->list.grammar, scalar, sizeof(scalar)),
                   kind_of(raw));
    return NULL;
}

/* ---- scalars ---- */

static void note_bool(struct reading *in, const struct moot_field *field,
                      const struct moot_json *raw, const struct moot_json *made)
{
    const char *text = moot__json_text(raw);
    if (!moot__json_is(made, MOOT_JSON_BOOL) || strcasecmp(text, "true") == 0 ||
        strcasecmp(text, "false") == 0)
        return;
    moot__crew_say(&in->f->report, MOOT_SEVERITY_NOTE, in->f->yaml, raw, MOOT_PART_VALUE, NULL,
                   "'%s' of %s: '%s' is read as %s here; YAML's own words are true and false",
                   field->key, in->place, text, moot__json_true(made) ? "true" : "false");
}

/* Remembers that the scalar names something, for crew_check. */
static void note_ref(struct reading *in, const struct moot_field *field, enum moot_grammar grammar,
                     const struct moot_json *raw)
{
    struct moot_crew_file *f = in->f;
    if ((f->ref_count & (f->ref_count - 1)) == 0) { /* a power of two, or none: full */
        size_t size = f->ref_count == 0 ? 1 : f->ref_count * 2;
        struct moot_crew_ref *refs = realloc(f->refs, size * sizeof(*refs));
        if (refs == NULL) {
            f->report.failed = true;
            return;
        }
        f->refs = refs;
    }
    struct moot_crew_ref *ref = &f->refs[f->ref_count];
    ref->grammar = (int)grammar;
    ref->raw = raw;
    ref->key = moot__copy(field->key, strlen(field->key));
    ref->place = moot__copy(in->place, strlen(in->place));
    f->ref_count++;
    if (ref->key == NULL || ref->place == NULL)
        f->report.failed = true;
}

static bool names_something(enum moot_grammar g)
{
    return g == MOOT_G_AGENT || g == MOOT_G_TASK || g == MOOT_G_TOOL || g == MOOT_G_PERSON ||
           g == MOOT_G_MODEL;
}

/* Says where in a pattern it goes wrong: the message's "at byte N of the pattern" becomes a place.
 */
static void say_pattern(struct reading *in, const struct moot_field *field,
                        const struct moot_json *raw, struct moot_error *err)
{
    char *at = strstr(err->message, " at byte ");
    size_t offset = 0;
    if (at != NULL) {
        for (const char *d = at + 9; *d >= '0' && *d <= '9' && offset < 100000; d++)
            offset = offset * 10 + (size_t)(*d - '0');
        *at = '\0';
    }
    const char *text = moot__json_text(raw);
    size_t len = strlen(text);
    moot__crew_say_in(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw,
                      moot__utf8_characters(text, offset < len ? offset : len), 1, err->hint,
                      "'%s' of %s: %s", field->key, in->place, err->message);
}

/* Compiles a pattern only to see whether it can be. */
static void check_pattern(struct reading *in, const struct moot_field *field,
                          const struct moot_json *raw)
{
    struct moot_regex *re = NULL;
    struct moot_error err = {0};
    if (moot__regex_compile(moot__json_text(raw), &re, &err) != MOOT_OK)
        say_pattern(in, field, raw, &err);
    moot__regex_free(re);
}

/* Says what is wrong with a scalar. What may be a secret is not shown: no source line. */
static void say_scalar(struct reading *in, const struct moot_field *field,
                       const struct moot_form *form, const struct moot_json *raw,
                       const struct moot_error *err)
{
    struct moot_crew_file *f = in->f;
    const struct moot_yaml_mark *m = moot__yaml_at(f->yaml, raw);
    if (err->code == MOOT_ENOMEM)
        f->report.failed = true;
    else if (form->grammar == MOOT_G_SECRET && m != NULL)
        moot__crew_say_at(&f->report, MOOT_SEVERITY_ERROR, NULL, m->file, m->line, m->column, 1,
                          err->hint, "'%s' of %s %s", field->key, in->place, err->message);
    else
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, MOOT_PART_VALUE, err->hint,
                       "'%s' of %s %s", field->key, in->place, err->message);
}

static struct moot_json *read_scalar(struct reading *in, const struct moot_field *field,
                                     const struct moot_form *form, const struct moot_json *raw)
{
    struct moot_crew_file *f = in->f;
    const char *text = moot__json_text(raw);
    bool later = false;
    bool word = moot__crew_word(form, text, &later);
    if (word && later && !in->later)
        moot__crew_say(&f->report, MOOT_SEVERITY_LATER, f->yaml, raw, MOOT_PART_VALUE, NULL,
                       "'%s: %s' is known, but not here yet", field->key, text);
    if (!word && form == &field->scalar && form->grammar == MOOT_G_WORD &&
        field->list.grammar != MOOT_G_NONE)
        return wrong_kind(in, field, raw);
    struct moot_json *made = NULL;
    struct moot_error err = {0};
    if (moot__crew_scalar(form, text, &made, &err) != MOOT_OK) {
        say_scalar(in, field, form, raw, &err);
        return NULL;
    }
    if (!word && names_something(form->grammar))
        note_ref(in, field, form->grammar, raw);
    if (form->grammar == MOOT_G_REGEX)
        check_pattern(in, field, raw);
    if (form->grammar == MOOT_G_PATH) {
        char *path = moot__crew_path(f, raw);
        moot__json_free(made);
        made = path != NULL ? moot__json_new_text(path) : NULL;
        free(path);
    }
    note_bool(in, field, raw, made);
    return moot__crew_made(f, made, raw);
}

/* A key without a value. */
static struct moot_json *read_nothing(struct reading *in, const struct moot_field *field,
                                      const struct moot_json *raw)
{
    struct moot_crew_file *f = in->f;
    int line, column;
    if (moot__yaml_comma(f->yaml, raw, &line, &column)) {
        const struct moot_yaml_mark *mark = moot__yaml_at(f->yaml, raw);
        moot__crew_say_at(&f->report, MOOT_SEVERITY_ERROR, f->yaml, mark->file, line, column, 1,
                          NULL, "a comma ends a value here, and '%s' has none of its own",
                          field->key);
        return NULL;
    }
    moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, MOOT_PART_KEY,
                   "write one, or leave the key out", "'%s' of %s has no value", field->key,
                   in->place);
    return NULL;
}

/* ---- maps ---- */

static void unknown_key(struct reading *in, const char *key, const struct moot_json *value)
{
    /* where a key may belong, when it stands in the wrong place */
    static const char *const homes[] = {"crew", "agent", "task", "tool", "model"};
    struct moot_crew_file *f = in->f;
    const struct moot_foreign *foreign = moot__crew_foreign(in->table->name, key);
    if (foreign != NULL) {
        char ours[96];
        snprintf(ours, sizeof(ours), "here it is '%s'", foreign->ours != NULL ? foreign->ours : "");
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, value, MOOT_PART_KEY, NULL,
                       "'%s' is %s; %s", key, foreign->framework,
                       foreign->ours != NULL ? ours : foreign->note);
        return;
    }
    char suggestion[96] = "";
    const char *near = moot__crew_near(in->table, key);
    if (near != NULL)
        snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    for (size_t i = 0; near == NULL && i < MOOT_COUNT(homes) && suggestion[0] == '\0'; i++)
        if (moot__crew_field(moot__crew_table(homes[i]), key) != NULL)
            snprintf(suggestion, sizeof(suggestion), "it is a key of %s%s",
                     i == 0   ? "the "
                     : i == 1 ? "an "
                              : "a ",
                     homes[i]);
    moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, value, MOOT_PART_KEY, suggestion,
                   "unknown key '%.64s' in %s", key, in->place);
}

/* Adds the keys of a group: "prompt, steps, tool". Those that are not here yet only if asked. */
static void list_group(const struct moot_table *t, const char *group, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < t->count && used < size; i++) {
        const struct moot_field *field = &t->fields[i];
        if (field->group == NULL || strcmp(field->group, group) != 0 ||
            (field->flags & MOOT_FIELD_LATER) != 0)
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", field->key);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* At most one key of a group, exactly one if its name begins with '!'. */
static void check_group(struct reading *in, const struct moot_json *raw, const char *group)
{
    const struct moot_table *t = in->table;
    const struct moot_json *found = NULL;
    const char *first = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_field *field = &t->fields[i];
        if (field->group == NULL || strcmp(field->group, group) != 0)
            continue;
        const struct moot_json *value = moot__json_get(raw, field->key);
        if (value == NULL)
            continue;
        if (found != NULL)
            moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, value, MOOT_PART_KEY,
                           NULL, "%s has both '%s' and '%s': one of them", in->place, first,
                           field->key);
        found = value;
        first = field->key;
    }
    /* a task whose candidates are voted on needs nothing else to do */
    if (found != NULL || group[0] != '!' || moot__json_get(raw, "consensual") != NULL)
        return;
    char keys[160] = "";
    list_group(t, group, keys, sizeof(keys));
    moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_KEY, NULL,
                   "%s needs one of %s", in->place, keys);
}

static void check_required(struct reading *in, const struct moot_json *raw)
{
    const struct moot_table *t = in->table;
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_field *field = &t->fields[i];
        bool first = field->group != NULL;
        for (size_t j = 0; first && j < i; j++)
            first = t->fields[j].group == NULL || strcmp(t->fields[j].group, field->group) != 0;
        if (first)
            check_group(in, raw, field->group);
        if ((field->flags & MOOT_FIELD_REQUIRED) != 0 && moot__json_get(raw, field->key) == NULL)
            moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw,
                           strcmp(t->name, "crew") == 0 ? MOOT_PART_VALUE : MOOT_PART_KEY, NULL,
                           "%s has no '%s'", in->place, field->key);
    }
}

/* "pattern, none or length" */
static void name_words(const struct moot_form *form, char *out, size_t size)
{
    size_t used = 0, len, next_len;
    bool later;
    const char *word;
    for (size_t i = 0; (word = moot__crew_word_at(form, i, &len, &later)) != NULL; i++) {
        bool last = moot__crew_word_at(form, i + 1, &next_len, &later) == NULL;
        int n = snprintf(out + used, size - used, "%s%.*s",
                         i == 0 ? ""
                         : last ? " or "
                                : ", ",
                         (int)len, word);
        if (n < 0 || (size_t)n >= size - used)
            return;
        used += (size_t)n;
    }
}

/* Of a choice: exactly one deciding key, and only what may stand beside it. */
static void check_choice(struct reading *in, const struct moot_json *raw)
{
    const char *decides = NULL;
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        const struct moot_field *field = moot__crew_field(in->table, moot__json_key(m));
        if (field == NULL || (field->flags & MOOT_FIELD_DECIDES) == 0)
            continue;
        if (decides != NULL)
            moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, m, MOOT_PART_KEY,
                           "make it two entries", "%s has both '%s' and '%s': one of them",
                           in->place, decides, field->key);
        else
            decides = field->key;
    }
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        const struct moot_field *field = moot__crew_field(in->table, moot__json_key(m));
        struct moot_form with = {MOOT_G_WORD, field != NULL ? field->with : NULL};
        bool later;
        if (with.words == NULL || (decides != NULL && moot__crew_word(&with, decides, &later)))
            continue;
        char beside[64] = "";
        name_words(&with, beside, sizeof(beside));
        moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, m, MOOT_PART_KEY, NULL,
                       "'%s' stands beside %s, not %s%s%s", field->key, beside,
                       decides != NULL ? "beside '" : "alone", decides != NULL ? decides : "",
                       decides != NULL ? "'" : "");
    }
    if (decides == NULL)
        moot__crew_say(&in->f->report, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_VALUE, NULL,
                       "%s has none of the keys that say what it is", in->place);
}

/* Reads a map by its table. A key without a value reads as an empty map. */
static struct moot_json *read_table(struct reading *in, const struct moot_json *raw)
{
    struct moot_crew_file *f = in->f;
    struct moot_json *out = moot__crew_made(f, moot__json_new(MOOT_JSON_OBJECT), raw);
    bool trapped = false;
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        const char *key = moot__json_key(m);
        const struct moot_field *field = moot__crew_field(in->table, key);
        const struct moot_yaml_mark *mark = moot__yaml_at(f->yaml, m);
        if (field == NULL && mark != NULL && mark->style == MOOT_YAML_EMPTY &&
            (trapped || colon_trap(f, m, key) || moot__crew_comma_trap(f, raw) ||
             moot__crew_brace_trap(f, raw))) {
            trapped = true; /* once for all that the comma cut off */
            continue;
        }
        if (field == NULL) {
            unknown_key(in, key, m);
            continue;
        }
        bool was_later = in->later;
        if ((field->flags & MOOT_FIELD_LATER) != 0 && !in->later) {
            moot__crew_say(&f->report, MOOT_SEVERITY_LATER, f->yaml, m, MOOT_PART_KEY, NULL,
                           "'%s' of %s is known, but not here yet", key, in->place);
            in->later = true;
        }
        moot__crew_put(f, out, key, read_value(in, field, m));
        in->later = was_later;
    }
    if (!trapped)
        check_required(in, raw);
    if (in->table->choice && !trapped)
        check_choice(in, raw);
    return out;
}

static struct moot_json *read_inner(struct reading *in, const char *table, const char *name,
                                    const struct moot_json *raw)
{
    struct reading inner = {.f = in->f, .table = moot__crew_table(table), .later = in->later};
    name_place(inner.place, inner.table, name, in->place);
    return read_table(&inner, raw);
}

/* ---- dictionaries ---- */

static void check_id(struct reading *in, const char *id, const struct moot_json *raw)
{
    struct moot_crew_report *r = &in->f->report;
    if (!moot__crew_id(id))
        moot__crew_say(r, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_KEY,
                       "a letter, then letters, digits, '_' and '-', at most 64",
                       "'%.80s' cannot be an id in %s", id, in->table->name);
    else if (moot__crew_reserved(in->table->name, id))
        moot__crew_say(
            r, MOOT_SEVERITY_ERROR, in->f->yaml, raw, MOOT_PART_KEY, "give it another name",
            "'%s' has a meaning of its own and cannot be an id in %s", id, in->table->name);
}

/* The dictionaries whose order matters become lists. */
static const char *id_key(const struct moot_table *t)
{
    static const char *const lists[] = {"agents", "tasks", "tools", "people"};
    for (size_t i = 0; i < MOOT_COUNT(lists); i++)
        if (strcmp(t->name, lists[i]) == 0)
            return "id";
    return strcmp(t->name, "models") == 0 ? "name" : NULL;
}

/* An entry with its id in front. */
static struct moot_json *entry_of(struct moot_crew_file *f, const char *id_name, const char *id,
                                  struct moot_json *value, const struct moot_json *raw)
{
    if (value == NULL)
        return NULL;
    struct moot_json *entry = moot__crew_made(f, moot__json_new(MOOT_JSON_OBJECT), raw);
    moot__crew_put(f, entry, id_name, moot__crew_made(f, moot__json_new_text(id), raw));
    if (!moot__json_is(value, MOOT_JSON_OBJECT)) { /* a model in one word */
        moot__crew_put(f, entry, "model", value);
        return entry;
    }
    const struct moot_json *m;
    while ((m = moot__json_first(value)) != NULL) {
        char *key = moot__copy(moot__json_key(m), strlen(moot__json_key(m)));
        if (key == NULL) {
            f->report.failed = true;
            break;
        }
        moot__crew_put(f, entry, key, moot__json_take(value, key));
        free(key);
    }
    moot__json_free(value);
    return entry;
}

static struct moot_json *read_dictionary(struct reading *in, const struct moot_json *raw)
{
    struct moot_crew_file *f = in->f;
    const struct moot_field *field = &in->table->fields[0];
    const char *id_name = id_key(in->table);
    struct moot_json *out =
        moot__crew_made(f, moot__json_new(id_name ? MOOT_JSON_ARRAY : MOOT_JSON_OBJECT), raw);
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_key(m);
        bool nothing = moot__yaml_null(f->yaml, m) && field->table != NULL;
        check_id(in, id, m);
        struct reading entry = *in;
        snprintf(entry.place, sizeof(entry.place), "%s", in->place);
        struct moot_field named = *field; /* its key in messages is the id */
        named.key = id;
        struct moot_json *value =
            nothing ? read_map(&entry, &named, m) : read_value(&entry, &named, m);
        if (id_name != NULL)
            moot__crew_put(f, out, NULL, entry_of(f, id_name, id, value, m));
        else
            moot__crew_put(f, out, id, value);
    }
    return out;
}

/* ---- values ---- */

static struct moot_json *read_map(struct reading *in, const struct moot_field *field,
                                  const struct moot_json *raw)
{
    char place[PLACE_MAX + 80];
    snprintf(place, sizeof(place), "'%s' of %s", field->key, in->place);
    bool prose = field->scalar.grammar == MOOT_G_PROSE || field->scalar.grammar == MOOT_G_TEMPLATE;
    if (field->map == MOOT_MAP_NONE && prose && moot__json_get(raw, "file") != NULL)
        return moot__crew_read_file(in->f, raw, place);
    switch (field->map) {
    case MOOT_MAP_TABLE: {
        const struct moot_table *t = moot__crew_table(field->table);
        if (strcmp(t->fields[0].key, "*") != 0)
            return read_inner(in, field->table, field->key, raw);
        struct reading inner = {.f = in->f, .table = t, .later = in->later};
        name_place(inner.place, t, field->key, in->place);
        return read_dictionary(&inner, raw);
    }
    case MOOT_MAP_SHAPE:
        return moot__crew_read_shape(in->f, raw, place);
    case MOOT_MAP_SCHEMA:
    case MOOT_MAP_ANY:
        return moot__crew_read_schema(in->f, raw, place);
    case MOOT_MAP_ARGS:
        return moot__crew_read_args(in->f, raw, place);
    case MOOT_MAP_OVERLAY:
        return moot__crew_made(in->f, moot__json_new(MOOT_JSON_OBJECT), raw);
    case MOOT_MAP_NONE:
        break;
    }
    return wrong_kind(in, field, raw);
}

static struct moot_json *read_list(struct reading *in, const struct moot_field *field,
                                   const struct moot_json *raw)
{
    struct moot_json *out = moot__crew_made(in->f, moot__json_new(MOOT_JSON_ARRAY), raw);
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        struct moot_json *value;
        if (moot__json_is(m, MOOT_JSON_OBJECT) && field->list_table != NULL)
            value = read_inner(in, field->list_table, "", m);
        else if (moot__json_is(m, MOOT_JSON_STRING) && field->list.grammar != MOOT_G_NONE)
            value = read_scalar(in, field, &field->list, m);
        else
            value = wrong_element(in, field, m);
        moot__crew_put(in->f, out, NULL, value);
    }
    return out;
}

static struct moot_json *read_value(struct reading *in, const struct moot_field *field,
                                    const struct moot_json *raw)
{
    bool list = field->list.grammar != MOOT_G_NONE || field->list_table != NULL;
    if (moot__yaml_null(in->f->yaml, raw))
        return read_nothing(in, field, raw);
    if (moot__json_is(raw, MOOT_JSON_OBJECT))
        return read_map(in, field, raw);
    if (moot__json_is(raw, MOOT_JSON_ARRAY))
        return list ? read_list(in, field, raw) : wrong_kind(in, field, raw);
    if (field->map == MOOT_MAP_SCHEMA && field->scalar.grammar == MOOT_G_PATH) {
        char place[PLACE_MAX + 80];
        snprintf(place, sizeof(place), "'%s' of %s", field->key, in->place);
        return moot__crew_read_schema(in->f, raw, place);
    }
    if (field->scalar.grammar == MOOT_G_NONE)
        return wrong_kind(in, field, raw);
    return read_scalar(in, field, &field->scalar, raw);
}

void moot__crew_read_as(struct moot_crew_file *f, const char *table)
{
    struct reading in = {.f = f, .table = moot__crew_table(table)};
    name_place(in.place, in.table, "", "");
    f->resolved = read_table(&in, f->raw);
}

void moot__crew_read(struct moot_crew_file *f)
{
    moot__crew_read_as(f, "crew");
    if (f->resolved != NULL)
        moot__crew_settle(f);
}
