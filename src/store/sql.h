// One connection to the catalogue, and the edge where SQLite's exceptions become errors. Internal to this
// module: the only header that includes SQLiteCpp, for .cc files only.
#pragma once

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "base/time.h"

namespace passerby::store {

Error sql_error(const SQLite::Exception&, const std::filesystem::path& file);

// Thread-safe: one caller at a time, in the order of a mutex.
class Sql {
  public:
    // The mode is OPEN_READONLY or OPEN_READWRITE | OPEN_CREATE. Throws.
    Sql(std::filesystem::path file, int mode) : file_{std::move(file)}, database_{file_.string(), mode} {}

    // Runs work(database) and gives what it returns, as a Result. The work may throw what SQLite throws; a
    // Transaction in it is rolled back then.
    template <class Work>
    auto run(Work work) -> Result<std::invoke_result_t<Work, SQLite::Database&>> {
        const std::lock_guard lock{mutex_};
        try {
            if constexpr (std::is_void_v<std::invoke_result_t<Work, SQLite::Database&>>) {
                work(database_);
                return {};
            } else {
                return work(database_);
            }
        } catch (const SQLite::Exception& e) {
            return tl::unexpected{sql_error(e, file_)};
        }
    }

  private:
    const std::filesystem::path file_;
    std::mutex mutex_;
    SQLite::Database database_;  // guarded by mutex_
};

// What a column holds. Times lie within 36,000 years, whatever somebody wrote there: no sum of a few
// overflows.
inline Micros micros(const SQLite::Column& c) {
    constexpr std::int64_t kFarthest = std::int64_t{1} << 60;
    return Micros{std::clamp<std::int64_t>(c.getInt64(), -kFarthest, kFarthest)};
}
inline WallTime wall(const SQLite::Column& c) {
    return {micros(c)};
}
inline std::string blob(const SQLite::Column& c) {
    return {static_cast<const char*>(c.getBlob()), static_cast<std::size_t>(c.getBytes())};
}

// Binds the values to ?1, ?2, … of a new statement.
template <class... Values>
SQLite::Statement statement(SQLite::Database& database, const char* sql, const Values&... values) {
    SQLite::Statement s{database, sql};
    int index = 0;
    (s.bind(++index, values), ...);
    return s;
}

template <class... Values>
int execute(SQLite::Database& database, const char* sql, const Values&... values) {
    return statement(database, sql, values...).exec();
}

}  // namespace passerby::store
