// libpq for Swift: the fields of an error are characters in C and numbers here.
#ifndef GUICHET_CPOSTGRESQL_SHIM_H
#define GUICHET_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

static inline const char *guichet_pg_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *guichet_pg_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

#endif
