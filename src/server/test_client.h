// For this module's tests: a blocking HTTP and WebSocket client on a plain socket, so that it can also send
// what no proper client would. A read that gets nothing for 20 s ends the test instead of hanging it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::server {

struct Response {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case; of several the last
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

class Client {
  public:
    explicit Client(std::uint16_t port, int receive_buffer = 0)
        : port_{port}, fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        if (receive_buffer)
            ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        const timeval limit{20, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }

    bool connected() const { return connected_; }
    std::string host() const { return "localhost:" + std::to_string(port_); }
    // False when the other side has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    void close_sending() { ::shutdown(fd_.get(), SHUT_WR); }

    // `headers`: whole lines, each with its \r\n.
    static std::string head(std::string_view method, std::string_view target, const std::string& host,
                            const std::string& headers = "") {
        return std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: " + host + "\r\n" +
               headers + "\r\n";
    }
    Response get(std::string_view target, const std::string& headers = "") {
        return request("GET", target, headers, "");
    }
    Response post(std::string_view target, const std::string& body, const std::string& headers = "") {
        return request("POST", target,
                       "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n" + headers,
                       body);
    }
    Response request(std::string_view method, std::string_view target, const std::string& headers,
                     const std::string& body) {
        send(head(method, target, host(), headers) + body);
        return read_response(method == "HEAD");
    }

    // Status 0 when the connection ended before a whole response was there.
    Response read_response(bool without_body = false) {
        Response out;
        std::string line = read_line();
        if (line.size() < 12) return out;
        const int status = std::stoi(line.substr(9, 3));
        while (!(line = read_line()).empty()) {
            const auto colon = line.find(": ");
            if (colon == std::string::npos) return out;
            auto name = line.substr(0, colon);
            for (auto& c : name) c = static_cast<char>(std::tolower(c));
            out.headers[name] = line.substr(colon + 2);
        }
        const auto length = out.header("content-length");
        if (!length.empty() && !without_body) {
            const auto wanted = std::stoul(length);
            out.body = read_bytes(wanted);
            if (out.body.size() != wanted) return out;
        }
        out.status = status;
        return out;
    }

    // Fewer when the connection ends.
    std::string read_bytes(std::size_t count) {
        while (pending_.size() < count && receive()) {
        }
        count = std::min(count, pending_.size());
        auto out = pending_.substr(0, count);
        pending_.erase(0, count);
        return out;
    }
    // Waits for the other side to close; false when it sends something instead.
    bool closed_by_server() { return pending_.empty() && !receive() && pending_.empty(); }

    // WebSocket.
    Response upgrade(std::string_view target, const std::string& headers = "") {
        send(head("GET", target, host(),
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                      headers));
        return read_response();
    }
    struct Frame {
        enum class Kind { text, binary, close, end } kind = Kind::end;  // end: the connection is gone
        std::string bytes;
        int close_code = 0;
        nlohmann::json json() const { return nlohmann::json::parse(bytes, nullptr, false); }
    };
    Frame read_frame() {
        for (;;) {
            const auto start = read_bytes(2);
            if (start.size() < 2) return {};
            const int opcode = start[0] & 0x0f;
            std::uint64_t length = static_cast<unsigned char>(start[1]) & 0x7f;
            if (length >= 126) {
                const auto longer = read_bytes(length == 126 ? 2 : 8);
                length = 0;
                for (const char c : longer) length = length << 8 | static_cast<unsigned char>(c);
            }
            Frame out{Frame::Kind::text, read_bytes(length), 0};
            if (out.bytes.size() != length) return {};
            if (opcode == 9 || opcode == 10) continue;
            if (opcode == 2) out.kind = Frame::Kind::binary;
            if (opcode == 8) {
                out.kind = Frame::Kind::close;
                if (length >= 2)
                    out.close_code = static_cast<unsigned char>(out.bytes[0]) << 8 |
                                     static_cast<unsigned char>(out.bytes[1]);
                send(std::string{"\x88\x80\0\0\0\0", 6});
            }
            return out;
        }
    }
    // Without the state messages, which come by the clock.
    Frame read_media() {
        for (;;) {
            auto frame = read_frame();
            if (frame.kind != Frame::Kind::text || frame.json().value("type", "") != "state") return frame;
        }
    }

  private:
    bool receive() {
        char buffer[16384];
        const auto n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
        if (n < 0 && errno == EAGAIN) ADD_FAILURE() << "the server says nothing";
        if (n > 0) pending_.append(buffer, static_cast<std::size_t>(n));
        return n > 0;
    }
    std::string read_line() {
        std::size_t end;
        while ((end = pending_.find("\r\n")) == std::string::npos)
            if (!receive()) return "";
        auto line = pending_.substr(0, end);
        pending_.erase(0, end + 2);
        return line;
    }

    std::uint16_t port_;
    Fd fd_;
    bool connected_ = false;
    std::string pending_;
};

}  // namespace passerby::server
