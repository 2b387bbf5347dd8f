// passerby-verify: looks whether a recorder's ledger, its manifests and the clips it exported are what they
// claim to be. It needs nothing of the recorder but what it looks at, and works without a network.
#include <cstdio>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "client/http.h"
#include "ledger/audit.h"
#include "ledger/proof.h"
#include "verify/fetch.h"
#include "verify/seen.h"

namespace passerby::verify {

namespace {

namespace fs = std::filesystem;
using ledger::Fields;
using ledger::Verifier;

constexpr int kSound = 0, kFailed = 1, kFound = 2;

struct Arguments {
    std::string target, key, proof, ledger, state;
    std::vector<std::string> witnesses;
    std::size_t quorum = 0;
    bool stateless = false, json = false;
};

struct Outcome {
    Fields json = Fields::object();
    std::vector<std::string> said, findings;
};

std::string without_newline(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

// A key, or a file with one.
Result<Verifier> key_named(const std::string& text) {
    if (auto verifier = Verifier::parse(text)) return verifier;
    const auto content = read_file(text);
    if (!content)
        return fail(ErrorKind::invalid, "--key {}: this is no key, and no file with one: {}", text,
                    content.error().message);
    return Verifier::parse(without_newline(*content));
}

// The folder of the ledger: the target, or ledger/ in a data folder.
fs::path ledger_folder(const fs::path& target) {
    return fs::exists(target / "checkpoint") ? target : target / "ledger";
}

std::set<std::string> files_below(const fs::path& folder) {
    std::set<std::string> files;
    std::error_code ignored;
    for (fs::recursive_directory_iterator it{folder, ignored}, end; it != end; it.increment(ignored))
        if (!it->is_directory(ignored)) files.insert(it->path().lexically_relative(folder).string());
    return files;
}

// Of a data folder: the manifests make the roots that the ledger has. One that is gone is said, and no
// finding: they are not public.
class Manifests {
  public:
    explicit Manifests(fs::path folder) : folder_{std::move(folder)} {}

    void look_at(const Fields& entry, Outcome& out) {
        if (entry["kind"] != "segments") return;
        const auto root = entry["root"].get<std::string>();
        const auto text = read_file(folder_ / (root + ".jsonl"));
        if (!text) return static_cast<void>(++missing_);
        ledger::Hashes leaves;
        for (std::size_t at = 0; at < text->size();) {
            const auto end = std::min(text->find('\n', at), text->size());
            leaves.push_back(ledger::leaf_hash(std::string_view{*text}.substr(at, end - at)));
            at = end + 1;
        }
        const auto made = ledger::root(leaves.size(), ledger::subtrees_of(leaves));
        if (!made || crypto::to_hex(*made) != root || entry["count"] != leaves.size())
            out.findings.push_back(
                fmt::format("manifests/{}.jsonl: it does not make the root that the ledger has", root));
        manifests_ += leaves.size();
        ++batches_;
    }
    void say(Outcome& out) const {
        out.said.push_back(
            fmt::format("manifests: {} in {} batches make the roots that the ledger has; {} batches are "
                        "not here",
                        manifests_, batches_, missing_));
        out.json["manifests"] = manifests_;
    }

  private:
    const fs::path folder_;
    std::size_t manifests_ = 0, batches_ = 0, missing_ = 0;
};

Status verify_ledger(const std::string& target, const Arguments& a, Outcome& out,
                     const std::optional<ledger::Checkpoint>& contains = {}) {
    const bool remote = client::is_address(target);
    const auto folder = remote ? fs::path{} : ledger_folder(target);
    const auto address = target.ends_with("/ledger") || target.ends_with("/ledger/") || !remote ? target
                         : target.ends_with('/') ? target + "ledger/"
                                                 : target + "/ledger/";
    const auto fetch = remote ? fetch_from_address(address) : ledger::fetch_from_folder(folder.string());
    const bool trusts = a.key.empty();
    const auto published = trusts ? TRY(fetch("key")) : std::string{};
    const auto verifier = trusts ? TRY(Verifier::parse(without_newline(published))) : TRY(key_named(a.key));
    const Seen seen{a.state.empty() ? Seen::default_folder() : fs::path{a.state}};
    ledger::AuditRequest request{.verifier = verifier, .witnesses = {}, .quorum = a.quorum};
    for (const auto& w : a.witnesses) request.witnesses.push_back(TRY(key_named(w)));
    if (contains)
        request.seen = contains;
    else if (!a.stateless)
        request.seen = TRY(seen.of(verifier));
    if (!remote) request.files = files_below(folder);

    Manifests manifests{folder.parent_path() / "manifests"};
    const bool has_manifests = !remote && fs::exists(folder.parent_path() / "manifests");
    std::map<std::string, std::uint64_t> kinds;
    auto audited = TRY(ledger::audit(fetch, request, [&](std::uint64_t, const Fields& entry) {
        ++kinds[entry["kind"].get<std::string>()];
        if (has_manifests) manifests.look_at(entry, out);
    }));
    out.json["origin"] = audited.checkpoint.origin;
    out.json["key"] = verifier.to_string();
    out.json["entries"] = audited.checkpoint.size;
    out.json["kinds"] = kinds;
    out.json["witnesses"] = audited.witnesses;
    out.said.push_back(
        fmt::format("ledger {}: {} entries, signed by {}{}", audited.checkpoint.origin,
                    audited.checkpoint.size, verifier.to_string(),
                    trusts ? " (the key it publishes itself: compare it with the one you were given, "
                             "or use --key)"
                           : ""));
    if (request.seen)
        out.said.push_back(
            fmt::format("it continues the {} entries that {}", request.seen->size,
                        contains ? "the clip's proof was made from" : "were seen here before"));
    if (!a.witnesses.empty())
        out.said.push_back(
            fmt::format("{} of {} witnesses have cosigned", audited.witnesses, a.witnesses.size()));
    std::string list;
    for (const auto& [kind, n] : kinds) list += fmt::format("{}{} {}", list.empty() ? "" : ", ", n, kind);
    if (!list.empty()) out.said.push_back("entries: " + list);
    if (has_manifests) manifests.say(out);
    out.findings.insert(out.findings.end(), audited.findings.begin(), audited.findings.end());
    if (out.findings.empty() && !a.stateless) TRY_STATUS(seen.remember(verifier, audited.note));
    return {};
}

Result<std::string> hash_of(const std::string& path) {
    const auto fd = TRY(open_file(path, O_RDONLY));
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return fail_errno(errno, "cannot read " + path);
    const auto raw = TRY(crypto::sha256_of_fd(fd.get(), static_cast<std::uint64_t>(about.st_size)));
    return crypto::to_hex(raw);
}

void tell(const ledger::ProvenClip& clip, Outcome& out) {
    const auto& e = clip.exported;
    const auto text = [&](const char* name) { return e[name].get<std::string>(); };
    out.said.push_back(fmt::format("it is camera {} from {} to {}, exported by {} ({}), purpose: {}",
                                   text("camera"), text("from"), text("to"), text("who"), text("role"),
                                   text("purpose")));
    out.said.push_back(fmt::format("put on the record at {}, in a ledger of {} entries", text("time"),
                                   clip.checkpoint.size));
    double covered = 0;
    for (const auto& m : clip.manifests) covered += m.value("covered_ppm", 0.0);
    if (!clip.manifests.empty())
        out.said.push_back(
            fmt::format("made of {} recordings with manifests on the record; {:.1f} % of their pictures "
                        "is covered",
                        clip.manifests.size(), covered / 1e4 / static_cast<double>(clip.manifests.size())));
    if (clip.unfinished > 0)
        out.said.push_back(
            fmt::format("{} recordings were not finished when it was exported, and have no manifest in "
                        "the proof",
                        clip.unfinished));
    for (const auto& p : clip.policies) out.said.push_back("covered by the rules " + p.dump());
    out.json["exported"] = e;
    out.json["manifests"] = clip.manifests;
    out.json["policies"] = clip.policies;
}

Status verify_file(const Arguments& a, Outcome& out) {
    const auto beside = fs::path{a.target}.replace_extension(".proof").string();
    const auto text = read_file(a.proof.empty() ? beside : a.proof);
    if (!text)
        return fail(ErrorKind::not_found, "{}; name the clip's proof with --proof", text.error().message);
    const auto proof = TRY(ledger::ClipProof::parse(*text));
    const bool trusts = a.key.empty();
    const auto verifier = trusts ? TRY(Verifier::parse(proof.key)) : TRY(key_named(a.key));
    const auto hash = TRY(hash_of(a.target));
    const auto clip = ledger::verify_clip(proof, hash, verifier);
    if (!clip) {
        out.findings.push_back(clip.error().message);
        return {};
    }
    out.said.push_back(
        fmt::format("{} is what it claims to be, signed by {}{}", a.target, verifier.to_string(),
                    trusts ? " (the key that the proof names itself: compare it with the published "
                             "one, or use --key)"
                           : ""));
    tell(*clip, out);
    if (a.ledger.empty()) return {};
    auto with_key = a;
    with_key.key = verifier.to_string();
    return verify_ledger(a.ledger, with_key, out, clip->checkpoint);
}

int print(const Arguments& a, const Status& done, Outcome& out) {
    if (!done) {
        std::fprintf(stderr, "passerby-verify: %s\n", done.error().message.c_str());
        return kFailed;
    }
    if (a.json) {
        out.json["findings"] = out.findings;
        std::printf("%s\n", out.json.dump(1).c_str());
    } else {
        for (const auto& line : out.said) std::printf("%s\n", line.c_str());
        for (const auto& line : out.findings) std::printf("WRONG: %s\n", line.c_str());
        std::printf("%s\n", out.findings.empty() ? "verified" : "NOT verified");
    }
    return out.findings.empty() ? kSound : kFound;
}

}  // namespace

}  // namespace passerby::verify

int main(int argc, char** argv) {
    using namespace passerby::verify;
    CLI::App app{
        "Verifies the ledger of a passerby recorder, or a clip that it exported, without trusting it.\n"
        "Exit status: 0 verified, 2 something is wrong, 1 it could not be looked at."};
    Arguments a;
    app.set_version_flag("--version", PASSERBY_VERSION);
    app.add_option("TARGET", a.target, "The recorder's address, a data or ledger folder, or a clip")
        ->required();
    app.add_option("--key", a.key, "The ledger's public key, or a file with it: from somebody you trust");
    app.add_option("--proof", a.proof,
                   "The clip's proof; otherwise the file beside it that ends with .proof");
    app.add_option("--ledger", a.ledger,
                   "For a clip: also verify that this ledger continues the one of the proof");
    app.add_option("--witness", a.witnesses, "The public key of a witness; may be repeated");
    app.add_option("--quorum", a.quorum, "How many of the witnesses must have cosigned");
    app.add_option("--state", a.state, "Where to remember what was seen, instead of the user's state folder");
    app.add_flag("--stateless", a.stateless, "Neither compare with what was seen before nor remember it");
    app.add_flag("--json", a.json, "The result as JSON");
    CLI11_PARSE(app, argc, argv);
    Outcome out;
    std::error_code ignored;
    const bool is_clip =
        !passerby::client::is_address(a.target) && !std::filesystem::is_directory(a.target, ignored);
    const auto done = is_clip ? verify_file(a, out) : verify_ledger(a.target, a, out);
    return print(a, done, out);
}
