// Signed notes (C2SP signed-note) and what the ledger signs with them: checkpoints (C2SP tlog-checkpoint),
// and the witnesses' cosignatures of those (C2SP tlog-cosignature). Ed25519 only; signatures of other kinds
// and of keys that are not known are carried along and count for nothing.
//
// Parsers of foreign bytes: everything that is not exactly as the specification says is `corrupt`. No state,
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/ed25519.h"
#include "ledger/merkle.h"

namespace passerby::ledger {

// "name+1a2b3c4d+base64": a name, the first four bytes of a hash of name and key, and a key behind the byte
// that says its kind: 1 signs notes, 4 cosigns checkpoints.
class Verifier {
  public:
    enum class Kind : unsigned char { note = 1, cosignature = 4 };

    Verifier(std::string name, Kind, const crypto::VerifyKey&);
    static Result<Verifier> parse(std::string_view);
    std::string to_string() const;

    const std::string& name() const { return name_; }
    Kind kind() const { return kind_; }
    const std::string& id() const { return id_; }  // 4 bytes
    const crypto::VerifyKey& key() const { return key_; }

  private:
    std::string name_;
    Kind kind_;
    crypto::VerifyKey key_;
    std::string id_;
};

// Whether a key may be called that: no spaces, no plus, not empty, UTF-8 without control characters.
bool is_key_name(std::string_view);

struct Signature {
    std::string name;
    std::string bytes;  // key id (4 bytes) and what follows
};

struct Note {
    std::string text;  // ends with a newline
    std::vector<Signature> signatures;

    static Result<Note> parse(std::string_view);
    std::string to_string() const;

    // denied: there is no signature of that key; corrupt: there is one, and it is wrong.
    Status verify(const Verifier&) const;
};

// `text` ends with a newline. `name`: of the key.
Note sign_note(std::string text, const std::string& name, const crypto::SigningKey&);
// A witness's, with the time in seconds since 1970, to be added to the note's.
Signature cosign(const Note&, const std::string& name, const crypto::SigningKey&, std::uint64_t time);

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash root{};

    std::string to_text() const;
    // Extension lines after the root are allowed and left out.
    static Result<Checkpoint> parse(std::string_view text);
};

}  // namespace passerby::ledger
