/* What a crew file and the environment say of a model, made into a spec. */
#include "runtime/file.h"
#include "runtime/model.h"
#include "runtime/model_preset.h"
#include "runtime/near.h"

#include <ctype.h>

enum { MAX_TOKENS = 4096, KEY_MAX = 16 * 1024 };

struct maker {
    struct moot_model_spec *spec;
    const struct moot_preset *preset;
    const char *base_dir;
    const char *(*getenv_fn)(const char *);
    struct moot_error *err;
};

static int copy_text(char **field, const char *text)
{
    *field = moot__copy(text, strlen(text));
    return *field != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int unknown_provider(const char *name, struct moot_error *err)
{
    const char *names[64];
    size_t count = 0;
    struct moot_buf list;
    moot__buf_init(&list, 1024);
    for (const struct moot_preset *p; (p = moot__preset_at(count)) != NULL && count < 64;) {
        moot__buf_addf(&list, "%s%s", count > 0 ? " " : "", p->name);
        names[count++] = p->name;
    }
    const char *near = moot__near_find(name, names, count);
    moot__fail(err, MOOT_EINVAL, "no provider '%.64s'", name);
    if (near != NULL)
        moot__fail_hint(err, "did you mean '%s'?", near);
    else
        moot__fail_hint(err, "there are: %s", moot__buf_text(&list));
    moot__buf_release(&list);
    return MOOT_EINVAL;
}

/* "provider/model": the provider ends at the first '/'. */
static int take_name(struct maker *m, const char *provider_model)
{
    const char *slash = strchr(provider_model, '/');
    if (slash == NULL || slash == provider_model || slash[1] == '\0') {
        moot__fail(m->err, MOOT_EINVAL, "'%.200s' names no provider and model", provider_model);
        moot__fail_hint(m->err, "write it as provider/model: openai/gpt-4.1-mini, ollama/llama3.2");
        return MOOT_EINVAL;
    }
    m->spec->provider = moot__copy(provider_model, (size_t)(slash - provider_model));
    m->spec->model = moot__copy(slash + 1, strlen(slash + 1));
    if (m->spec->provider == NULL || m->spec->model == NULL)
        return moot__fail(m->err, MOOT_ENOMEM, "out of memory");
    m->preset = moot__preset_find(m->spec->provider);
    return m->preset != NULL ? MOOT_OK : unknown_provider(m->spec->provider, m->err);
}

/* A path relative to the crew file's folder. */
static char *beside(const char *base_dir, const char *path)
{
    struct moot_buf b;
    moot__buf_init(&b, 8192);
    if (path[0] != '/' && base_dir != NULL && base_dir[0] != '\0')
        moot__buf_addf(&b, "%s/", base_dir);
    moot__buf_adds(&b, path);
    char *text = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    return text;
}

/* "${env:NAME}" or "${file:PATH}" as a new string; anything else as it is where `literal` allows
 * it. */
static int resolve(struct maker *m, const char *what, const char *text, bool literal, char **out,
                   char **origin)
{
    size_t len = strlen(text);
    bool env = strncmp(text, "${env:", 6) == 0 && text[len - 1] == '}';
    bool file = strncmp(text, "${file:", 7) == 0 && text[len - 1] == '}';
    if (!env && !file) {
        if (!literal) {
            moot__fail(m->err, MOOT_EINVAL, "the %s of model '%s' stands in the crew file", what,
                       m->spec->name);
            moot__fail_hint(m->err, "name it instead: %s: ${env:NAME}", what);
            return MOOT_EINVAL;
        }
        return copy_text(out, text);
    }
    size_t skip = env ? 6 : 7;
    *origin = moot__copy(text + skip, len - skip - 1);
    if (*origin == NULL)
        return moot__fail(m->err, MOOT_ENOMEM, "out of memory");
    if (env) {
        const char *value = m->getenv_fn(*origin);
        if (value == NULL || value[0] == '\0')
            return moot__fail(m->err, MOOT_ENOTFOUND, "no %s for model '%s': set %s", what,
                              m->spec->name, *origin);
        return copy_text(out, value);
    }
    struct moot_buf b;
    moot__buf_init(&b, KEY_MAX);
    char *path = beside(m->base_dir, *origin);
    int status = path != NULL ? moot__file_read(path, &b, m->err) : MOOT_ENOMEM;
    free(path);
    if (status == MOOT_OK) {
        size_t end = b.len;
        while (end > 0 && isspace((unsigned char)b.data[end - 1]))
            end--;
        *out = moot__copy(moot__buf_text(&b), end);
        status = *out != NULL ? MOOT_OK : MOOT_ENOMEM;
        explicit_bzero(b.data, b.len);
    }
    moot__buf_release(&b);
    return status;
}

/* The host and port of OLLAMA_HOST, which is also the address that its server listens on. */
static int ollama_url(const char *host, char **out)
{
    struct moot_buf b;
    moot__buf_init(&b, 1024);
    const char *scheme = "http://";
    const char *at = strstr(host, "://");
    if (at != NULL) {
        scheme = strncmp(host, "https", 5) == 0 ? "https://" : "http://";
        host = at + 3;
    }
    size_t len = strcspn(host, "/");
    const char *path = host + len;
    size_t path_len = strlen(path);
    while (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    const char *colon = memrchr(host, ':', len);
    if (colon != NULL && (memchr(colon, ']', (size_t)(host + len - colon)) != NULL))
        colon = NULL; /* inside of an IPv6 address */
    size_t name_len = colon != NULL ? (size_t)(colon - host) : len;
    bool any = name_len == 0 || (name_len == 7 && memcmp(host, "0.0.0.0", 7) == 0);
    bool any6 = name_len == 4 && memcmp(host, "[::]", 4) == 0;
    moot__buf_adds(&b, scheme);
    if (any || any6)
        moot__buf_adds(&b, any6 ? "[::1]" : "127.0.0.1");
    else
        moot__buf_add(&b, host, name_len);
    if (colon != NULL && colon[1] != '\0' && colon + 1 < host + len)
        moot__buf_add(&b, colon, (size_t)(host + len - colon));
    else
        moot__buf_adds(&b, at == NULL ? ":11434" : "");
    moot__buf_add(&b, path, path_len);
    if (path_len < 3 || memcmp(path + path_len - 3, "/v1", 3) != 0)
        moot__buf_adds(&b, "/v1");
    *out = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int take_base_url(struct maker *m, const struct moot_json *map)
{
    const char *given = moot__json_get_text(map, "base_url", NULL);
    const char *env = m->preset->base_env != NULL ? m->getenv_fn(m->preset->base_env) : NULL;
    int status = MOOT_OK;
    if (given != NULL) {
        char *origin = NULL;
        status = resolve(m, "base_url", given, true, &m->spec->base_url, &origin);
        free(origin);
    } else if (env != NULL && env[0] != '\0') {
        status = strcmp(m->preset->name, "ollama") == 0 ? ollama_url(env, &m->spec->base_url)
                                                        : copy_text(&m->spec->base_url, env);
    } else if (m->preset->base_url != NULL) {
        status = copy_text(&m->spec->base_url, m->preset->base_url);
    } else {
        status = moot__fail(m->err, MOOT_EINVAL, "%s has no address of its own", m->preset->title);
        moot__fail_hint(m->err, "give model '%s' a base_url, or set %s", m->spec->name,
                        m->preset->base_env);
    }
    return status;
}

static int take_key(struct maker *m, const struct moot_json *map)
{
    const char *given = moot__json_get_text(map, "key", NULL);
    if (given != NULL)
        return resolve(m, "key", given, false, &m->spec->key, &m->spec->key_name);
    for (size_t i = 0; i < MOOT_COUNT(m->preset->key_envs); i++) {
        const char *name = m->preset->key_envs[i];
        const char *value = name != NULL ? m->getenv_fn(name) : NULL;
        if (value == NULL || value[0] == '\0')
            continue;
        int status = copy_text(&m->spec->key, value);
        return status == MOOT_OK ? copy_text(&m->spec->key_name, name) : status;
    }
    /* A server of one's own, or one put in a provider's place, may want none. */
    if ((m->preset->flags & MOOT_PRESET_LOCAL) != 0 || moot__json_get(map, "base_url") != NULL)
        return MOOT_OK;
    const char *first = m->preset->key_envs[0];
    const char *second = m->preset->key_envs[1];
    moot__fail(m->err, MOOT_ENOTFOUND, "no key for %s/%s: set %s%s%s", m->spec->provider,
               m->spec->model, first, second != NULL ? " or " : "", second != NULL ? second : "");
    moot__fail_hint(m->err,
                    "export %s=…, or a line %s=… in .env; a model of your own needs none: "
                    "ollama/llama3.2",
                    first, first);
    return MOOT_ENOTFOUND;
}

/* A number of the map as its digits, or NULL. */
static const char *digits_of(const struct moot_json *map, const char *key)
{
    const struct moot_json *value = moot__json_get(map, key);
    const char *digits = moot__json_digits(value);
    return digits != NULL ? digits : moot__json_text(value);
}

static int take_price(struct maker *m, const struct moot_json *map)
{
    const struct moot_json *price = moot__json_get(map, "price");
    m->spec->price = moot__price_find(m->spec->provider, m->spec->model);
    if (price == NULL)
        return MOOT_OK;
    static const char *const names[] = {"input", "output", "cached"};
    struct moot_price *p = &m->spec->price;
    *p = (struct moot_price){-1, -1, -1};
    int64_t *fields[] = {&p->input, &p->output, &p->cached};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        const char *digits = digits_of(price, names[i]);
        if (digits == NULL)
            continue;
        int status = moot__price_parse(digits, fields[i]);
        if (status != MOOT_OK)
            return moot__fail(m->err, status, "price.%s of model '%s' is no amount of USD: %s",
                              names[i], m->spec->name, digits);
    }
    return MOOT_OK;
}

/* Seconds as a number, or a text with a unit: "500 ms", "90 s", "2 min". */
static bool duration_parse(const struct moot_json *value, int64_t *ms)
{
    const char *text = moot__json_text(value);
    if (moot__json_int(value, ms))
        return *ms > 0 && !__builtin_mul_overflow(*ms, 1000, ms);
    if (text == NULL)
        return false;
    int64_t n = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && n < INT64_MAX / 600000; at++)
        n = n * 10 + (*at - '0');
    while (*at == ' ')
        at++;
    if (strcmp(at, "ms") == 0)
        *ms = n;
    else if (strcmp(at, "s") == 0 || *at == '\0')
        *ms = n * 1000;
    else if (strcmp(at, "min") == 0 || strcmp(at, "m") == 0)
        *ms = n * 60000;
    else
        return false;
    return n > 0;
}

static int take_timeouts(struct maker *m, const struct moot_json *map)
{
    const struct moot_json *timeouts = moot__json_get(map, "timeouts");
    static const char *const names[] = {"connect", "first_byte", "idle", "total"};
    int64_t *fields[] = {&m->spec->connect_ms, &m->spec->first_byte_ms, &m->spec->idle_ms,
                         &m->spec->total_ms};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        const struct moot_json *value = moot__json_get(timeouts, names[i]);
        if (value != NULL && !duration_parse(value, fields[i])) {
            moot__fail(m->err, MOOT_EINVAL, "timeouts.%s of model '%s' is no time", names[i],
                       m->spec->name);
            moot__fail_hint(m->err, "write seconds, or a number with ms, s or min");
            return MOOT_EINVAL;
        }
    }
    return MOOT_OK;
}

/* Models of OpenAI's that take max_completion_tokens alone. */
static bool is_reasoner(const char *model)
{
    return (model[0] == 'o' && model[1] >= '1' && model[1] <= '9') ||
           strncmp(model, "gpt-5", 5) == 0;
}

static void take_capabilities(struct maker *m, const struct moot_json *map)
{
    const struct moot_json *c = moot__json_get(map, "capabilities");
    struct moot_model_spec *spec = m->spec;
    unsigned flags = m->preset->flags;
    bool completion = strcmp(spec->provider, "openai") == 0 && is_reasoner(spec->model);
    spec->no_schema = !moot__json_get_bool(c, "schema", (flags & MOOT_PRESET_NO_SCHEMA) == 0);
    spec->no_tools = !moot__json_get_bool(c, "tools", true);
    spec->no_stream = !moot__json_get_bool(c, "stream", true);
    spec->no_stream_options =
        !moot__json_get_bool(c, "stream_options", (flags & MOOT_PRESET_NO_STREAM_OPTIONS) == 0);
    spec->use_max_completion_tokens = moot__json_get_bool(c, "max_completion_tokens", completion);
}

static int take_number(struct maker *m, const struct moot_json *map, const char *key, char **field)
{
    const char *digits = digits_of(map, key);
    if (digits == NULL)
        return MOOT_OK;
    if (!moot__decimal_valid(digits, strlen(digits)))
        return moot__fail(m->err, MOOT_EINVAL, "%s of model '%s' is no number: %.100s", key,
                          m->spec->name, digits);
    return copy_text(field, digits);
}

static int take_settings(struct maker *m, const struct moot_json *map)
{
    struct moot_model_spec *spec = m->spec;
    int status = take_number(m, map, "temperature", &spec->temperature);
    if (status == MOOT_OK)
        status = take_number(m, map, "top_p", &spec->top_p);
    const char *reasoning = moot__json_get_text(map, "reasoning", NULL);
    if (status == MOOT_OK && reasoning != NULL)
        status = copy_text(&spec->reasoning, reasoning);
    spec->max_tokens = moot__json_get_int(map, "max_tokens", MAX_TOKENS);
    if (status == MOOT_OK && spec->max_tokens <= 0)
        status =
            moot__fail(m->err, MOOT_EINVAL, "max_tokens of model '%s' must be above 0", spec->name);
    spec->has_seed = moot__json_int(moot__json_get(map, "seed"), &spec->seed);
    const struct moot_json *extra = moot__json_get(map, "extra");
    if (status == MOOT_OK && moot__json_is(extra, MOOT_JSON_OBJECT) &&
        moot__json_count(extra) > 0) {
        spec->extra = moot__json_string(extra);
        status = spec->extra != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    return status;
}

static int make(struct maker *m, const char *provider_model, const struct moot_json *map)
{
    if (provider_model == NULL)
        return moot__fail(m->err, MOOT_EINVAL, "model '%s' has no `model`", m->spec->name);
    int status = take_name(m, provider_model);
    if (status != MOOT_OK)
        return status;
    if (strcmp(m->spec->provider, "scripted") == 0) {
        m->spec->script = beside(m->base_dir, m->spec->model);
        status = m->spec->script != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    if (status == MOOT_OK)
        status = take_base_url(m, map);
    if (status == MOOT_OK)
        status = take_key(m, map);
    if (status == MOOT_OK)
        status = take_settings(m, map);
    if (status == MOOT_OK)
        status = take_price(m, map);
    if (status == MOOT_OK)
        status = take_timeouts(m, map);
    if (status == MOOT_OK)
        take_capabilities(m, map);
    return status;
}

int moot__model_spec_make(const char *name, const char *provider_model, const struct moot_json *map,
                          const char *base_dir, const char *(*getenv_fn)(const char *),
                          struct moot_model_spec **out, struct moot_error *err)
{
    struct moot_error why = {0};
    struct maker m = {.base_dir = base_dir, .getenv_fn = getenv_fn, .err = &why};
    m.spec = calloc(1, sizeof(*m.spec));
    int status = m.spec != NULL ? copy_text(&m.spec->name, name) : MOOT_ENOMEM;
    if (status == MOOT_OK && provider_model == NULL)
        provider_model = moot__json_get_text(map, "model", NULL);
    if (status == MOOT_OK)
        status = make(&m, provider_model, map);
    if (status == MOOT_OK) {
        *out = m.spec;
        return MOOT_OK;
    }
    moot__model_spec_free(m.spec);
    if (why.code == MOOT_OK)
        moot__fail(&why, status, "%s", moot__status_text(status));
    if (err != NULL)
        *err = why;
    return status;
}
