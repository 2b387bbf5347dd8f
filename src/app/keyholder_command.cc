// What a keyholder does, on their own computer: make a key, read a request, and answer it.
#include <cstdio>
#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/private_file.h"
#include "app/recorder_api.h"
#include "app/terminal.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "seal/answer.h"

namespace passerby::app {

namespace {

struct Arguments {
    std::string key = "keyholder.key", request, out, server;
};

Status make_key(const std::string& file) {
    const auto identity = age::Identity::generate();
    const auto recipient = identity.recipient().to_string();
    const auto written = write_private_file(
        file, fmt::format("# created: {}\n# public key: {}\n{}\n", to_iso8601(system_clock().wall()),
                          recipient, identity.to_string()));
    if (!written && written.error().kind == ErrorKind::exists)
        return fail(ErrorKind::exists,
                    "'{}' exists; a key is never overwritten, since what is sealed to it "
                    "could never be opened again",
                    file);
    TRY_STATUS(written);
    std::printf(
        "%s holds the secret key: keep a copy in a safe place, and give it to nobody.\n"
        "For the recorder's config, keyholders.keys:\n%s\n",
        file.c_str(), recipient.c_str());
    return {};
}

Result<seal::Request> read_request(const std::string& file, bool show) {
    const auto text = TRY(read_file(file));
    auto request = TRY(seal::Request::parse(text));
    if (!show) return request;
    const auto& r = request;
    std::printf(
        "%s asks to open what camera %s saw, uncovered,\n"
        "  from     %s\n  to       %s (%zu parts of about ten seconds)\n"
        "  for      %s%s%s\n  reason   %s\n"
        "  made     %s, expires %s\n  recorder %s\n  needed   %d of %zu keyholders\n"
        "On the recorder's public ledger this request has the SHA-256\n  %s\n",
        r.by.c_str(), r.span.camera.c_str(), to_iso8601(r.span.from).c_str(), to_iso8601(r.span.to).c_str(),
        r.parts.size(), r.purpose.c_str(), r.case_number.empty() ? "" : ", case ", r.case_number.c_str(),
        r.reason.c_str(), to_iso8601(r.made).c_str(), to_iso8601(r.expires).c_str(), r.recorder.c_str(),
        r.keyholders.needed, r.keyholders.keys.size(), crypto::sha256_hex(text).c_str());
    return request;
}

Status answer(const Arguments& a, bool approved) {
    const auto request = TRY(read_request(a.request, true));
    if (system_clock().wall() >= request.expires)
        return fail(ErrorKind::denied, "this request expired {}; it needs a new one",
                    to_iso8601(request.expires));
    const auto identities = TRY(age::read_identities(a.key));
    const auto made = TRY(approved ? seal::approve(request, identities) : seal::refuse(request, identities));
    const auto text = made.to_json();
    const char* done = approved ? "approved" : "refused";
    if (!a.server.empty()) {
        const auto said =
            TRY(RecorderApi::post_as_anyone(a.server, "/api/openings/" + request.id + "/answer", text));
        std::printf("%s. The request is %s: %d of %d approvals.\n", done,
                    said.value("state", std::string{}).c_str(), said.value("approvals", 0),
                    said.value("needed", 0));
        return {};
    }
    const auto out = a.out.empty() ? fmt::format("answer-{}.json", made.keyholder) : a.out;
    TRY_STATUS(write_private_file(out, text));
    std::printf("%s: give %s back to who asks, or send it with --server.\n", done, out.c_str());
    return {};
}

void add_answer(CLI::App& command, const char* name, const char* what, bool approved, int& status) {
    auto a = std::make_shared<Arguments>();
    auto* sub = command.add_subcommand(name, what);
    sub->add_option("REQUEST", a->request, "The request's file")->required();
    sub->add_option("--key", a->key, "Your key, as `passerby keyholder new` or age-keygen makes it")
        ->capture_default_str();
    sub->add_option("--out", a->out, "The answer's file; otherwise answer-NUMBER.json");
    sub->add_option("--server", a->server, "The recorder's address: the answer is given there at once");
    sub->callback([a, approved, &status] {
        const auto done = answer(*a, approved);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
}

}  // namespace

void add_keyholder(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("keyholder", "For those who hold a key to sealed originals.");
    command->require_subcommand(1);
    auto a = std::make_shared<Arguments>();
    auto* make = command->add_subcommand("new", "Make a key.");
    make->add_option("--out", a->key, "Its file")->capture_default_str();
    make->callback([a, &status] {
        const auto done = make_key(a->key);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
    auto* show = command->add_subcommand("show", "What a request asks for.");
    show->add_option("REQUEST", a->request, "The request's file")->required();
    show->callback([a, &status] {
        const auto done = read_request(a->request, true);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
    add_answer(*command, "approve", "Agree: your shares go to who asks, and to nobody else.", true, status);
    add_answer(*command, "refuse", "Do not agree.", false, status);
}

}  // namespace passerby::app
