#include "store/openings.h"

#include <algorithm>

#include "store/catalogue.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr const char* kSelect =
    "SELECT id, camera, start, end, made, expires, user, needed, request, opened FROM opening ";

std::vector<Opening> openings_of(Database& db, SQLite::Statement row) {
    std::vector<Opening> found;
    while (row.executeStep()) {
        Opening o;
        o.id = row.getColumn(0).getString();
        o.camera = row.getColumn(1).getString();
        o.start = wall(row.getColumn(2)), o.end = wall(row.getColumn(3));
        o.made = wall(row.getColumn(4)), o.expires = wall(row.getColumn(5));
        o.user = row.getColumn(6).getString();
        o.needed = row.getColumn(7).getInt();
        o.request = row.getColumn(8).getString();
        if (!row.isColumnNull(9)) o.opened = wall(row.getColumn(9));
        auto token =
            statement(db, "SELECT token FROM opening_keyholder WHERE opening = ?1 ORDER BY keyholder", o.id);
        while (token.executeStep()) o.tokens.push_back(token.getColumn(0).getString());
        auto answer = statement(db,
                                "SELECT keyholder, approved, at, shares FROM opening_keyholder "
                                "WHERE opening = ?1 AND at IS NOT NULL ORDER BY at, keyholder",
                                o.id);
        while (answer.executeStep())
            o.answers.push_back({answer.getColumn(0).getInt(), answer.getColumn(1).getInt() != 0,
                                 wall(answer.getColumn(2)), answer.getColumn(3).getString()});
        found.push_back(std::move(o));
    }
    return found;
}

}  // namespace

std::string_view name(Opening::State state) {
    switch (state) {
        case Opening::State::waiting:
            return "waiting";
        case Opening::State::approved:
            return "approved";
        case Opening::State::refused:
            return "refused";
        case Opening::State::expired:
            return "expired";
        case Opening::State::opened:
            return "opened";
    }
    return "expired";
}

int Opening::approvals() const {
    return static_cast<int>(std::ranges::count(answers, true, &Answer::approved));
}

Opening::State Opening::state(WallTime now) const {
    const int refusals = static_cast<int>(answers.size()) - approvals();
    if (static_cast<int>(tokens.size()) - refusals < needed) return State::refused;
    if (opened) return now < expires ? State::opened : State::expired;
    if (now >= expires) return State::expired;
    return approvals() >= needed ? State::approved : State::waiting;
}

Status Openings::add(const Opening& o) {
    return store_->catalogue().changes().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        execute(db,
                "INSERT INTO opening (id, camera, start, end, made, expires, user, needed, request) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                o.id, o.camera, o.start.micros(), o.end.micros(), o.made.micros(), o.expires.micros(), o.user,
                o.needed, o.request);
        int keyholder = 0;
        for (const auto& token : o.tokens)
            execute(db, "INSERT INTO opening_keyholder (opening, keyholder, token) VALUES (?1, ?2, ?3)", o.id,
                    ++keyholder, token);
        transaction.commit();
    });
}

Result<std::vector<Opening>> Openings::all(int limit) const {
    return store_->catalogue().queries().run([&](Database& db) {
        const auto sql = std::string{kSelect} + "ORDER BY made DESC, id LIMIT ?1";
        return openings_of(db, statement(db, sql.c_str(), limit));
    });
}

Result<Opening> Openings::with_id(const std::string& id) const {
    auto found = TRY(store_->catalogue().queries().run([&](Database& db) {
        return openings_of(db, statement(db, (std::string{kSelect} + "WHERE id = ?1").c_str(), id));
    }));
    if (found.empty()) return fail(ErrorKind::not_found, "there is no request {}", id);
    return std::move(found.front());
}

Status Openings::answer(const std::string& id, const Opening::Answer& a) {
    const int entered = TRY(store_->catalogue().changes().run([&](Database& db) {
        return execute(db,
                       "UPDATE opening_keyholder SET approved = ?3, at = ?4, shares = ?5 "
                       "WHERE opening = ?1 AND keyholder = ?2 AND at IS NULL",
                       id, a.keyholder, a.approved ? 1 : 0, a.at.micros(), a.shares);
    }));
    if (entered == 0)
        return fail(ErrorKind::exists, "keyholder {} has answered this request already", a.keyholder);
    return {};
}

Status Openings::set_opened(const std::string& id, WallTime at) {
    return store_->catalogue().changes().run([&](Database& db) {
        execute(db, "UPDATE opening SET opened = coalesce(opened, ?2) WHERE id = ?1", id, at.micros());
    });
}

}  // namespace passerby::store
