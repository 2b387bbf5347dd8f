// Opening what a camera sent: asking for it, and opening it on this computer when enough keyholders agreed.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/private_file.h"
#include "app/recorder_api.h"
#include "app/terminal.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "media/originals.h"
#include "seal/answer.h"
#include "seal/sealed_file.h"

namespace passerby::app {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Arguments {
    std::string server = "http://127.0.0.1:8420", user = "admin", folder = "opening";
    std::string camera, from, to, purpose = "incident", reason, case_number, answer;
};

Result<RecorderApi> session_of(const Arguments& a) {
    const auto password = TRY(password_of(a.user));
    return RecorderApi::log_in(a.server, a.user, password);
}

Result<seal::Request> request_in(const Arguments& a) {
    const auto text = read_file(fs::path{a.folder} / "request.json");
    if (!text)
        return fail(ErrorKind::not_found, "{}; name the folder that `passerby open request` made",
                    text.error().message);
    return seal::Request::parse(*text);
}

Status request(const Arguments& a) {
    auto session = TRY(session_of(a));
    std::error_code error;
    if (!fs::create_directory(a.folder, error))
        return fail(ErrorKind::exists,
                    "'{}' is there already; each request has a folder of its own: --folder", a.folder);
    fs::permissions(a.folder, fs::perms::owner_all, error);
    const auto identity = age::Identity::generate();
    const fs::path folder{a.folder};
    // Before the request: without the key its answers would be of no use.
    TRY_STATUS(write_private_file(folder / "requester.key", identity.to_string() + "\n"));
    const auto made = session.post("/api/openings", {{"camera", a.camera},
                                                     {"from", a.from},
                                                     {"to", a.to},
                                                     {"purpose", a.purpose},
                                                     {"reason", a.reason},
                                                     {"case", a.case_number},
                                                     {"key", identity.recipient().to_string()}});
    if (!made) {
        fs::remove_all(folder, error);
        return tl::unexpected{made.error()};
    }
    const auto id = made->value("id", std::string{});
    const auto text = TRY(session.fetch("/api/openings/" + id + "/request.json"));
    TRY(seal::Request::parse(text));
    TRY_STATUS(write_private_file(folder / "request.json", text));
    // What the keyholders may look at before they answer; it is exported for the same purpose.
    TRY(session.post("/api/purpose", {{"purpose", a.purpose}}));
    const auto covered = session.download(
        fmt::format("/api/cameras/{}/export?from={}&to={}", a.camera, a.from, a.to), folder / "covered.mp4");
    std::printf(
        "Request %s is made, and on the public ledger.\n"
        "Give %s/request.json%s to the keyholders: %d of %d must approve it before %s, with\n"
        "  passerby keyholder approve request.json --key THEIR.key --server %s\n"
        "or send their answers with `passerby open answer`. Then: passerby open finish --folder %s\n",
        id.c_str(), a.folder.c_str(), covered ? " and covered.mp4" : "", made->value("needed", 0),
        made->value("keyholders", 0), made->value("expires", std::string{}).c_str(), a.server.c_str(),
        a.folder.c_str());
    if (!covered)
        complain("there is no covered recording of that time to go with it: " + covered.error().message);
    return {};
}

Status status_of(const Arguments& a) {
    const auto request = TRY(request_in(a));
    auto session = TRY(session_of(a));
    const auto now = TRY(session.get("/api/openings/" + request.id));
    std::printf("%s: %s, expires %s\n", request.id.c_str(), now.value("state", std::string{}).c_str(),
                to_iso8601(request.expires).c_str());
    for (const auto& answer : now.value("answers", json::array()))
        std::printf("  keyholder %d: %s, %s\n", answer.value("keyholder", 0),
                    answer.value("answer", std::string{}).c_str(), answer.value("at", std::string{}).c_str());
    return {};
}

Status pass_on(const Arguments& a) {
    const auto text = TRY(read_file(a.answer));
    const auto answer = TRY(seal::Answer::parse(text));
    const auto said =
        TRY(RecorderApi::post_as_anyone(a.server, "/api/openings/" + answer.request + "/answer", text));
    std::printf("The request is %s: %d of %d approvals.\n", said.value("state", std::string{}).c_str(),
                said.value("approvals", 0), said.value("needed", 0));
    return {};
}

// The share (or key) texts of each answer that is any good, by part.
Result<std::vector<std::vector<std::string>>> shares_of(const json& answers, const seal::Request& request,
                                                        std::span<const age::Identity> identities) {
    std::vector<std::vector<std::string>> by_part(request.parts.size());
    for (const auto& json_answer : answers) {
        seal::Answer answer;
        answer.request = request.id;
        answer.keyholder = json_answer.value("keyholder", 0);
        answer.shares = json_answer.value("shares", std::string{});
        const auto shares = seal::shares_in(answer, request, identities);
        if (!shares) {
            complain(fmt::format("the answer of keyholder {} is of no use: {}", answer.keyholder,
                                 shares.error().message));
            continue;
        }
        for (std::size_t i = 0; i < shares->size(); ++i) by_part[i].push_back((*shares)[i]);
    }
    if (by_part.empty() || by_part.front().empty())
        return fail(ErrorKind::denied, "no answer could be read with the key of this request");
    return by_part;
}

Result<std::string> open_one(const std::string& sealed, const seal::Request& request,
                             const seal::RequestPart& part, const std::vector<std::string>& shares) {
    if (crypto::sha256_hex(sealed) != part.sha256)
        return fail(ErrorKind::corrupt, "the recorder gave another file than the one that was asked for");
    if (request.keyholders.needed > 1) return seal::open_part(sealed, request.keyholders, part.span, shares);
    const auto key = TRY(seal::KeyText::parse(shares.front()));
    return seal::open_part(sealed, key);
}

Status finish(const Arguments& a) {
    const auto request = TRY(request_in(a));
    const fs::path folder{a.folder};
    const auto identities = TRY(age::read_identities(folder / "requester.key"));
    auto session = TRY(session_of(a));
    const auto opened = TRY(session.post("/api/openings/" + request.id + "/open", json::object()));
    const auto shares = TRY(shares_of(opened.value("answers", json::array()), request, identities));
    std::vector<media::OriginalFile> files;
    int missing = 0;
    for (std::size_t i = 0; i < request.parts.size(); ++i) {
        const auto& part = request.parts[i];
        const auto sealed =
            session.fetch(fmt::format("/api/openings/{}/part?number={}", request.id, part.number));
        const auto plain = sealed ? open_one(*sealed, request, part, shares[i]) : sealed;
        if (!plain) {
            complain(fmt::format("{} to {}: {}", to_iso8601(part.span.from), to_iso8601(part.span.to),
                                 plain.error().message));
            ++missing;
            continue;
        }
        const auto file = folder / fmt::format("part-{:03}.mp4", i + 1);
        std::error_code ignored;
        fs::remove(file, ignored);
        TRY_STATUS(write_private_file(file, *plain));
        files.push_back({file.string(), part.span.from - request.parts.front().span.from});
    }
    if (files.empty()) return fail(ErrorKind::unavailable, "not one part could be opened");
    const auto out = folder / "original.mp4";
    std::error_code ignored;
    fs::remove(out, ignored);
    TRY_STATUS(write_private_file(out, ""));  // for its mode
    if (const auto joined = media::join_originals(files, out.string())) {
        for (const auto& file : files) fs::remove(file.path, ignored);
        std::printf("%s: what %s saw, uncovered. The opening is on the public ledger.\n", out.c_str(),
                    request.span.camera.c_str());
    } else {
        fs::remove(out, ignored);
        std::printf("%zu parts in %s, each a film of its own (%s). The opening is on the public ledger.\n",
                    files.size(), a.folder.c_str(), joined.error().message.c_str());
    }
    if (missing > 0)
        return fail(ErrorKind::unavailable, "{} of {} parts are missing", missing, request.parts.size());
    return {};
}

CLI::App* add(CLI::App& command, const char* name, const char* what, const std::shared_ptr<Arguments>& a,
              Status (*run)(const Arguments&), int& status) {
    auto* sub = command.add_subcommand(name, what);
    sub->add_option("--server", a->server, "The recorder's address")->capture_default_str();
    if (run != pass_on) {
        sub->add_option("--user", a->user,
                        "Who asks; the password comes from PASSERBY_PASSWORD or the terminal")
            ->capture_default_str();
        sub->add_option("--folder", a->folder, "Where the request is kept, and what is opened")
            ->capture_default_str();
    }
    sub->callback([a, run, &status] {
        const auto done = run(*a);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
    return sub;
}

}  // namespace

void add_open(CLI::App& app, int& status) {
    auto* command = app.add_subcommand(
        "open", "Open a sealed original: ask its keyholders, and open it here when enough of them agree.");
    command->require_subcommand(1);
    auto a = std::make_shared<Arguments>();
    auto* ask = add(*command, "request", "Ask for some minutes of a camera.", a, request, status);
    ask->add_option("--camera", a->camera, "Its id")->required();
    ask->add_option("--from", a->from, "Such as 2026-03-01T12:00:00Z")->required();
    ask->add_option("--to", a->to, "At most two hours later")->required();
    ask->add_option("--reason", a->reason, "Why, in words, for the keyholders")->required();
    ask->add_option("--purpose", a->purpose, "incident, request, maintenance, training or audit")
        ->capture_default_str();
    ask->add_option("--case", a->case_number, "The case's number");
    add(*command, "status", "Who has answered.", a, status_of, status);
    add(*command, "answer", "Pass on a keyholder's answer.", a, pass_on, status)
        ->add_option("ANSWER", a->answer, "The answer's file")
        ->required();
    add(*command, "finish", "Open it, on this computer.", a, finish, status);
}

}  // namespace passerby::app
