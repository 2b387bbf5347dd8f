#include "app/recorder_api.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <nlohmann/json.hpp>
#include <termios.h>
#include <unistd.h>

namespace passerby::app {

namespace {

using nlohmann::json;

constexpr int kFine = 200, kLastFine = 299, kDenied = 401, kForbidden = 403, kNotFound = 404, kExists = 409;

ErrorKind kind_of(int status) {
    switch (status) {
        case kDenied:
        case kForbidden:
            return ErrorKind::denied;
        case kNotFound:
            return ErrorKind::not_found;
        case kExists:
            return ErrorKind::exists;
        default:
            return ErrorKind::unavailable;
    }
}

Result<client::HttpReply> checked(client::HttpReply reply) {
    if (reply.status >= kFine && reply.status <= kLastFine) return reply;
    const auto said = json::parse(reply.body, nullptr, false);
    if (said.is_object() && said.contains("error") && said["error"].is_string())
        return fail(kind_of(reply.status), "the recorder says: {}", said["error"].get<std::string>());
    return fail(kind_of(reply.status), "the recorder answers {}", reply.status);
}

Result<json> json_of(const client::HttpReply& reply) {
    if (reply.body.empty()) return json{};
    auto parsed = json::parse(reply.body, nullptr, false);
    if (parsed.is_discarded())
        return fail(ErrorKind::corrupt, "what answers there is no passerby; check the address");
    return parsed;
}

Result<std::string> secret_of(const char* variable, const std::string& what) {
    if (const char* given = std::getenv(variable)) return std::string{given};
    termios shown{};
    if (::tcgetattr(STDIN_FILENO, &shown) != 0)
        return fail(ErrorKind::invalid, "there is no terminal to ask for the {}; set {}", what, variable);
    auto hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    std::fprintf(stderr, "The %s: ", what.c_str());
    ::tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    std::string secret;
    std::getline(std::cin, secret);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    std::fprintf(stderr, "\n");
    return secret;
}

}  // namespace

Result<std::string> password_of(const std::string& user) {
    return secret_of("PASSERBY_PASSWORD", "password of " + user);
}

Result<std::string> code_of(const std::string& user) {
    return secret_of("PASSERBY_CODE", "code of the second factor of " + user);
}

Result<RecorderApi> RecorderApi::at(const std::string& address) {
    if (!client::is_address(address))
        return fail(ErrorKind::invalid, "--server {}: write an address, such as http://127.0.0.1:8420",
                    address);
    RecorderApi api{address};
    if (const char* trusted = std::getenv("PASSERBY_CA")) api.http_.trust(trusted);
    return api;
}

Result<RecorderApi> RecorderApi::with_token(const std::string& address, const std::string& token) {
    auto api = TRY(at(address));
    api.http_.bear(token);
    return api;
}

Result<RecorderApi> RecorderApi::log_in(const std::string& address, const std::string& user,
                                        const std::string& password) {
    auto api = TRY(at(address));
    json login{{"user", user}, {"password", password}};
    const auto reply = TRY(api.http_.post("/api/login", login.dump()));
    const auto answer = json::parse(reply.body, nullptr, false);
    if (answer.is_object() && answer.contains("second_factor")) login["code"] = TRY(code_of(user));
    if (!login.contains("code")) TRY(checked(reply));
    const auto said = login.contains("code") ? TRY(api.post("/api/login", login)) : answer;
    if (said.value("must_change_password", false))
        return fail(ErrorKind::denied,
                    "the password of {} was handed out; log in with the browser and choose "
                    "your own first",
                    user);
    return api;
}

Result<json> RecorderApi::get(const std::string& path) {
    const auto reply = TRY(http_.get(path));
    const auto fine = TRY(checked(reply));
    return json_of(fine);
}

Result<json> RecorderApi::post(const std::string& path, const json& body) {
    const auto reply = TRY(http_.post(path, body.dump()));
    const auto fine = TRY(checked(reply));
    return json_of(fine);
}

Result<std::string> RecorderApi::fetch(const std::string& path) {
    const auto reply = TRY(http_.get(path));
    auto fine = TRY(checked(reply));
    return std::move(fine.body);
}

Status RecorderApi::download(const std::string& path, const std::string& file) {
    const int status = TRY(http_.download(path, file));
    if (status == kFine) return {};
    std::remove(file.c_str());  // it holds the error
    return fail(kind_of(status), "the recorder answers {}", status);
}

Result<json> RecorderApi::post_as_anyone(const std::string& address, const std::string& path,
                                         const std::string& body) {
    client::Http http{address};
    const auto reply = TRY(http.post(path, body));
    const auto fine = TRY(checked(reply));
    return json_of(fine);
}

}  // namespace passerby::app
