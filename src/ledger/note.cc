#include "ledger/note.h"

#include <algorithm>
#include <charconv>

#include "crypto/base64.h"

namespace passerby::ledger {

namespace {

constexpr std::string_view kDash = "\u2014 ";
constexpr std::size_t kIdBytes = 4, kTimeBytes = 8, kMostNote = std::size_t{1} << 20, kMostSignatures = 100;

std::string_view as_text(const crypto::VerifyKey& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string key_id(const std::string& name, Verifier::Kind kind, const crypto::VerifyKey& key) {
    const char byte = static_cast<char>(kind);
    const auto hash = crypto::Sha256{}.add(name).add("\n").add({&byte, 1}).add(as_text(key)).digest();
    return {reinterpret_cast<const char*>(hash.data()), kIdBytes};
}

// Not every rule of UTF-8, but no byte that ends a line or hides in a terminal.
bool is_clean(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

std::string cosigned_text(const std::string& text, std::uint64_t time) {
    return fmt::format("cosignature/v1\ntime {}\n{}", time, text);
}

auto malformed(std::string_view what) {
    return fail(ErrorKind::corrupt, "this is no signed note: {}", what);
}

Result<Signature> parse_signature(std::string_view line) {
    if (!line.starts_with(kDash)) return malformed("a signature line does not begin with a dash");
    line.remove_prefix(kDash.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return malformed("a signature line has no signature");
    Signature s{std::string{line.substr(0, space)}, {}};
    if (!is_key_name(s.name)) return malformed("the name of a key is none");
    auto bytes = crypto::from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() <= kIdBytes) return malformed("a signature is not base64, or too short");
    s.bytes = *std::move(bytes);
    return s;
}

// A number without sign, without leading zeros.
Result<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0') ||
        text.empty() || text[0] < '0' || text[0] > '9')
        return fail(ErrorKind::corrupt, "the size of the checkpoint is no number");
    return size;
}

}  // namespace

bool is_key_name(std::string_view name) {
    return !name.empty() && name.size() <= 255 && is_clean(name) &&
           name.find(' ') == std::string_view::npos && name.find('+') == std::string_view::npos;
}

Verifier::Verifier(std::string name, Kind kind, const crypto::VerifyKey& key)
    : name_{std::move(name)}, kind_{kind}, key_{key}, id_{key_id(name_, kind, key)} {}

Result<Verifier> Verifier::parse(std::string_view text) {
    const auto malformed_key = [&] {
        return fail(ErrorKind::invalid,
                    "'{}' is no public key of a ledger; it looks like NAME+8 hexadecimal digits+base64",
                    text.substr(0, 100));
    };
    const auto first = text.find('+');
    const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos || !is_key_name(text.substr(0, first))) return malformed_key();
    const auto bytes = crypto::from_base64(text.substr(second + 1));
    crypto::VerifyKey key;
    if (!bytes || bytes->size() != 1 + key.size()) return malformed_key();
    const auto kind = static_cast<Kind>((*bytes)[0]);
    if (kind != Kind::note && kind != Kind::cosignature) return malformed_key();
    std::ranges::transform(bytes->substr(1), key.begin(), [](char c) { return static_cast<std::byte>(c); });
    Verifier verifier{std::string{text.substr(0, first)}, kind, key};
    if (crypto::to_hex(verifier.id()) != text.substr(first + 1, second - first - 1)) return malformed_key();
    return verifier;
}

std::string Verifier::to_string() const {
    std::string bytes{static_cast<char>(kind_)};
    bytes += as_text(key_);
    return fmt::format("{}+{}+{}", name_, crypto::to_hex(id_), crypto::to_base64(bytes));
}

Result<Note> Note::parse(std::string_view whole) {
    if (whole.size() > kMostNote) return malformed("it is too long");
    // The last empty line divides text and signatures.
    const auto empty = whole.rfind("\n\n");
    if (empty == std::string_view::npos) return malformed("it has no empty line before the signatures");
    Note note{std::string{whole.substr(0, empty + 1)}, {}};
    auto lines = whole.substr(empty + 2);
    if (lines.empty() || lines.back() != '\n') return malformed("it does not end with a signature line");
    for (const char c : note.text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
            return malformed("its text has control characters");
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        note.signatures.push_back(TRY(parse_signature(lines.substr(0, end))));
        if (note.signatures.size() > kMostSignatures) return malformed("it has too many signatures");
        lines.remove_prefix(end + 1);
    }
    return note;
}

std::string Note::to_string() const {
    std::string out = text + '\n';
    for (const auto& s : signatures)
        out += fmt::format("{}{} {}\n", kDash, s.name, crypto::to_base64(s.bytes));
    return out;
}

Status Note::verify(const Verifier& verifier) const {
    for (const auto& s : signatures) {
        if (s.name != verifier.name() || !s.bytes.starts_with(verifier.id())) continue;
        auto rest = std::string_view{s.bytes}.substr(kIdBytes);
        std::string signed_text = text;
        if (verifier.kind() == Verifier::Kind::cosignature) {
            std::uint64_t time = 0;
            if (rest.size() < kTimeBytes) return fail(ErrorKind::corrupt, "a cosignature is too short");
            for (const char c : rest.substr(0, kTimeBytes)) time = time << 8 | static_cast<unsigned char>(c);
            signed_text = cosigned_text(text, time);
            rest.remove_prefix(kTimeBytes);
        }
        if (!crypto::verify(verifier.key(), signed_text, rest))
            return fail(ErrorKind::corrupt, "the signature of {} is wrong: the text was changed", s.name);
        return {};
    }
    return fail(ErrorKind::denied, "it is not signed by {}", verifier.to_string());
}

Note sign_note(std::string text, const std::string& name, const crypto::SigningKey& key) {
    const Verifier verifier{name, Verifier::Kind::note, key.verify_key()};
    auto signature = verifier.id() + key.sign(text);
    return {std::move(text), {{name, std::move(signature)}}};
}

Signature cosign(const Note& note, const std::string& name, const crypto::SigningKey& key,
                 std::uint64_t time) {
    const Verifier verifier{name, Verifier::Kind::cosignature, key.verify_key()};
    auto bytes = verifier.id();
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(time >> shift & 0xff);
    return {name, bytes + key.sign(cosigned_text(note.text, time))};
}

std::string Checkpoint::to_text() const {
    const std::string_view bytes{reinterpret_cast<const char*>(root.data()), root.size()};
    return fmt::format("{}\n{}\n{}\n", origin, size, crypto::to_base64(bytes));
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < 3) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) break;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    if (lines.size() < 3 || lines[0].empty() || !is_clean(lines[0]))
        return fail(ErrorKind::corrupt, "this is no checkpoint: it needs three lines: origin, size, root");
    const auto size = TRY(parse_size(lines[1]));
    Checkpoint c{std::string{lines[0]}, size, {}};
    const auto bytes = crypto::from_base64(lines[2]);
    if (!bytes || bytes->size() != c.root.size())
        return fail(ErrorKind::corrupt, "the root of the checkpoint is not 32 bytes in base64");
    std::ranges::transform(*bytes, c.root.begin(), [](char b) { return static_cast<std::byte>(b); });
    return c;
}

}  // namespace passerby::ledger
