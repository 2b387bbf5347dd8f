// For this module's tests: videos made by the ffmpeg program, what ffprobe says of them, and a stand-in for
// the painter.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/video_reader.h"
#include "media/video_writer.h"

namespace passerby::redact {
// These tests do not link the real one.
class Painter {
  public:
    static image::SafeFrame safe(image::PictureBuffer picture, image::FrameTime when) {
        return image::SafeFrame{image::SafeFrame::Key{}, std::move(picture), when};
    }
    static image::SafeFrame open(const image::RawFrame& raw) {
        return image::SafeFrame{image::SafeFrame::Key{}, raw};
    }
};
}  // namespace passerby::redact

namespace passerby::media {

class TempFolder {
  public:
    TempFolder() {
        auto name = testing::TempDir() + "passerby-media-XXXXXX";
        path_ = ::mkdtemp(name.data()) ? name : testing::TempDir();
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

// Standard output of a shell command; a failure of it is one of the test.
inline std::string run(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return output;
}

// ffmpeg with `arguments`, which end in options for the output `path`.
inline void make_video(const std::string& arguments, const std::string& path) {
    run("SVT_LOG=1 ffmpeg -nostdin -v error -y " + arguments + " '" + path + "'");
}

// One value a line, as ffprobe prints `entries` (such as "frame=pts") of the first video stream.
inline std::vector<std::string> probe(const std::string& path, const std::string& entries,
                                      const std::string& more = "-select_streams v:0") {
    std::istringstream lines{
        run("ffprobe -v error " + more + " -show_entries " + entries + " -of csv=p=0 '" + path + "'")};
    std::vector<std::string> values;
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && line.back() == ',') line.pop_back();
        if (!line.empty()) values.push_back(line);
    }
    return values;
}

inline std::string content(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline void set_content(const std::string& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

inline std::unique_ptr<VideoReader> open_or_fail(const std::string& path, ReadOptions options = {}) {
    auto reader = VideoReader::open(path, options);
    EXPECT_TRUE(reader) << (reader ? "" : reader.error().message);
    return reader ? std::move(*reader) : nullptr;
}

inline std::vector<image::RawFrame> read_all(VideoReader& reader) {
    std::vector<image::RawFrame> frames;
    for (;;) {
        auto frame = reader.read();
        EXPECT_TRUE(frame) << (frame ? "" : frame.error().message);
        if (!frame || !*frame) return frames;
        frames.push_back(std::move(**frame));
    }
}

inline image::SafeFrame safe(const image::RawFrame& frame) {
    image::PictureBuffer copy{frame.size()};
    image::copy(frame.raw(), copy.writable());
    return redact::Painter::safe(std::move(copy), frame.when());
}

inline EncodeOptions options_for(const VideoInfo& info) {
    EncodeOptions options;
    options.size = info.size;
    options.time_base = info.time_base;
    options.frame_rate = info.frame_rate;
    options.sample_aspect = info.sample_aspect;
    options.colour = info.colour;
    options.preset = "ultrafast";
    return options;
}

// Everything that `in` shows, encoded again; what was read on the way.
inline std::vector<image::RawFrame> transcode(const std::string& in, const std::string& out,
                                              bool audio = false) {
    auto reader = open_or_fail(in);
    if (!reader) return {};
    auto frames = read_all(*reader);
    auto writer =
        FileWriter::create(out, options_for(reader->info()), audio ? std::optional{in} : std::nullopt);
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().message);
    if (!writer) return frames;
    for (const auto& frame : frames) {
        const auto written = (*writer)->write(safe(frame));
        EXPECT_TRUE(written) << (written ? "" : written.error().message);
    }
    const auto finished = (*writer)->finish();
    EXPECT_TRUE(finished) << (finished ? "" : finished.error().message);
    return frames;
}

}  // namespace passerby::media
