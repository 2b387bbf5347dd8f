#include "store/second_factor.h"

#include "crypto/totp.h"
#include "store/catalogue.h"
#include "store/passwords.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

using SQLite::Database;

void bind_blob(SQLite::Statement& s, int index, const std::string& bytes) {
    s.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

void forget(Database& db, const std::string& user) {
    execute(db, "DELETE FROM second_factor WHERE user = ?1", user);
    execute(db, "DELETE FROM recovery_code WHERE user = ?1", user);
}

}  // namespace

bool requires_second_factor(SecondFactorRule rule, Roles roles) {
    if (rule == SecondFactorRule::administrators)
        return roles.has(Role::administers) || roles.has(Role::holds_key);
    return rule == SecondFactorRule::everybody;
}

Result<SecondFactor::State> SecondFactor::state(const std::string& user) const {
    return store_->catalogue().queries().run([&](Database& db) {
        auto row = statement(db,
                             "SELECT (SELECT count(*) FROM second_factor WHERE user = ?1), "
                             "(SELECT count(*) FROM recovery_code WHERE user = ?1)",
                             user);
        row.executeStep();
        return State{row.getColumn(0).getInt() > 0, row.getColumn(1).getInt()};
    });
}

Result<std::vector<std::string>> SecondFactor::set(const std::string& user, const std::string& secret,
                                                   std::string_view code) const {
    const auto step = crypto::totp_fits(secret, code, store_->clock().wall(), 0);
    if (!step) return fail(ErrorKind::invalid, "the code does not fit the secret; give the next one");
    std::vector<std::string> codes;
    for (int i = 0; i < kRecoveryCodes; ++i) codes.push_back(random_password());
    TRY_STATUS(store_->catalogue().changes().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        forget(db, user);
        auto insert =
            statement(db, "INSERT INTO second_factor (user, step, secret) VALUES (?1, ?2, ?3)", user, *step);
        bind_blob(insert, 3, secret);
        insert.exec();
        for (const auto& recovery : codes) {
            auto one = statement(db, "INSERT INTO recovery_code (user, hash) VALUES (?1, ?2)", user);
            bind_blob(one, 2, token_hash(recovery));
            one.exec();
        }
        transaction.commit();
    }));
    return codes;
}

Status SecondFactor::remove(const std::string& user) const {
    return store_->catalogue().changes().run([&](Database& db) {
        SQLite::Transaction transaction{db};
        forget(db, user);
        transaction.commit();
    });
}

Result<bool> SecondFactor::spend(const std::string& user, std::string_view code) const {
    const auto now = store_->clock().wall();
    const auto hash = token_hash(code);
    return store_->catalogue().changes().run([&](Database& db) {
        auto row = statement(db, "SELECT secret, step FROM second_factor WHERE user = ?1", user);
        if (!row.executeStep()) return false;
        const auto step = crypto::totp_fits(blob(row.getColumn(0)), code, now, row.getColumn(1).getInt64());
        row.reset();
        if (step) return execute(db, "UPDATE second_factor SET step = ?2 WHERE user = ?1", user, *step) == 1;
        auto recovery = statement(db, "DELETE FROM recovery_code WHERE user = ?1 AND hash = ?2", user);
        bind_blob(recovery, 2, hash);
        return recovery.exec() == 1;
    });
}

}  // namespace passerby::store
