#include "store/users.h"

#include <algorithm>
#include <functional>

#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/grant_columns.h"
#include "store/passwords.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr std::size_t kSessionId = 16;  // hexadecimal digits

std::string id_of(const std::string& hash) {
    return crypto::to_hex(hash).substr(0, kSessionId);
}

User user_of(const SQLite::Statement& row) {
    return {row.getColumn(0).getString(), grant_of(row.getColumn(1), row.getColumn(2)),
            row.getColumn(3).getInt() != 0, row.getColumn(5).getInt() != 0, wall(row.getColumn(4))};
}
constexpr const char* kColumns =
    "SELECT name, roles, cameras, must_change, created, EXISTS (SELECT 1 FROM second_factor WHERE user = "
    "name) "
    "FROM user ";

// One transaction. What the work refuses changes nothing.
Status change(Store& store, const std::function<Status(Database&)>& work) {
    const auto done = TRY(store.catalogue().changes().run([&](Database& db) -> Status {
        SQLite::Transaction transaction{db};
        auto status = work(db);
        if (status) transaction.commit();
        return status;
    }));
    return done;
}

bool administers_alone(Database& db, const std::string& name) {
    auto others = statement(db, "SELECT roles, cameras FROM user WHERE name <> ?1", name);
    while (others.executeStep())
        if (grant_of(others.getColumn(0), others.getColumn(1)).roles.has(Role::administers)) return false;
    return true;
}

Status nobody_of(const std::string& name) {
    return fail(ErrorKind::not_found, "there is no user '{}'", name.substr(0, 40));
}

constexpr const char* kSomebodyMust =
    "nobody would be left who administers; make somebody else an administrator first";

}  // namespace

bool is_user_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= 32 && plain(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

Status check_user_name(std::string_view name) {
    if (is_user_name(name)) return {};
    return fail(ErrorKind::invalid,
                "'{}' cannot be the name of a user; use 1 to 32 of a-z, 0-9, '.', '_' and '-'",
                name.substr(0, 40));
}

Result<std::vector<User>> Users::all() const {
    return store_->catalogue().queries().run([](Database& db) {
        std::vector<User> found;
        auto rows = statement(db, (std::string{kColumns} + "ORDER BY name").c_str());
        while (rows.executeStep()) found.push_back(user_of(rows));
        return found;
    });
}

Result<User> Users::with_name(const std::string& name) const {
    auto found = TRY(store_->catalogue().queries().run([&](Database& db) -> std::optional<User> {
        auto row = statement(db, (std::string{kColumns} + "WHERE name = ?1").c_str(), name);
        if (!row.executeStep()) return std::nullopt;
        return user_of(row);
    }));
    if (!found) return tl::unexpected{nobody_of(name).error()};
    return *std::move(found);
}

Result<std::string> Users::add(const std::string& name, const Grant& grant) {
    TRY_STATUS(check_user_name(name));
    auto password = random_password();
    const auto hash = TRY(accounts_->hash(password));
    const auto now = store_->clock().wall();
    TRY_STATUS(change(*store_, [&](Database& db) -> Status {
        if (db.execAndGet("SELECT count(*) FROM user").getInt64() >= static_cast<std::int64_t>(kMost))
            return fail(ErrorKind::full, "there are {} users already", kMost);
        auto insert =
            statement(db,
                      "INSERT OR IGNORE INTO user (name, password, must_change, created, roles, cameras) "
                      "VALUES (?1, ?2, 1, ?3, ?4, ?5)",
                      name, hash, now.micros());
        bind_grant(insert, 4, 5, grant);
        if (insert.exec() == 0) return fail(ErrorKind::exists, "there is a user '{}' already", name);
        return {};
    }));
    return password;
}

Result<std::string> Users::reset(const std::string& name) {
    auto password = random_password();
    const auto hash = TRY(accounts_->hash(password));
    TRY_STATUS(change(*store_, [&](Database& db) -> Status {
        if (execute(db, "UPDATE user SET password = ?2, must_change = 1 WHERE name = ?1", name, hash) == 0)
            return nobody_of(name);
        execute(db, "DELETE FROM session WHERE user = ?1", name);
        return {};
    }));
    return password;
}

Status Users::administered_without(const std::string& name) const {
    const bool alone =
        TRY(store_->catalogue().queries().run([&](Database& db) { return administers_alone(db, name); }));
    if (alone) return fail(ErrorKind::denied, "{}", kSomebodyMust);
    return {};
}

Status Users::set_grant(const std::string& name, const Grant& grant) {
    return change(*store_, [&](Database& db) -> Status {
        if (!grant.roles.has(Role::administers) && administers_alone(db, name))
            return fail(ErrorKind::denied, "{}", kSomebodyMust);
        auto update = statement(db, "UPDATE user SET roles = ?2, cameras = ?3 WHERE name = ?1", name);
        bind_grant(update, 2, 3, grant);
        if (update.exec() == 0) return nobody_of(name);
        return {};
    });
}

Status Users::remove(const std::string& name) {
    return change(*store_, [&](Database& db) -> Status {
        if (administers_alone(db, name)) return fail(ErrorKind::denied, "{}", kSomebodyMust);
        if (execute(db, "DELETE FROM user WHERE name = ?1", name) == 0) return nobody_of(name);
        return {};
    });
}

Result<std::vector<Token>> Users::tokens(const std::string& user) const {
    return store_->catalogue().queries().run([&](Database& db) {
        std::vector<Token> found;
        auto row = statement(db,
                             "SELECT id, user, name, roles, cameras, created, expires, used FROM token WHERE "
                             "user = ?1 ORDER BY id",
                             user);
        while (row.executeStep()) {
            Token token{row.getColumn(0).getInt64(),  row.getColumn(1).getString(),
                        row.getColumn(2).getString(), grant_of(row.getColumn(3), row.getColumn(4)),
                        wall(row.getColumn(5)),       wall(row.getColumn(6))};
            if (!row.getColumn(7).isNull()) token.used = wall(row.getColumn(7));
            found.push_back(std::move(token));
        }
        return found;
    });
}

Result<std::string> Users::add_token(const Token& token) {
    const auto now = store_->clock().wall();
    if (token.expires <= now || token.expires - now > kLongestToken)
        return fail(ErrorKind::invalid, "a token must end within {} days from now", kLongestToken.count());
    auto text = std::string{Accounts::kTokenPrefix} + random_token();
    const auto hash = token_hash(text);
    TRY_STATUS(change(*store_, [&](Database& db) -> Status {
        execute(db, "DELETE FROM token WHERE expires <= ?1", now.micros());
        auto count = statement(db, "SELECT count(*) FROM token WHERE user = ?1", token.user);
        count.executeStep();
        if (count.getColumn(0).getInt() >= kMostTokens)
            return fail(ErrorKind::full, "there are {} tokens already; end one", kMostTokens);
        auto insert = statement(db,
                                "INSERT INTO token (user, name, created, expires, roles, cameras, hash) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                token.user, token.name, now.micros(), token.expires.micros());
        bind_grant(insert, 5, 6, token.grant);
        insert.bind(7, hash.data(), static_cast<int>(hash.size()));
        insert.exec();
        return {};
    }));
    return text;
}

Status Users::end_token(const std::string& user, std::int64_t id) {
    const int ended = TRY(store_->catalogue().changes().run([&](Database& db) {
        return execute(db, "DELETE FROM token WHERE user = ?1 AND id = ?2", user, id);
    }));
    if (ended == 0) return fail(ErrorKind::not_found, "there is no token {}", id);
    return {};
}

Result<std::vector<LiveSession>> Users::sessions(const std::string& user,
                                                 std::string_view current_token) const {
    const auto now = store_->clock().wall();
    const auto mine = token_hash(current_token);
    return store_->catalogue().queries().run([&](Database& db) {
        std::vector<LiveSession> found;
        auto row = statement(
            db,
            "SELECT token, created, used FROM session WHERE user = ?1 AND created > ?2 AND used > ?3 "
            "ORDER BY created DESC",
            user, (now - Accounts::kAbsolute).micros(), (now - Accounts::kIdle).micros());
        while (row.executeStep()) {
            const auto hash = blob(row.getColumn(0));
            found.push_back({id_of(hash), wall(row.getColumn(1)), wall(row.getColumn(2)), hash == mine});
        }
        return found;
    });
}

Status Users::end_sessions(const std::string& user) {
    return store_->catalogue().changes().run(
        [&](Database& db) { execute(db, "DELETE FROM session WHERE user = ?1", user); });
}

Status Users::end_session(const std::string& user, const std::string& id) {
    const int ended = TRY(store_->catalogue().changes().run([&](Database& db) {
        return execute(db, "DELETE FROM session WHERE user = ?1 AND lower(substr(hex(token), 1, ?2)) = ?3",
                       user, static_cast<int>(kSessionId), id);
    }));
    if (ended == 0) return fail(ErrorKind::not_found, "there is no such session; it may be over");
    return {};
}

}  // namespace passerby::store
