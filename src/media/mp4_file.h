// An MP4 file under construction: index at the front, nothing in it that says who made it or when.
#pragma once

#include "media/av.h"

namespace passerby::media {

class Mp4File {
  public:
    // Creates or truncates `path`.
    static Result<std::unique_ptr<Mp4File>> create(const std::string& path);
    ~Mp4File();
    Mp4File(const Mp4File&) = delete;
    Mp4File& operator=(const Mp4File&) = delete;

    // Streams first, then start(), then packets in the order of their time. Metadata in `parameters` is not
    // kept.
    Result<AVStream*> add_stream(const AVCodecParameters& parameters, AVRational time_base);
    Status start();
    // `packet` in `from`; takes its content.
    Status write(AVPacket& packet, const AVStream& stream, AVRational from);
    // The index goes to the front; everything is on the disk afterwards.
    Status finish();

    const std::string& path() const { return path_; }
    const AVFormatContext& format() const { return *context_; }

  private:
    Mp4File(std::string path, AVFormatContext* context) : path_{std::move(path)}, context_{context} {}
    tl::unexpected<Error> fail_write(int code) const;
    Status close();
    Status make_start_exact() const;

    std::string path_;
    AVFormatContext* context_;
    bool started_ = false;
    std::int64_t video_start_ = 0;  // of the first stream, in its time base
    bool begun_ = false;            // that is known
};

}  // namespace passerby::media
