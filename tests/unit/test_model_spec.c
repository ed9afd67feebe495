#include "runtime/model.h"
#include "runtime/model_preset.h"
#include "tests/lib/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The environment of one test: "NAME=value" texts. */
static const char *const *env;

static const char *env_get(const char *name)
{
    size_t len = strlen(name);
    for (const char *const *at = env; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
            return *at + len + 1;
    }
    return NULL;
}

static struct moot_error error;

static struct moot_model_spec *make(const char *provider_model, const char *json,
                                    const char *const *with)
{
    struct moot_json *map = NULL;
    struct moot_model_spec *spec = NULL;
    env = with;
    memset(&error, 0, sizeof(error));
    if (json != NULL)
        assert_int_equal(moot__json_parse(json, strlen(json), &map, NULL), MOOT_OK);
    int status = moot__model_spec_make("m", provider_model, map, "/tmp", env_get, &spec, &error);
    moot__json_free(map);
    assert_true((status == MOOT_OK) == (spec != NULL));
    assert_true((status == MOOT_OK) == (error.message[0] == '\0'));
    return spec;
}

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_defaults(void **state)
{
    (void)state;
    struct moot_model_spec *s = make("openai/gpt-4.1-mini", NULL, ENV("OPENAI_API_KEY=sk-1"));
    assert_non_null(s);
    assert_string_equal(s->name, "m");
    assert_string_equal(s->provider, "openai");
    assert_string_equal(s->model, "gpt-4.1-mini");
    assert_string_equal(s->base_url, "https://api.openai.com/v1");
    assert_string_equal(s->key, "sk-1");
    assert_string_equal(s->key_name, "OPENAI_API_KEY");
    assert_int_equal(s->max_tokens, 4096);
    assert_int_equal(s->price.input, 400000);
    assert_false(s->no_schema || s->no_tools || s->no_stream || s->use_max_completion_tokens);
    moot__model_spec_free(s);
    s = make("openai/o3-mini", NULL, ENV("OPENAI_API_KEY=k", "OPENAI_BASE_URL=http://x/v1"));
    assert_true(s->use_max_completion_tokens);
    assert_string_equal(s->base_url, "http://x/v1");
    moot__model_spec_free(s);
    s = make("openrouter/openai/gpt-4o:free", NULL, ENV("OPENROUTER_API_KEY=k"));
    assert_string_equal(s->model, "openai/gpt-4o:free");
    moot__model_spec_free(s);
    s = make("scripted/replies.yaml", NULL, NULL);
    assert_string_equal(s->script, "/tmp/replies.yaml");
    assert_int_equal(s->price.input, 0);
    moot__model_spec_free(s);
    s = make("gemini/gemini-2.5-flash", NULL, ENV("GOOGLE_API_KEY=g"));
    assert_string_equal(s->key_name, "GOOGLE_API_KEY");
    moot__model_spec_free(s);
    moot__model_spec_free(NULL);
}

static void test_map(void **state)
{
    (void)state;
    char *path = temp_file(".key", "from-a-file\n");
    char json[1024];
    snprintf(json, sizeof(json),
             "{\"model\":\"openai/x\",\"base_url\":\"http://10.0.0.1/v1/\",\"key\":\"${file:%s}\","
             "\"temperature\":0.20,\"top_p\":1,\"max_tokens\":99,\"seed\":7,\"reasoning\":\"low\","
             "\"price\":{\"input\":0.5,\"output\":\"2\"},\"extra\":{\"a\":[1]},"
             "\"timeouts\":{\"connect\":3,\"idle\":\"500 ms\",\"total\":\"2 min\"},"
             "\"capabilities\":{\"schema\":false,\"tools\":false,\"stream\":false,"
             "\"stream_options\":false,\"max_completion_tokens\":true}}",
             path);
    struct moot_model_spec *s = make(NULL, json, NULL);
    assert_non_null(s);
    assert_string_equal(s->key, "from-a-file");
    assert_string_equal(s->temperature, "0.20");
    assert_string_equal(s->top_p, "1");
    assert_string_equal(s->reasoning, "low");
    assert_string_equal(s->extra, "{\"a\":[1]}");
    assert_int_equal(s->max_tokens, 99);
    assert_true(s->has_seed);
    assert_int_equal(s->seed, 7);
    assert_int_equal(s->price.input, 500000);
    assert_int_equal(s->price.output, 2000000);
    assert_int_equal(s->price.cached, -1);
    assert_int_equal(s->connect_ms, 3000);
    assert_int_equal(s->first_byte_ms, 0);
    assert_int_equal(s->idle_ms, 500);
    assert_int_equal(s->total_ms, 120000);
    assert_true(s->no_schema && s->no_tools && s->no_stream && s->no_stream_options &&
                s->use_max_completion_tokens);
    moot__model_spec_free(s);
    temp_file_remove(path);
    s = make("openai/x", "{\"key\":\"${env:MINE}\"}", ENV("MINE=secret", "OPENAI_API_KEY=other"));
    assert_string_equal(s->key, "secret");
    assert_string_equal(s->key_name, "MINE");
    moot__model_spec_free(s);
    /* somebody's own server in a provider's place needs no key */
    s = make("openai/x", "{\"base_url\":\"http://127.0.0.1:9/v1\"}", NULL);
    assert_non_null(s);
    assert_null(s->key);
    moot__model_spec_free(s);
}

static void test_ollama_host(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *url;
    } cases[] = {
        {"", "http://127.0.0.1:11434/v1"},
        {"0.0.0.0", "http://127.0.0.1:11434/v1"},
        {"0.0.0.0:8000", "http://127.0.0.1:8000/v1"},
        {":8000", "http://127.0.0.1:8000/v1"},
        {"gpu-box", "http://gpu-box:11434/v1"},
        {"gpu-box:99", "http://gpu-box:99/v1"},
        {"http://gpu-box:99/", "http://gpu-box:99/v1"},
        {"https://ollama.example", "https://ollama.example/v1"},
        {"https://example.org/llm/", "https://example.org/llm/v1"},
        {"http://gpu-box:99/v1", "http://gpu-box:99/v1"},
        {"[::]:5", "http://[::1]:5/v1"},
        {"[fd00::2]", "http://[fd00::2]:11434/v1"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char text[128];
        snprintf(text, sizeof(text), "OLLAMA_HOST=%s", cases[i].host);
        struct moot_model_spec *s = make("ollama/llama3.2", NULL, ENV(text));
        assert_non_null(s);
        assert_string_equal(s->base_url, cases[i].url);
        moot__model_spec_free(s);
    }
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        const char *map;
        const char *message;
        const char *hint;
    } cases[] = {
        {"openai/gpt-4.1-mini", NULL, "no key for openai/gpt-4.1-mini: set OPENAI_API_KEY",
         "export OPENAI_API_KEY"},
        {"gemini/x", NULL, "set GEMINI_API_KEY or GOOGLE_API_KEY", ""},
        {"gpt-4.1", NULL, "'gpt-4.1' names no provider and model", "provider/model"},
        {"openai/", NULL, "names no provider", ""},
        {"opnai/x", NULL, "no provider 'opnai'", "did you mean 'openai'?"},
        {"zzzzzzzz/x", NULL, "no provider 'zzzzzzzz'", "ollama"},
        {NULL, "{}", "has no `model`", ""},
        {"litellm/x", NULL, "no address of its own", "LITELLM_BASE_URL"},
        {"ollama/x", "{\"key\":\"sk-12345\"}", "stands in the crew file", "${env:NAME}"},
        {"ollama/x", "{\"key\":\"${env:NOPE}\"}", "set NOPE", ""},
        {"ollama/x", "{\"key\":\"${file:/no/such}\"}", "/no/such", ""},
        {"ollama/x", "{\"temperature\":\"hot\"}", "temperature of model 'm' is no number", ""},
        {"ollama/x", "{\"max_tokens\":0}", "max_tokens", ""},
        {"ollama/x", "{\"price\":{\"input\":\"much\"}}", "price.input", ""},
        {"ollama/x", "{\"timeouts\":{\"idle\":\"long\"}}", "timeouts.idle", "seconds"},
        {"ollama/x", "{\"timeouts\":{\"idle\":0}}", "timeouts.idle", ""},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        assert_null(make(cases[i].model, cases[i].map, NULL));
        if (strstr(error.message, cases[i].message) == NULL ||
            strstr(error.hint, cases[i].hint) == NULL)
            fail_msg("%zu: '%s' '%s'", i, error.message, error.hint);
        assert_null(strstr(error.message, "12345"));
    }
}

static void test_every_preset(void **state)
{
    (void)state;
    for (size_t i = 0; moot__preset_at(i) != NULL; i++) {
        const struct moot_preset *p = moot__preset_at(i);
        assert_ptr_equal(moot__preset_find(p->name), p);
        char model[64];
        snprintf(model, sizeof(model), "%s/x", p->name);
        char key[64];
        snprintf(key, sizeof(key), "%s=k", p->key_envs[0] != NULL ? p->key_envs[0] : "NONE");
        struct moot_model_spec *s = make(model, "{\"base_url\":\"http://h/v1\"}", ENV(key));
        assert_non_null(s);
        assert_true((s->key != NULL) == (p->key_envs[0] != NULL));
        moot__model_spec_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_map),
        cmocka_unit_test(test_ollama_host),  cmocka_unit_test(test_errors),
        cmocka_unit_test(test_every_preset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
