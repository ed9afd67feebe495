#include "runtime/journal.h"

#include "runtime/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x6d6f6f74,   /* "moot" */
    CHECKPOINT_PAGES = 1024,       /* 4 MiB of pages of 4 KiB in the log */
    BATCH = 64,                    /* messages read in one short transaction, */
    BATCH_BYTES = 4 * 1024 * 1024, /* or fewer large ones */
    BUSY_MS = 5000,
};

/* What a journal file holds, word for word: a file that says anything else is not opened, so that
 * no view or trigger of a stranger ever runs. */
static const struct {
    const char *type;
    const char *name;
    const char *sql;
} SCHEMA[] = {
    {"table", "message",
     "CREATE TABLE message (seq INTEGER PRIMARY KEY CHECK (seq >= 0), n INTEGER NOT NULL,"
     " statement TEXT NOT NULL, sig BLOB CHECK (length(sig) = 64), path TEXT,"
     " link BLOB NOT NULL CHECK (length(link) = 32)) STRICT"},
    {"table", "body",
     "CREATE TABLE body (seq INTEGER PRIMARY KEY, salt BLOB NOT NULL CHECK (length(salt) = 16),"
     " body TEXT NOT NULL) STRICT"},
    {"table", "anchor",
     "CREATE TABLE anchor (seq INTEGER NOT NULL, run TEXT NOT NULL, link BLOB NOT NULL,"
     " kid TEXT NOT NULL, sig BLOB NOT NULL) STRICT"},
    {"index", "anchor_seq", "CREATE INDEX anchor_seq ON anchor (seq)"},
    {"trigger", "message_insert",
     "CREATE TRIGGER message_insert BEFORE INSERT ON message"
     " WHEN NEW.seq <> (SELECT ifnull(max(seq), -1) + 1 FROM message)"
     " BEGIN SELECT raise(ABORT, 'messages are appended without gaps'); END"},
    {"trigger", "message_update",
     "CREATE TRIGGER message_update BEFORE UPDATE ON message"
     " BEGIN SELECT raise(ABORT, 'messages do not change'); END"},
    {"trigger", "message_delete",
     "CREATE TRIGGER message_delete BEFORE DELETE ON message"
     " BEGIN SELECT raise(ABORT, 'messages are not deleted'); END"},
    {"trigger", "body_update",
     "CREATE TRIGGER body_update BEFORE UPDATE ON body"
     " BEGIN SELECT raise(ABORT, 'bodies do not change'); END"},
    {"trigger", "anchor_update",
     "CREATE TRIGGER anchor_update BEFORE UPDATE ON anchor"
     " BEGIN SELECT raise(ABORT, 'anchors do not change'); END"},
    {"trigger", "anchor_delete",
     "CREATE TRIGGER anchor_delete BEFORE DELETE ON anchor"
     " BEGIN SELECT raise(ABORT, 'anchors are not deleted'); END"},
};

enum { INSERT_MESSAGE, INSERT_BODY, INSERT_ANCHOR, DELETE_BODY, SELECT_MESSAGES, STATEMENTS };

static const char *const SQL[STATEMENTS] = {
    [INSERT_MESSAGE] = "INSERT INTO message (seq, n, statement, sig, path, link)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_BODY] = "INSERT INTO body (seq, salt, body) VALUES (?, ?, ?)",
    [INSERT_ANCHOR] = "INSERT INTO anchor (seq, run, link, kid, sig) VALUES (?, ?, ?, ?, ?)",
    [DELETE_BODY] = "DELETE FROM body WHERE seq = ?",
    [SELECT_MESSAGES] = "SELECT m.seq, m.n, m.statement, m.sig, m.path, m.link, b.salt, b.body"
                        " FROM message m LEFT JOIN body b ON b.seq = m.seq"
                        " WHERE m.seq BETWEEN ? AND ? ORDER BY m.seq",
};

struct moot_journal {
    char *path;
    enum moot_journal_mode mode;
    bool real; /* on the system's own files: lock, folders, network check */
    int lock;  /* -1: none */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    bool open;     /* a transaction is */
    bool failed;   /* what memory knows and what the file holds may differ: nothing more is done */
    int log_pages; /* in the write-ahead log at the last commit */
    int checked_pages; /* then, when a checkpoint was last tried */
    int64_t seq;
    uint8_t link[MOOT_HASH_SIZE];
    int64_t anchored;
};

/* ---- errors ---- */

static int journal_fail(struct moot_journal *j, const char *verb, struct moot_error *err)
{
    int code = j->db != NULL ? sqlite3_errcode(j->db) & 0xff : SQLITE_NOMEM;
    int why = j->db != NULL ? sqlite3_system_errno(j->db) : 0;
    const char *text = j->db != NULL ? sqlite3_errmsg(j->db) : "out of memory";
    switch (code) {
    case SQLITE_NOMEM:
        return moot__fail(err, MOOT_ENOMEM, "%s cannot be %s: out of memory", j->path, verb);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return moot__fail(err, MOOT_EMALFORMED, "%s is damaged or no journal: %s", j->path, text);
    case SQLITE_FULL:
        moot__fail(err, MOOT_EIO, "%s cannot be %s: the disk is full", j->path, verb);
        moot__fail_hint(err, "make room on that disk, then: moot resume");
        return MOOT_EIO;
    case SQLITE_BUSY:
        return moot__fail(err, MOOT_EBUSY, "%s cannot be %s: another process holds it", j->path,
                          verb);
    default:
        break;
    }
    if (why != 0)
        moot__fail(err, MOOT_EIO, "%s cannot be %s: %s", j->path, verb, strerror(why));
    else
        moot__fail(err, MOOT_EIO, "%s cannot be %s: %s", j->path, verb, text);
    if (why == ENOSPC || why == EDQUOT)
        moot__fail_hint(err, "make room on that disk, then: moot resume");
    return MOOT_EIO;
}

/* A failed write is never tried again as if the pages were clean. */
static int journal_give_up(struct moot_journal *j, const char *verb, struct moot_error *err)
{
    int status = journal_fail(j, verb, err);
    j->failed = true;
    if (sqlite3_get_autocommit(j->db) == 0)
        sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
    j->open = false;
    return status;
}

static int journal_refuse_failed(const struct moot_journal *j, struct moot_error *err)
{
    return moot__fail(err, MOOT_EIO, "%s is not written any more after an earlier failure",
                      j->path);
}

static bool run_sql(struct moot_journal *j, const char *sql)
{
    return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The first column of the first row as an integer; `absent` if there is none. */
static bool query_int(struct moot_journal *j, const char *sql, int64_t absent, int64_t *out)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) != SQLITE_OK)
        return false;
    int step = sqlite3_step(s);
    *out = step == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL
               ? sqlite3_column_int64(s, 0)
               : absent;
    return sqlite3_finalize(s) == SQLITE_OK;
}

/* ---- opening ---- */

static int on_log(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct moot_journal *j = arg;
    j->log_pages = pages;
    return SQLITE_OK;
}

/* A journal in a folder that we may not write, without a log beside it, can be read as it is. */
static int open_immutable(struct moot_journal *j)
{
    static const char plain[] =
        "/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char log[PATH_MAX + 8];
    snprintf(log, sizeof(log), "%s-wal", j->path);
    if (access(log, F_OK) == 0)
        return SQLITE_CANTOPEN;
    struct moot_buf uri;
    moot__buf_init(&uri, 4 * PATH_MAX);
    moot__buf_adds(&uri, "file:");
    for (const char *c = j->path; *c != '\0'; c++)
        moot__buf_addf(&uri, strchr(plain, *c) != NULL ? "%c" : "%%%02X", (unsigned char)*c);
    moot__buf_adds(&uri, "?immutable=1");
    sqlite3_close(j->db);
    j->db = NULL;
    int code =
        sqlite3_open_v2(moot__buf_text(&uri), &j->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    moot__buf_release(&uri);
    return code;
}

static int open_database(struct moot_journal *j, const char *vfs, struct moot_error *err)
{
    int flags = j->mode == MOOT_JOURNAL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (j->mode == MOOT_JOURNAL_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    int64_t ignored = 0;
    /* One thread uses it, so SQLite need not lock it. */
    flags |= SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(j->path, &j->db, flags, vfs);
    if (code == SQLITE_OK && j->mode == MOOT_JOURNAL_READ && j->real &&
        !query_int(j, "PRAGMA schema_version", 0, &ignored)) {
        code = sqlite3_errcode(j->db) & 0xff;
        if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)
            code = open_immutable(j);
        else
            return journal_fail(j, "read", err);
    }
    if (code != SQLITE_OK)
        return journal_fail(j, "opened", err);
    sqlite3_busy_timeout(j->db, BUSY_MS);
    /* The file may come from anybody. */
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(j->db, SQLITE_LIMIT_LENGTH, MOOT_MAX_JSON);
    bool ok = run_sql(j, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY");
    return ok ? MOOT_OK : journal_fail(j, "opened", err);
}

static int set_up_writer(struct moot_journal *j, struct moot_error *err)
{
    /* Without shared memory the log can be used by one connection alone. */
    if (!j->real && !run_sql(j, "PRAGMA locking_mode=EXCLUSIVE"))
        return journal_fail(j, "opened", err);
    /* A file that holds nothing yet has nothing to roll back to. */
    if (j->mode == MOOT_JOURNAL_CREATE && !run_sql(j, "PRAGMA journal_mode=MEMORY"))
        return journal_fail(j, "opened", err);
    if (!run_sql(j, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
                    "PRAGMA wal_autocheckpoint=0"))
        return journal_fail(j, "opened", err);
    sqlite3_wal_hook(j->db, on_log, j);
    int64_t is_wal = 0;
    if (!query_int(j, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 0, &is_wal))
        return journal_fail(j, "opened", err);
    if (j->real && !is_wal)
        return moot__fail(err, MOOT_EUNSUPPORTED, "%s: this disk does not allow a write-ahead log",
                          j->path);
    return MOOT_OK;
}

static int create_schema(struct moot_journal *j, struct moot_error *err)
{
    char pragmas[100];
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id=%d; PRAGMA user_version=%d",
             APPLICATION_ID, MOOT_JOURNAL_FORMAT);
    bool ok = run_sql(j, "BEGIN IMMEDIATE") && run_sql(j, pragmas);
    for (size_t i = 0; i < MOOT_COUNT(SCHEMA) && ok; i++)
        ok = run_sql(j, SCHEMA[i].sql);
    return ok && run_sql(j, "COMMIT") ? MOOT_OK : journal_give_up(j, "made", err);
}

static bool schema_knows(const char *type, const char *name, const char *sql)
{
    for (size_t i = 0; i < MOOT_COUNT(SCHEMA); i++)
        if (strcmp(SCHEMA[i].name, name) == 0)
            return strcmp(SCHEMA[i].type, type) == 0 && strcmp(SCHEMA[i].sql, sql) == 0;
    return false;
}

static int check_schema(struct moot_journal *j, struct moot_error *err)
{
    int64_t id = 0;
    int64_t format = 0;
    if (!query_int(j, "PRAGMA application_id", 0, &id) ||
        !query_int(j, "PRAGMA user_version", 0, &format))
        return journal_fail(j, "read", err);
    if (id != APPLICATION_ID)
        return moot__fail(err, MOOT_EMALFORMED, "%s is not a journal", j->path);
    if (format != MOOT_JOURNAL_FORMAT) {
        moot__fail(err, MOOT_EVERSION, "%s has format %lld, and this program knows format %d",
                   j->path, (long long)format, MOOT_JOURNAL_FORMAT);
        moot__fail_hint(err, "use a newer moot");
        return MOOT_EVERSION;
    }
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(j->db, "SELECT type, name, sql FROM sqlite_schema", -1, &s, NULL) !=
        SQLITE_OK)
        return journal_fail(j, "read", err);
    size_t known = 0;
    bool strange = false;
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(s, 0);
        const char *name = (const char *)sqlite3_column_text(s, 1);
        const char *sql = (const char *)sqlite3_column_text(s, 2);
        bool knows = type != NULL && name != NULL && sql != NULL && schema_knows(type, name, sql);
        known += knows ? 1 : 0;
        strange = strange || !knows;
    }
    if (sqlite3_finalize(s) != SQLITE_OK)
        return journal_fail(j, "read", err);
    if (strange || known != MOOT_COUNT(SCHEMA))
        return moot__fail(err, MOOT_EMALFORMED, "%s does not hold what a journal holds", j->path);
    return MOOT_OK;
}

/* Where the chain ends and what its newest anchor is. */
static int load_end(struct moot_journal *j, struct moot_error *err)
{
    sqlite3_stmt *s = NULL;
    if (!query_int(j, "SELECT max(seq) FROM anchor", -1, &j->anchored) ||
        sqlite3_prepare_v2(j->db, "SELECT seq, link FROM message ORDER BY seq DESC LIMIT 1", -1, &s,
                           NULL) != SQLITE_OK)
        return journal_fail(j, "read", err);
    bool wrong = false;
    if (sqlite3_step(s) == SQLITE_ROW) {
        j->seq = sqlite3_column_int64(s, 0);
        wrong = sqlite3_column_bytes(s, 1) != MOOT_HASH_SIZE;
        if (!wrong)
            memcpy(j->link, sqlite3_column_blob(s, 1), MOOT_HASH_SIZE);
    }
    if (sqlite3_finalize(s) != SQLITE_OK)
        return journal_fail(j, "read", err);
    return wrong ? moot__fail(err, MOOT_EMALFORMED, "%s: the newest link is damaged", j->path)
                 : MOOT_OK;
}

static int prepare_statements(struct moot_journal *j, struct moot_error *err)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (j->mode == MOOT_JOURNAL_READ && i != SELECT_MESSAGES)
            continue;
        if (sqlite3_prepare_v3(j->db, SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &j->statements[i],
                               NULL) != SQLITE_OK)
            return journal_fail(j, "read", err);
    }
    return MOOT_OK;
}

static int journal_start(struct moot_journal *j, const char *vfs, struct moot_error *err)
{
    int status = open_database(j, vfs, err);
    if (status == MOOT_OK && j->mode == MOOT_JOURNAL_WRITE)
        status = check_schema(j, err); /* before anything is written to a strange file */
    if (status == MOOT_OK && j->mode != MOOT_JOURNAL_READ)
        status = set_up_writer(j, err);
    if (status == MOOT_OK && j->mode == MOOT_JOURNAL_CREATE)
        status = create_schema(j, err);
    if (status == MOOT_OK)
        status = check_schema(j, err);
    if (status == MOOT_OK)
        status = load_end(j, err);
    return status == MOOT_OK ? prepare_statements(j, err) : status;
}

int moot__journal_open(const char *path, enum moot_journal_mode mode, const char *vfs,
                       struct moot_journal **out, struct moot_error *err)
{
    struct moot_journal *j = calloc(1, sizeof(*j));
    if (j == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    j->mode = mode;
    j->real = vfs == NULL;
    j->lock = -1;
    j->seq = -1;
    j->anchored = -1;
    j->path = moot__copy(path, strlen(path));
    int status = j->path != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK && j->real)
        status = moot__lock_place(path, mode == MOOT_JOURNAL_CREATE, mode != MOOT_JOURNAL_READ,
                                  &j->lock, err);
    bool made = status == MOOT_OK && mode == MOOT_JOURNAL_CREATE && j->real;
    if (status == MOOT_OK)
        status = journal_start(j, vfs, err);
    if (status == MOOT_OK) {
        *out = j;
        return MOOT_OK;
    }
    moot__journal_close(j);
    if (made) /* what we could not finish making is not left behind */
        unlink(path);
    return status;
}

void moot__journal_close(struct moot_journal *j)
{
    if (j == NULL)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(j->statements[i]);
    if (j->db != NULL && sqlite3_get_autocommit(j->db) == 0)
        run_sql(j, "ROLLBACK");
    if (j->db != NULL && j->mode != MOOT_JOURNAL_READ && !j->failed)
        sqlite3_wal_checkpoint_v2(j->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close(j->db);
    if (j->lock >= 0)
        close(j->lock);
    free(j->path);
    free(j);
}

bool moot__journal_is_file(const char *path)
{
    static const char head[16] = "SQLite format 3"; /* with its NUL */
    char read_head[sizeof(head)];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, read_head, sizeof(read_head));
    close(fd);
    return got == (ssize_t)sizeof(head) && memcmp(head, read_head, sizeof(head)) == 0;
}

/* ---- writing ---- */

static bool begin(struct moot_journal *j)
{
    if (!j->open)
        j->open = run_sql(j, "BEGIN IMMEDIATE");
    return j->open;
}

/* Runs a statement that was bound; its bindings are gone then. */
static bool finish(sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    ok = sqlite3_reset(s) == SQLITE_OK && ok;
    sqlite3_clear_bindings(s);
    return ok;
}

static bool insert_message(struct moot_journal *j, const struct moot_message *m,
                           const struct moot_buf *path)
{
    sqlite3_stmt *s = j->statements[INSERT_MESSAGE];
    sqlite3_bind_int64(s, 1, m->seq);
    sqlite3_bind_int64(s, 2, m->n);
    sqlite3_bind_text(s, 3, m->statement->data, (int)m->statement->len, SQLITE_STATIC);
    if (m->has_sig)
        sqlite3_bind_blob(s, 4, m->sig, MOOT_SIG_SIZE, SQLITE_STATIC);
    if (m->path.of > 0)
        sqlite3_bind_text(s, 5, path->data, (int)path->len, SQLITE_STATIC);
    sqlite3_bind_blob(s, 6, m->link, MOOT_HASH_SIZE, SQLITE_STATIC);
    if (!finish(s))
        return false;
    if (m->body_bytes == NULL) /* taken over from another journal, where it was redacted */
        return true;
    s = j->statements[INSERT_BODY];
    sqlite3_bind_int64(s, 1, m->seq);
    sqlite3_bind_blob(s, 2, m->salt, MOOT_SALT_SIZE, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, m->body_bytes->data, (int)m->body_bytes->len, SQLITE_STATIC);
    return finish(s);
}

int moot__journal_append(struct moot_journal *j, struct moot_message *m, struct moot_error *err)
{
    MOOT_ASSERT(j->mode != MOOT_JOURNAL_READ);
    MOOT_ASSERT(m->statement != NULL && m->n > 0);
    if (j->failed)
        return journal_refuse_failed(j, err);
    struct moot_buf path;
    moot__buf_init(&path, MOOT_MAX_STATEMENT);
    int status = moot__merkle_path_write(&m->path, &path);
    if (status != MOOT_OK)
        return moot__fail(err, status, "out of memory");
    m->seq = j->seq + 1;
    moot__message_link(m, j->link, m->link);
    if (begin(j) && insert_message(j, m, &path)) {
        j->seq = m->seq;
        memcpy(j->link, m->link, MOOT_HASH_SIZE);
    } else {
        status = journal_give_up(j, "written", err);
        m->seq = -1;
    }
    moot__buf_release(&path);
    return status;
}

int moot__journal_anchor(struct moot_journal *j, const struct moot_anchor *a,
                         struct moot_error *err)
{
    MOOT_ASSERT(j->mode != MOOT_JOURNAL_READ);
    if (j->failed)
        return journal_refuse_failed(j, err);
    if (a->seq != j->seq || memcmp(a->link, j->link, MOOT_HASH_SIZE) != 0)
        return moot__fail(err, MOOT_EINVAL, "the anchor is not over the newest link");
    if (j->anchored == a->seq)
        return MOOT_OK;
    sqlite3_stmt *s = j->statements[INSERT_ANCHOR];
    if (begin(j)) {
        sqlite3_bind_int64(s, 1, a->seq);
        sqlite3_bind_text(s, 2, a->run, -1, SQLITE_STATIC);
        sqlite3_bind_blob(s, 3, a->link, MOOT_HASH_SIZE, SQLITE_STATIC);
        sqlite3_bind_text(s, 4, a->kid, -1, SQLITE_STATIC);
        sqlite3_bind_blob(s, 5, a->sig, MOOT_SIG_SIZE, SQLITE_STATIC);
        if (finish(s)) {
            j->anchored = a->seq;
            return MOOT_OK;
        }
    }
    return journal_give_up(j, "written", err);
}

/* Syncs the log. Under NORMAL a commit does not, and whether one must is known only at its end,
 * when SQLite no longer lets the setting be changed. */
static bool sync_log(struct moot_journal *j)
{
    sqlite3_file *log = NULL;
    if (sqlite3_file_control(j->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
        return false;
    if (log == NULL || log->pMethods == NULL) /* a VFS without a log: COMMIT has synced */
        return true;
    return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* Moves the log into the file without waiting for readers; what stays is moved a later time. */
static void checkpoint(struct moot_journal *j)
{
    if (j->log_pages < j->checked_pages) /* the log began again from its start */
        j->checked_pages = 0;
    if (j->log_pages - j->checked_pages < CHECKPOINT_PAGES)
        return;
    j->checked_pages = j->log_pages;
    sqlite3_wal_checkpoint_v2(j->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int journal_commit(struct moot_journal *j, bool full, struct moot_error *err)
{
    if (j->failed)
        return journal_refuse_failed(j, err);
    if (j->open && !run_sql(j, "COMMIT"))
        return journal_give_up(j, "written", err);
    j->open = false;
    if (full && !sync_log(j)) {
        j->failed = true;
        return moot__fail(err, MOOT_EIO, "%s cannot be written to the disk: %s", j->path,
                          strerror(errno));
    }
    checkpoint(j);
    return MOOT_OK;
}

int moot__journal_commit(struct moot_journal *j, bool full, void (*done)(void *arg, int status),
                         void *arg, struct moot_error *err)
{
    MOOT_ASSERT(j->mode != MOOT_JOURNAL_READ);
    int status = journal_commit(j, full, err);
    if (done != NULL)
        done(arg, status);
    return status;
}

int moot__journal_redact(struct moot_journal *j, const int64_t *seqs, size_t count,
                         struct moot_error *err)
{
    MOOT_ASSERT(j->mode != MOOT_JOURNAL_READ);
    if (j->failed)
        return journal_refuse_failed(j, err);
    sqlite3_stmt *s = j->statements[DELETE_BODY];
    for (size_t i = 0; i < count; i++)
        if (seqs[i] < 0 || seqs[i] > j->seq)
            return moot__fail(err, MOOT_EINVAL, "there is no message %lld", (long long)seqs[i]);
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(s, 1, seqs[i]);
        if (!begin(j) || !finish(s))
            return journal_give_up(j, "written", err);
    }
    int status = journal_commit(j, true, err);
    if (status != MOOT_OK)
        return status;
    /* The log still holds the deleted text, and freed pages may: both are written anew. */
    if (!run_sql(j, "PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"))
        return journal_fail(j, "cleared of the removed text", err);
    j->checked_pages = 0;
    return MOOT_OK;
}

/* ---- reading ---- */

bool moot__journal_whole(struct moot_journal *j)
{
    int64_t missing = 0;
    return !query_int(j, "SELECT (SELECT count(*) FROM message) - (SELECT count(*) FROM body)", 0,
                      &missing) ||
           missing == 0;
}

int64_t moot__journal_seq(const struct moot_journal *j)
{
    return j->seq;
}

const uint8_t *moot__journal_link(const struct moot_journal *j)
{
    return j->link;
}

int64_t moot__journal_anchored(const struct moot_journal *j)
{
    return j->anchored;
}

const char *moot__journal_path(const struct moot_journal *j)
{
    return j->path;
}

/* A column's bytes if there are exactly `size` of them. */
static bool read_blob(sqlite3_stmt *s, int column, void *out, int size)
{
    if (sqlite3_column_bytes(s, column) != size)
        return false;
    memcpy(out, sqlite3_column_blob(s, column), (size_t)size);
    return true;
}

static const char *read_text(sqlite3_stmt *s, int column, size_t *len)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    *len = (size_t)sqlite3_column_bytes(s, column);
    return text;
}

static int read_proof(sqlite3_stmt *s, struct moot_message *m, struct moot_error *err)
{
    int64_t n = sqlite3_column_int64(s, 1);
    if (n < 1 || n > UINT32_MAX || (m->nonce == NULL && n != m->n))
        return moot__fail(err, MOOT_EMALFORMED, "its count is not the statement's");
    m->n = (uint32_t)n;
    m->seq = sqlite3_column_int64(s, 0);
    m->has_sig = sqlite3_column_type(s, 3) != SQLITE_NULL;
    if (!read_blob(s, 5, m->link, MOOT_HASH_SIZE) ||
        (m->has_sig && !read_blob(s, 3, m->sig, MOOT_SIG_SIZE)))
        return moot__fail(err, MOOT_EMALFORMED, "its link or signature has another length");
    if (sqlite3_column_type(s, 4) == SQLITE_NULL)
        return MOOT_OK;
    if (!m->has_sig)
        return moot__fail(err, MOOT_EMALFORMED, "it has a path and no signature");
    size_t len = 0;
    const char *path = read_text(s, 4, &len);
    if (path == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return moot__merkle_path_parse(path, len, &m->path, err);
}

static int read_row(sqlite3_stmt *s, struct moot_message **out, struct moot_error *err)
{
    size_t len = 0;
    const char *statement = read_text(s, 2, &len);
    if (statement == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    struct moot_message *m = NULL;
    int status = moot__message_parse(statement, len, &m, err);
    if (status != MOOT_OK)
        return status;
    status = read_proof(s, m, err);
    if (status == MOOT_OK && sqlite3_column_type(s, 7) != SQLITE_NULL) {
        uint8_t salt[MOOT_SALT_SIZE];
        const char *body = read_text(s, 7, &len);
        if (body == NULL)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
        else if (!read_blob(s, 6, salt, MOOT_SALT_SIZE))
            status = moot__fail(err, MOOT_EMALFORMED, "its salt has another length");
        else
            status = moot__message_put_body(m, body, len, salt, err);
    }
    if (status == MOOT_OK)
        *out = m;
    else
        moot__message_unref(m);
    return status;
}

/* Reads some messages in one transaction; those before a damaged one are given all the same. */
static int read_batch(struct moot_journal *j, int64_t seq, int64_t last,
                      struct moot_message **batch, size_t *count, struct moot_error *err)
{
    sqlite3_stmt *s = j->statements[SELECT_MESSAGES];
    sqlite3_bind_int64(s, 1, seq);
    sqlite3_bind_int64(s, 2, last);
    size_t bytes = 0;
    int status = MOOT_OK;
    int step = SQLITE_ROW;
    for (*count = 0; *count < BATCH && bytes < BATCH_BYTES && status == MOOT_OK;) {
        step = sqlite3_step(s);
        if (step != SQLITE_ROW)
            break;
        int64_t at = sqlite3_column_int64(s, 0);
        bytes += (size_t)sqlite3_column_bytes(s, 7);
        status = read_row(s, &batch[*count], err);
        if (status == MOOT_OK)
            *count += 1;
        else
            moot__fail_wrap(err, "%s: message %lld", j->path, (long long)at);
    }
    if (status == MOOT_OK && step != SQLITE_ROW && step != SQLITE_DONE)
        status = journal_fail(j, "read", err);
    sqlite3_reset(s);
    return status;
}

int moot__journal_each(struct moot_journal *j, int64_t seq,
                       int (*each)(void *arg, struct moot_message *m), void *arg,
                       struct moot_error *err)
{
    /* What `each` may append is not read again. */
    int64_t last = j->mode == MOOT_JOURNAL_READ ? INT64_MAX : j->seq;
    size_t count = 1;
    int status = MOOT_OK;
    while (status == MOOT_OK && count > 0) {
        struct moot_message *batch[BATCH];
        int read_status = read_batch(j, seq, last, batch, &count, err);
        for (size_t i = 0; i < count; i++) {
            if (status == MOOT_OK)
                status = each(arg, batch[i]);
            seq = batch[i]->seq + 1;
            moot__message_unref(batch[i]);
        }
        if (status == MOOT_OK)
            status = read_status;
    }
    return status;
}

static int read_anchor(sqlite3_stmt *s, struct moot_anchor *a)
{
    memset(a, 0, sizeof(*a));
    a->seq = sqlite3_column_int64(s, 0);
    bool good =
        read_blob(s, 1, a->run, sizeof(a->run) - 1) && read_blob(s, 2, a->link, MOOT_HASH_SIZE) &&
        read_blob(s, 3, a->kid, sizeof(a->kid) - 1) && read_blob(s, 4, a->sig, MOOT_SIG_SIZE);
    return good ? MOOT_OK : MOOT_EMALFORMED;
}

int moot__journal_each_anchor(struct moot_journal *j,
                              int (*each)(void *arg, const struct moot_anchor *a), void *arg,
                              struct moot_error *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(j->db, "SELECT seq, run, link, kid, sig FROM anchor ORDER BY seq, rowid",
                           -1, &s, NULL) != SQLITE_OK)
        return journal_fail(j, "read", err);
    int status = MOOT_OK;
    int step = SQLITE_DONE;
    while (status == MOOT_OK && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct moot_anchor a;
        status = read_anchor(s, &a);
        if (status != MOOT_OK)
            moot__fail(err, status, "%s: the anchor at %lld is not in its form", j->path,
                       (long long)a.seq);
        else
            status = each(arg, &a);
    }
    if (status == MOOT_OK && step != SQLITE_DONE)
        status = journal_fail(j, "read", err);
    sqlite3_finalize(s);
    return status;
}
