// A Grant in two columns: `roles`, words with blanks between, and `cameras`, ids with blanks between; null:
// all. Internal to this module.
#pragma once

#include <sstream>

#include "store/rights.h"
#include "store/sql.h"

namespace passerby::store {

inline Grant grant_of(const SQLite::Column& roles, const SQLite::Column& cameras) {
    // A role that a newer passerby wrote gives no right.
    Grant grant{Roles::parse(roles.getString()).value_or(Roles{}), {}};
    if (cameras.isNull()) return grant;
    std::istringstream text{cameras.getString()};
    grant.cameras.emplace();
    for (std::string id; text >> id;) grant.cameras->insert(id);
    return grant;
}

inline void bind_grant(SQLite::Statement& s, int roles, int cameras, const Grant& grant) {
    s.bind(roles, grant.roles.text());
    if (grant.cameras) s.bind(cameras, fmt::format("{}", fmt::join(*grant.cameras, " ")));
}

}  // namespace passerby::store
