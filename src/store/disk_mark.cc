#include "store/disk_mark.h"

#include <array>

#include <sodium.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/digest.h"
#include "store/catalogue.h"
#include "store/sql.h"

namespace passerby::store {

namespace {

Result<std::string> written_on(const std::filesystem::path& recordings) {
    auto text = read_file(recordings / DiskMark::kName);
    if (!text && text.error().kind == ErrorKind::not_found) return std::string{};
    if (!text) return text;
    return text->substr(0, text->find('\n'));
}

std::string new_id() {
    std::array<std::byte, 16> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return crypto::to_hex(std::span<const std::byte>{bytes});
}

}  // namespace

Result<std::unique_ptr<DiskMark>> DiskMark::recognise(Catalogue& catalogue,
                                                      const std::filesystem::path& recordings) {
    const auto known = TRY(catalogue.queries().run([](SQLite::Database& db) {
        auto row = statement(db, "SELECT id FROM disk");
        return row.executeStep() ? row.getColumn(0).getString() : std::string{};
    }));
    const auto found = TRY(written_on(recordings));
    const auto holds_nothing = TRY(catalogue.oldest({}, 1)).empty() && TRY(catalogue.writing()).empty();
    auto id = !known.empty() ? known : !found.empty() ? found : new_id();
    std::unique_ptr<DiskMark> mark{new DiskMark{recordings, id}};
    if (known.empty() || (holds_nothing && found.empty())) {
        // The file first: a number that only the catalogue has would lock us out.
        if (found.empty()) TRY_STATUS(write_file_atomically(recordings / kName, id + "\n"));
        TRY_STATUS(catalogue.changes().run([&](SQLite::Database& db) {
            execute(db, "INSERT OR REPLACE INTO disk (one, id) VALUES (1, ?1)", id);
        }));
    }
    TRY_STATUS(mark->is_there());
    return mark;
}

Status DiskMark::look() const {
    if (TRY(written_on(recordings_)) == id_) return {};
    return fail(ErrorKind::unavailable,
                "'{0}' is not the disk that the recordings are on: mount the right one there. If that one is "
                "lost for "
                "good, say so with: echo {1} > '{0}/{2}'",
                recordings_.string(), id_, kName);
}

Status DiskMark::is_there() const {
    struct stat about {};
    if (::stat(recordings_.c_str(), &about) != 0)
        return fail_errno(errno, fmt::format("cannot reach the disk at '{}'", recordings_.string()));
    const std::lock_guard lock{mutex_};
    const std::pair<std::uint64_t, std::uint64_t> now{about.st_dev, about.st_ino};
    if (now == seen_) return {};
    TRY_STATUS(look());
    seen_ = now;
    return {};
}

}  // namespace passerby::store
