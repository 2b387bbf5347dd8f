#include "store/accounts.h"

#include <algorithm>

#include "base/log.h"
#include "store/catalogue.h"
#include "store/grant_columns.h"
#include "store/login_limit.h"
#include "store/passwords.h"
#include "store/second_factor.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

constexpr const char* kFirstUser = "admin";
// A use is noted so often at most: otherwise every request would be a synced write.
constexpr Micros kNoteUse = std::chrono::minutes{1};

struct Secret {
    std::string password;  // hash
    bool must_change = false;
};

std::optional<Secret> find_user(Database& db, const std::string& name) {
    auto row = statement(db, "SELECT password, must_change FROM user WHERE name = ?1", name);
    if (!row.executeStep()) return std::nullopt;
    return Secret{row.getColumn(0).getString(), row.getColumn(1).getInt() != 0};
}

std::size_t characters(std::string_view utf8) {
    constexpr unsigned kMask = 0xc0, kContinuation = 0x80;
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & kMask) != kContinuation;
    }));
}

Status check_rules(std::string_view old_password, std::string_view new_password) {
    if (characters(new_password) < Accounts::kLeastCharacters)
        return fail(ErrorKind::invalid, "the new password is too short; use at least {} characters",
                    Accounts::kLeastCharacters);
    if (new_password.size() > Accounts::kMostBytes)
        return fail(ErrorKind::invalid, "the new password is too long; use at most {} bytes",
                    Accounts::kMostBytes);
    if (new_password == old_password)
        return fail(ErrorKind::invalid, "the new password is the old one; choose another");
    return {};
}

void bind_blob(SQLite::Statement& s, int index, const std::string& bytes) {
    s.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

// On a full disk it is not noted: the session ends sooner then, and who is logged in can still look.
void note_use(Database& db, const char* sql, const std::string& hash, WallTime now) {
    try {
        auto note = statement(db, sql, now.micros());
        bind_blob(note, 2, hash);
        note.exec();
    } catch (const SQLite::Exception& e) {
        log_debug("the use of a session is not noted: {}", e.what());
    }
}

std::optional<Session> script_of(Database& db, const std::string& hash, WallTime now) {
    SQLite::Statement row{db,
                          "SELECT user, token.created, expires, token.roles, token.cameras, user.roles, "
                          "user.cameras, must_change, used FROM token JOIN user ON user.name = token.user "
                          "WHERE hash = ?1 AND expires > ?2 AND token.created <= ?2"};
    bind_blob(row, 1, hash);
    row.bind(2, now.micros());
    if (!row.executeStep()) return std::nullopt;
    Session session{
        row.getColumn(0).getString(),
        row.getColumn(7).getInt() != 0,
        wall(row.getColumn(1)),
        wall(row.getColumn(2)),
        grant_of(row.getColumn(3), row.getColumn(4)).both(grant_of(row.getColumn(5), row.getColumn(6))),
        true};
    const bool note = row.getColumn(8).isNull() || now - wall(row.getColumn(8)) >= std::chrono::hours{1};
    row.reset();
    if (note) note_use(db, "UPDATE token SET used = ?1 WHERE hash = ?2", hash, now);
    return session;
}

}  // namespace

struct Accounts::Impl {
    Impl(std::shared_ptr<Store> s, PasswordCost cost) : store{std::move(s)}, second{store}, passwords{cost} {}

    Sql& sql() const { return store->catalogue().changes(); }

    const std::shared_ptr<Store> store;
    const SecondFactor second;
    Passwords passwords;
    LoginLimit limit{kFailures, kFailureWindow};
    std::string nobody;  // the hash that is tried for names that do not exist; constant after open()
    std::mutex mutex;
    std::optional<FirstLogin> first;  // guarded by mutex
};

Accounts::Accounts(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Accounts::~Accounts() = default;

Result<std::unique_ptr<Accounts>> Accounts::open(std::shared_ptr<Store> store, PasswordCost cost) {
    auto impl = std::make_unique<Impl>(std::move(store), cost);
    impl->nobody = TRY(impl->passwords.hash(random_token()));
    const bool needs_password = TRY(impl->sql().run([](Database& db) {
        const auto first = find_user(db, kFirstUser);
        return first ? first->must_change : db.execAndGet("SELECT count(*) FROM user").getInt() == 0;
    }));
    if (needs_password) {
        FirstLogin first{kFirstUser, random_password()};
        const auto hash = TRY(impl->passwords.hash(first.password));
        TRY_STATUS(impl->sql().run([&](Database& db) {
            SQLite::Transaction transaction{db};
            execute(db, "DELETE FROM session WHERE user = ?1", first.user);
            execute(db,
                    "INSERT INTO user (name, password, must_change) VALUES (?1, ?2, 1) "
                    "ON CONFLICT (name) DO UPDATE SET password = excluded.password",
                    first.user, hash);
            transaction.commit();
        }));
        impl->first = std::move(first);
    }
    return std::unique_ptr<Accounts>{new Accounts{std::move(impl)}};
}

std::optional<FirstLogin> Accounts::take_first_login() {
    const std::lock_guard lock{impl_->mutex};
    return std::exchange(impl_->first, std::nullopt);
}

Result<Login> Accounts::verify(std::string_view user, std::string_view password, std::string_view code) {
    return verify_password(user, password, code, true);
}

Result<Login> Accounts::verify_password(std::string_view user, std::string_view password,
                                        std::string_view code, bool is_login) {
    const auto now = impl_->store->clock().monotonic();
    if (const auto wait = impl_->limit.try_now(user, now))
        return Login{.outcome = Login::Outcome::throttled,
                     .retry_after = std::chrono::ceil<std::chrono::seconds>(*wait)};
    const auto known = TRY(impl_->sql().run([&](Database& db) { return find_user(db, std::string{user}); }));
    const bool fits = password.size() <= kMostBytes &&
                      impl_->passwords.fits(known ? known->password : impl_->nobody, password);
    if (!known || !fits) return Login{.outcome = Login::Outcome::wrong};
    auto outcome = Login::Outcome::ok;
    const std::string name{user};
    if (is_login && TRY(impl_->second.state(name)).on) {
        if (code.empty())
            outcome = Login::Outcome::needs_code;
        else if (!TRY(impl_->second.spend(name, code)))
            return Login{.outcome = Login::Outcome::wrong};
    }
    impl_->limit.succeeded(user, now);
    return Login{.outcome = outcome, .must_change_password = known->must_change};
}

Result<Login> Accounts::change_password(std::string_view user, std::string_view old_password,
                                        std::string_view new_password, std::string_view keep_token) {
    TRY_STATUS(check_rules(old_password, new_password));
    // Who is logged in has given a code.
    const auto login = TRY(verify_password(user, old_password, {}, false));
    if (login.outcome != Login::Outcome::ok) return login;
    const auto hash = TRY(impl_->passwords.hash(new_password));
    TRY_STATUS(impl_->sql().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        execute(db, "UPDATE user SET password = ?2, must_change = 0 WHERE name = ?1", std::string{user},
                hash);
        auto others = statement(db, "DELETE FROM session WHERE user = ?1 AND token <> ?2", std::string{user});
        bind_blob(others, 2, token_hash(keep_token));
        others.exec();
        transaction.commit();
    }));
    return Login{.outcome = Login::Outcome::ok};
}

Result<std::string> Accounts::create_session(const std::string& user) {
    auto token = random_token();
    const auto now = impl_->store->clock().wall();
    TRY_STATUS(impl_->sql().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        execute(db, "DELETE FROM session WHERE created <= ?1 OR used <= ?2", (now - kAbsolute).micros(),
                (now - kIdle).micros());
        auto insert =
            statement(db, "INSERT INTO session (user, created, used, token) VALUES (?1, ?2, ?2, ?3)", user,
                      now.micros());
        bind_blob(insert, 3, token_hash(token));
        insert.exec();
        transaction.commit();
    }));
    return token;
}

Result<std::optional<Session>> Accounts::session(std::string_view token) {
    const auto now = impl_->store->clock().wall();
    const auto hash = token_hash(token);
    const bool is_script = token.starts_with(kTokenPrefix);
    return impl_->sql().run([&](Database& db) -> std::optional<Session> {
        if (is_script) return script_of(db, hash, now);
        SQLite::Statement row{
            db,
            "SELECT user, must_change, session.created, used, roles, cameras, EXISTS (SELECT 1 "
            "FROM second_factor s WHERE s.user = session.user) FROM session JOIN user ON user.name = "
            "session.user WHERE token = ?1"};
        bind_blob(row, 1, hash);
        if (!row.executeStep()) return std::nullopt;
        const WallTime created = wall(row.getColumn(2)), used = wall(row.getColumn(3));
        // A clock that was set to before the login would make the session last longer than it may.
        if (now < created || now - used >= kIdle || now - created >= kAbsolute) return std::nullopt;
        Session session{row.getColumn(0).getString(), row.getColumn(1).getInt() != 0, created,
                        created + kAbsolute, grant_of(row.getColumn(4), row.getColumn(5))};
        session.second_factor = row.getColumn(6).getInt() != 0;
        row.reset();
        if (now - used >= kNoteUse) note_use(db, "UPDATE session SET used = ?1 WHERE token = ?2", hash, now);
        return session;
    });
}

Result<std::string> Accounts::hash(std::string_view password) {
    return impl_->passwords.hash(password);
}

Status Accounts::end_session(std::string_view token) {
    const auto hash = token_hash(token);
    return impl_->sql().run([&](Database& db) {
        SQLite::Statement row{db, "DELETE FROM session WHERE token = ?1"};
        bind_blob(row, 1, hash);
        row.exec();
    });
}

}  // namespace passerby::store
