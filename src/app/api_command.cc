// What the web app can do, as commands: each is one request of a running recorder's API (doc/api.md), and
// prints what it answers. `passerby api` is for all of it; those with names are in one table.
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/recorder_api.h"
#include "app/terminal.h"

namespace passerby::app {

namespace {

using nlohmann::json;

// A part of the request. In the path it takes the place of {name}; in what is not changed it goes into the
// query, otherwise into the body.
struct Part {
    enum class Kind {
        word,
        word_or_null,
        whole,  // number
        words,
        words_if_any,
        words_or_all,  // without one null: all
        secret,        // from the environment: others see command lines
    };
    const char* option;  // "NAME" stands alone, "--role" before its value; of a secret, the variable
    const char* name;    // "retention/days": in an object
    const char* what;
    Kind kind = Kind::word;
    bool required = true;
};
using enum Part::Kind;

struct Action {
    const char *group, *name, *what;
    bool changes;
    const char* path;
    std::vector<Part> parts;
    bool file = false;  // its answer is one
};

const Part kCamera{"CAMERA", "camera", "Its id"};
const Part kFrom{"--from", "from", "Such as 2026-03-01T12:00:00Z"}, kTo{"--to", "to", "The same, later"};
const Part kUser{"NAME", "name", "Whose"};
const Part kRoles{"--role", "roles",
                  "viewer, operator, keyholder, auditor, administrator; several may be given", words};
const Part kCameras{"--camera", "cameras", "Ids of cameras; without it all, those to come too", words_or_all,
                    false};

// What is not given is as it is without a word about it, as in the config file.
const std::vector<Part> kSettings{
    kCamera,
    {"--url", "url", "Where the pictures come from, such as rtsp://10.0.0.5:554/stream"},
    {"--name", "name", "For people", word, false},
    {"--camera-user", "user", "At the camera; the password is in PASSERBY_CAMERA_PASSWORD", word, false},
    {"PASSERBY_CAMERA_PASSWORD", "password", "", secret, false},
    {"--transport", "transport", "tcp or udp", word, false},
    {"--scene", "scene", "fixed or moving", word, false},
    {"--cover", "cover", "persons, faces, plates, vehicles, screens; several may be given", words_if_any,
     false},
    {"--style", "style", "silhouette, vanish or block", word, false},
    {"--approval", "approval", "required: only what was approved is shown", word, false},
    {"--audio", "audio", "keep: the sound, too", word, false},
    {"--days", "retention/days", "For how long it is kept", word, false},
    {"--size", "retention/size", "How much of it, such as '200 GB'", word, false},
    {"--enabled", "enabled", "false: it is not recorded", word, false}};

const std::map<std::string, const char*> kGroups{
    {"camera", "Cameras: their settings, state, recordings, areas that are always covered, and scenes."},
    {"user", "Who has an account, and what for."},
    {"token", "Secrets of one's own for scripts."},
    {"session", "Logins of one's own that last."},
};

const std::vector<Action> kActions{
    {"camera", "list", "All that are yours, and how they are.", false, "/api/cameras", {}},
    {"camera", "show", "One of them.", false, "/api/cameras/{camera}", {kCamera}},
    {"camera",
     "timeline",
     "What is recorded, and where it is missing.",
     false,
     "/api/cameras/{camera}/timeline",
     {kCamera, kFrom, kTo}},
    {"camera",
     "export",
     "A recording as one film; its proof is at the API.",
     false,
     "/api/cameras/{camera}/export",
     {kCamera, kFrom, kTo},
     true},
    {"camera",
     "protect",
     "Keep a recording from being deleted.",
     true,
     "/api/cameras/{camera}/protect",
     {kCamera,
      kFrom,
      kTo,
      {"--reason", "reason", "Why"},
      {"--until", "until", "A time, at most 366 days from now"}}},
    {"camera",
     "unprotect",
     "Let it be deleted in its time.",
     true,
     "/api/cameras/{camera}/unprotect",
     {kCamera, {"ID", "id", "Of the protection", whole}}},
    {"camera",
     "masks",
     "The areas that are always covered.",
     false,
     "/api/cameras/{camera}/masks",
     {kCamera}},
    {"camera",
     "draw",
     "Cover these areas from now on, all of them. Less waits for a second person.",
     true,
     "/api/cameras/{camera}/masks",
     {kCamera,
      {"--area", "areas", "A polygon, such as '0.1,0.1 0.4,0.1 0.4,0.5'; without it none", words, false}}},
    {"camera",
     "agree",
     "Agree to less cover, as the second person.",
     true,
     "/api/cameras/{camera}/masks/agree",
     {kCamera, {"ID", "id", "Of the version that waits", whole}}},
    {"camera", "scene", "What is shown of its scene.", false, "/api/cameras/{camera}/scene", {kCamera}},
    {"camera",
     "picture",
     "The picture of its scene.",
     false,
     "/api/cameras/{camera}/scene.png",
     {kCamera},
     true},
    {"camera",
     "approve",
     "Show what looks like the picture.",
     true,
     "/api/cameras/{camera}/scene/approve",
     {kCamera,
      {"--picture", "picture", "SHA-256 of the picture that was looked at"},
      {"--refuse", "refused", "A polygon that stays covered; several may be given", words, false}}},
    {"camera",
     "withdraw",
     "Show nothing of its scene any more.",
     true,
     "/api/cameras/{camera}/scene/withdraw",
     {kCamera}},
    {"camera", "settings", "How they are set, and what waits.", false, "/api/settings", {}},
    {"camera", "set", "Add one, or change it. Less protection waits for a second person.", true,
     "/api/settings/cameras/{camera}", kSettings},
    {"camera", "test", "Connect to one for some seconds, without recording.", true,
     "/api/settings/cameras/{camera}/test", kSettings},
    {"camera",
     "remove",
     "Record it no more; what was recorded stays for its time.",
     true,
     "/api/settings/cameras/{camera}/remove",
     {kCamera}},
    {"camera",
     "keep",
     "For how long all recordings are kept; without a value there is no limit.",
     true,
     "/api/settings/retention",
     {{"--days", "days", "Days", word_or_null, false},
      {"--size", "size", "Of all together, such as '2 TB'", word_or_null, false}}},
    {"camera",
     "agree-to-settings",
     "Agree to less protection, as the second person.",
     true,
     "/api/settings/agree",
     {{"ID", "id", "Of the proposal that waits", whole}}},
    {"camera", "discover", "Look for some on the network (ONVIF).", true, "/api/settings/discover", {}},
    {"camera",
     "streams",
     "Ask one that was found for its streams.",
     true,
     "/api/settings/streams",
     {{"ADDRESS", "address", "As it was found"},
      {"--camera-user", "user", "At the camera; the password is in PASSERBY_CAMERA_PASSWORD", word, false},
      {"PASSERBY_CAMERA_PASSWORD", "password", "", secret, false}}},
    {"camera", "backup", "The settings, without passwords.", false, "/api/settings/backup", {}, true},
    {"user", "list", "All of them.", false, "/api/users", {}},
    {"user",
     "add",
     "Somebody new; prints a password for one login.",
     true,
     "/api/users",
     {{"NAME", "name", "1 to 32 of a-z, 0-9, '.', '_', '-'"}, kRoles, kCameras}},
    {"user",
     "set",
     "Other roles and cameras, with their next request.",
     true,
     "/api/users/{name}",
     {kUser, kRoles, kCameras}},
    {"user",
     "reset",
     "A new password for one login; ends their logins.",
     true,
     "/api/users/{name}/reset",
     {kUser}},
    {"user",
     "end-second-factor",
     "For who has lost theirs; ends their logins.",
     true,
     "/api/users/{name}/second-factor/end",
     {kUser}},
    {"user", "remove", "With their logins and tokens.", true, "/api/users/{name}/remove", {kUser}},
    {"token", "list", "All of one's own.", false, "/api/tokens", {}},
    {"token",
     "add",
     "A new one, printed this once.",
     true,
     "/api/tokens",
     {{"NAME", "name", "What it is for"},
      kRoles,
      kCameras,
      {"--expires", "expires", "When it ends, at most 366 days from now"}}},
    {"token", "end", "End one.", true, "/api/tokens/end", {{"ID", "id", "As in the list", whole}}},
    {"session", "list", "All of one's own.", false, "/api/sessions", {}},
    {"session", "end", "End one.", true, "/api/sessions/end", {{"ID", "id", "As in the list"}}},
};

struct Arguments {
    std::string server = "http://127.0.0.1:8420", user = "admin", out;
    std::string method, path, body;
    std::map<std::string, std::vector<std::string>> given;  // by the part's name
};

Result<RecorderApi> session_of(const Arguments& a) {
    if (const char* token = std::getenv("PASSERBY_TOKEN")) return RecorderApi::with_token(a.server, token);
    const auto password = TRY(password_of(a.user));
    return RecorderApi::log_in(a.server, a.user, password);
}

// What was answered goes to standard output, or into a file.
Status ask(const Arguments& a, bool changes, const std::string& path, const json& body) {
    auto api = TRY(session_of(a));
    if (!a.out.empty() && !changes) return api.download(path, a.out);
    if (!changes) {
        const auto text = TRY(api.fetch(path));
        const auto parsed = json::parse(text, nullptr, false);
        const auto shown = parsed.is_discarded() ? text : parsed.dump(2) + "\n";
        std::fwrite(shown.data(), 1, shown.size(), stdout);
        return {};
    }
    const auto answer = TRY(api.post(path, body));
    if (!answer.is_null()) std::printf("%s\n", answer.dump(2).c_str());
    return {};
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const unsigned char c : text)
        out += std::isalnum(c) || c == '-' || c == '.' || c == '_' ? std::string(1, static_cast<char>(c))
                                                                   : fmt::format("%{:02X}", c);
    return out;
}

bool may_be_left_out(const Part& part) {
    return part.kind == word || part.kind == words_if_any || part.kind == secret;
}

Result<json> value_of(const Part& part, const std::vector<std::string>& given) {
    if (part.kind == words || part.kind == words_if_any) return json(given);
    if (part.kind == words_or_all) return given.empty() ? json{} : json(given);
    if (part.kind == word_or_null) return given.empty() ? json{} : json(given.front());
    if (part.kind == word || part.kind == secret) return json(given.front());
    const auto number = json::parse(given.front(), nullptr, false);
    if (number.is_number_unsigned()) return number;
    return fail(ErrorKind::invalid, "{} {}: write a whole number", part.option, given.front());
}

Status run(const Action& action, const Arguments& a) {
    std::string path = action.path, query;
    json body = json::object();
    for (const auto& part : action.parts) {
        const auto found = a.given.find(part.name);
        auto given = found == a.given.end() ? std::vector<std::string>{} : found->second;
        if (part.kind == secret)
            if (const char* value = std::getenv(part.option)) given = {value};
        const auto place = path.find(fmt::format("{{{}}}", part.name));
        if (place != std::string::npos)
            path.replace(place, std::strlen(part.name) + 2, escaped(given.front()));
        else if (action.changes && given.empty() && may_be_left_out(part))
            continue;
        else if (action.changes)
            body[json::json_pointer{fmt::format("/{}", part.name)}] = TRY(value_of(part, given));
        else
            query += fmt::format("{}{}={}", query.empty() ? "?" : "&", part.name, escaped(given.front()));
    }
    return ask(a, action.changes, path + query, body);
}

// Any request. The body: JSON, @FILE, or - for standard input.
Status run_any(const Arguments& a) {
    if (a.method != "GET" && a.method != "POST")
        return fail(ErrorKind::invalid, "{}: the methods of the API are GET and POST", a.method);
    if (!a.path.starts_with('/'))
        return fail(ErrorKind::invalid, "{}: write a path such as /api/cameras", a.path);
    auto text = a.body.empty() ? std::string{"{}"} : a.body;
    if (text == "-") text.assign(std::istreambuf_iterator<char>{std::cin}, {});
    if (text.starts_with('@')) {
        std::ifstream file{text.substr(1), std::ios::binary};
        if (!file) return fail_errno(errno, fmt::format("cannot read '{}'", text.substr(1)));
        text.assign(std::istreambuf_iterator<char>{file}, {});
    }
    const auto body = json::parse(text, nullptr, false);
    if (body.is_discarded())
        return fail(ErrorKind::invalid, "the body is not JSON; quote it for the shell: '{{\"id\": 1}}'");
    return ask(a, a.method == "POST", a.path, body);
}

void add_options(CLI::App& command, const std::shared_ptr<Arguments>& a, bool file) {
    command.add_option("--server", a->server, "The recorder's address")
        ->envname("PASSERBY_SERVER")
        ->capture_default_str();
    command
        .add_option(
            "--user", a->user,
            "Who asks; the password comes from PASSERBY_PASSWORD or the terminal. With "
            "PASSERBY_TOKEN, a script's token, nobody logs in. PASSERBY_CA names a certificate to believe")
        ->envname("PASSERBY_USER")
        ->capture_default_str();
    auto* out = command.add_option("--out", a->out, "The file for the answer");
    if (file) out->required();
}

template <class Run>
void run_later(CLI::App& command, int& status, Run run) {
    command.callback([run, &status] {
        const auto done = run();
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
}

}  // namespace

void add_api(CLI::App& app, int& status) {
    auto any = std::make_shared<Arguments>();
    auto* api = app.add_subcommand("api", "Ask a running recorder anything that its API knows (doc/api.md).");
    api->add_option("METHOD", any->method, "GET or POST")->required();
    api->add_option("PATH", any->path, "Such as /api/cameras")->required();
    api->add_option("BODY", any->body, "JSON, @FILE, or - for standard input");
    add_options(*api, any, false);
    run_later(*api, status, [any] { return run_any(*any); });

    std::map<std::string, CLI::App*> groups;
    for (const auto& [name, what] : kGroups) {
        groups[name] = app.add_subcommand(name, what);
        groups[name]->require_subcommand(1);
    }
    for (const auto& action : kActions) {
        auto* command = groups.at(action.group)->add_subcommand(action.name, action.what);
        auto a = std::make_shared<Arguments>();
        for (const auto& part : action.parts) {
            if (part.kind == secret) continue;
            auto& given = a->given[part.name];
            const bool several = part.kind == words || part.kind == words_if_any || part.kind == words_or_all;
            const auto take = [&given](const std::string& value) { given = {value}; };
            auto* option = several ? command->add_option(part.option, given, part.what)
                                   : command->add_option_function<std::string>(part.option, take, part.what);
            if (part.required) option->required();
        }
        add_options(*command, a, action.file);
        run_later(*command, status, [&action, a] { return run(action, *a); });
    }
}

}  // namespace passerby::app
