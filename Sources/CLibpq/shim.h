#pragma once
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

// Declared here instead of including dlfcn.h: system headers in this module clash with those of other C modules.
extern void *dlsym(void *handle, const char *name);

// Macros of character literals aren't imported into Swift.
enum {
    OUTPACE_PG_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    OUTPACE_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE,
    OUTPACE_PG_DIAG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    OUTPACE_PG_DIAG_DETAIL = PG_DIAG_MESSAGE_DETAIL,
    OUTPACE_PG_DIAG_HINT = PG_DIAG_MESSAGE_HINT,
    OUTPACE_PG_DIAG_POSITION = PG_DIAG_STATEMENT_POSITION,
    OUTPACE_PG_DIAG_SCHEMA = PG_DIAG_SCHEMA_NAME,
    OUTPACE_PG_DIAG_TABLE = PG_DIAG_TABLE_NAME,
    OUTPACE_PG_DIAG_COLUMN = PG_DIAG_COLUMN_NAME,
    OUTPACE_PG_DIAG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME
};

/// Bytes that OpenSSL has decrypted and libpq has not read: the socket won't turn readable for them. Looked up at run
/// time, since only libpq links libssl.
static inline int outpace_pq_tls_pending(PGconn *connection) {
    typedef int (*pending_function)(const void *);
    static pending_function pending;
    static int looked;
    if (!looked) {
        pending = (pending_function)dlsym((void *)0 /* RTLD_DEFAULT */, "SSL_pending");
        looked = 1;
    }
    void *tls = PQsslStruct(connection, "OpenSSL");
    return tls && pending ? pending(tls) : 0;
}
