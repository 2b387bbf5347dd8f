#include "store/sql.h"

#include <sqlite3.h>

namespace passerby::store {

namespace {

ErrorKind kind_of(int code) {
    switch (code) {
        case SQLITE_FULL:
            return ErrorKind::full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorKind::corrupt;
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return ErrorKind::denied;
        case SQLITE_IOERR:
        case SQLITE_BUSY:
            return ErrorKind::unavailable;
        default:
            return ErrorKind::internal;
    }
}

std::string_view mend(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::full:
            return "; free some space";
        case ErrorKind::corrupt:
            return "; restore it from a backup, or move it away to start anew";
        case ErrorKind::denied:
            return "; check its owner and rights";
        case ErrorKind::unavailable:
            return "; check the disk";
        default:
            return "";
    }
}

}  // namespace

Error sql_error(const SQLite::Exception& e, const std::filesystem::path& file) {
    const auto kind = kind_of(e.getErrorCode());
    return {kind, fmt::format("the catalogue '{}': {}{}", file.string(), e.what(), mend(kind))};
}

}  // namespace passerby::store
