// What a user names as the source of a video, and what libav may do to open it.
#pragma once

#include <string>

#include "base/result.h"
#include "media/video_reader.h"

namespace passerby::media {

struct Source {
    enum class Kind { file, rtsp, http };
    Kind kind = Kind::file;
    std::string name;            // for messages: the path, or the url
    std::string address;         // for libav: "file:..." or the url, without user and password
    const char* protocols = "";  // libav's whitelists, comma separated
    const char* formats = "";
    const char* codecs = "";

    bool live() const { return kind != Kind::file; }
};

Result<Source> parse_source(const std::string&, ReadOptions::Transport);

// The url that goes out to the camera: with user and password, percent-encoded. From then on the log hides
// both forms of the password.
std::string with_credentials(const Source&, const ReadOptions&);

}  // namespace passerby::media
