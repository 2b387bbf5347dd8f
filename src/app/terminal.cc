#include "app/terminal.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include "base/log.h"

namespace passerby::app {

namespace {
constexpr Micros kRedraw = std::chrono::milliseconds{100}, kPlainLine = std::chrono::seconds{5};

double seconds(Micros t) {
    return std::chrono::duration<double>(t).count();
}

std::string left(double s) {
    const auto whole = static_cast<long>(s + 0.5);
    return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                         : fmt::format("{}:{:02}", whole / 60, whole % 60);
}
}  // namespace

ProgressLine::ProgressLine(Clock& clock)
    : clock_{clock}, terminal_{::isatty(STDERR_FILENO) == 1}, started_{clock.monotonic()} {}

void ProgressLine::show(const std::string& what, std::int64_t done, std::int64_t all) {
    const Micros now = clock_.monotonic();
    if (what != what_) {
        what_ = what;
        started_ = shown_ = now;
    }
    if (now - shown_ < (terminal_ ? kRedraw : kPlainLine)) return;
    shown_ = now;
    const double rate = static_cast<double>(done) / std::max(1e-3, seconds(now - started_));
    std::string line = fmt::format("{}: frame {}", what, done);
    if (all > 0) line += fmt::format(" of {} ({} %)", all, std::min<std::int64_t>(100, 100 * done / all));
    line += fmt::format(", {:.0f} frames/s", rate);
    if (all > done && rate > 0)
        line += fmt::format(", {} left", left(static_cast<double>(all - done) / rate));
    std::fputs(terminal_ ? fmt::format("\r{}\x1b[K", line).c_str() : (line + "\n").c_str(), stderr);
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (terminal_) std::fputs("\r\x1b[K", stderr);
}

void complain(const std::string& message) {
    std::string line = without_secrets(message);
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::fprintf(stderr, "passerby: %s\n", line.c_str());
}

}  // namespace passerby::app
