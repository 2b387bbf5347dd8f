// A recorder's API, as who is logged in there uses it from a command.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "client/http.h"

namespace passerby::app {

// From PASSERBY_PASSWORD, or asked for at the terminal, which does not show it.
Result<std::string> password_of(const std::string& user);
// Of the second factor, where one is needed: from PASSERBY_CODE, or asked for.
Result<std::string> code_of(const std::string& user);

class RecorderApi {
  public:
    // denied: the password is wrong, or was handed out and must be changed first.
    static Result<RecorderApi> log_in(const std::string& address, const std::string& user,
                                      const std::string& password);
    // With a script's token.
    static Result<RecorderApi> with_token(const std::string& address, const std::string& token);

    // The answer's JSON. An error has the server's own words.
    Result<nlohmann::json> get(const std::string& path);
    Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);
    // The bytes as they are.
    Result<std::string> fetch(const std::string& path);
    Status download(const std::string& path, const std::string& file);
    // Without an account: `body` is sent as it is.
    static Result<nlohmann::json> post_as_anyone(const std::string& address, const std::string& path,
                                                 const std::string& body);

  private:
    // PASSERBY_CA names the file with the certificate that is believed, as of a recorder with its own.
    static Result<RecorderApi> at(const std::string& address);
    explicit RecorderApi(std::string address) : http_{std::move(address)} {}
    client::Http http_;
};

}  // namespace passerby::app
