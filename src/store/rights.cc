#include "store/rights.h"

#include <algorithm>
#include <iterator>

namespace passerby::store {

std::string_view name(Role role) {
    switch (role) {
        case Role::views:
            return "viewer";
        case Role::holds_key:
            return "keyholder";
        case Role::audits:
            return "auditor";
        case Role::operates:
            return "operator";
        case Role::administers:
            return "administrator";
    }
    return "viewer";
}

Role Roles::highest() const {
    Role found = Role::views;
    for (const auto role : kRoles)
        if (has(role)) found = role;
    return found;
}

std::string Roles::text() const {
    std::string text;
    for (const auto role : kRoles)
        if (has(role)) text += fmt::format("{}{}", text.empty() ? "" : " ", name(role));
    return text;
}

Result<Roles> Roles::parse(std::string_view text) {
    Roles roles;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        const auto* role = std::ranges::find(kRoles, word, [](Role r) { return name(r); });
        if (role == kRoles.end())
            return fail(ErrorKind::invalid,
                        "'{}' is no role; known are viewer, keyholder, auditor, operator and administrator",
                        word.substr(0, 40));
        roles.add(*role);
    }
    return roles;
}

Grant Grant::both(const Grant& other) const {
    Grant result{roles.both(other.roles), cameras ? cameras : other.cameras};
    if (cameras && other.cameras) {
        result.cameras->clear();
        std::ranges::set_intersection(*cameras, *other.cameras,
                                      std::inserter(*result.cameras, result.cameras->end()));
    }
    return result;
}

}  // namespace passerby::store
