#include "verify/seen.h"

#include <cstdlib>

#include "base/file.h"

namespace passerby::verify {

namespace fs = std::filesystem;

fs::path Seen::default_folder() {
    const auto* state = std::getenv("XDG_STATE_HOME");
    const auto* home = std::getenv("HOME");
    const auto base = state != nullptr && *state == '/'
                          ? fs::path{state}
                          : fs::path{home != nullptr ? home : "."} / ".local/state";
    return base / "passerby-verify";
}

fs::path Seen::file_of(const ledger::Verifier& verifier) const {
    return folder_ / crypto::sha256_hex(verifier.to_string()).substr(0, 32);
}

Result<std::optional<ledger::Checkpoint>> Seen::of(const ledger::Verifier& verifier) const {
    const auto text = read_file(file_of(verifier));
    if (!text && text.error().kind == ErrorKind::not_found) return std::nullopt;
    if (!text) return tl::unexpected{text.error()};
    const auto note = TRY(ledger::Note::parse(*text));
    TRY_STATUS(note.verify(verifier));
    return TRY(ledger::Checkpoint::parse(note.text));
}

Status Seen::remember(const ledger::Verifier& verifier, const ledger::Note& note) const {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return fail_errno(error.value(), fmt::format("cannot make the folder '{}'", folder_.string()));
    return write_file_atomically(file_of(verifier), note.to_string());
}

}  // namespace passerby::verify
