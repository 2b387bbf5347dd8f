// For this module's tests: pictures with known detail, files that are gone afterwards, and a stand-in for the
// painter.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "image/frame.h"
#include "measure/meter.h"

namespace passerby::redact {
// These tests do not link the real one.
class Painter {
  public:
    static image::SafeFrame safe(image::PictureBuffer picture) {
        return image::SafeFrame{image::SafeFrame::Key{}, std::move(picture), {}};
    }
};
}  // namespace passerby::redact

namespace passerby::measure {

class TempFolder {
  public:
    TempFolder() {
        auto name = testing::TempDir() + "passerby-measure-XXXXXX";
        path_ = ::mkdtemp(name.data()) ? name : testing::TempDir();
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::string path() const { return path_; }
    std::string file(const std::string& name, const std::string& content) const {
        std::ofstream{path_ + "/" + name, std::ios::binary} << content;
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

// Detail everywhere: independent values of 20 to 235.
inline cv::Mat noise(cv::Size size, unsigned seed) {
    std::mt19937 random{seed};
    cv::Mat picture{size, CV_8U};
    for (auto& value : cv::Mat_<std::uint8_t>{picture})
        value = static_cast<std::uint8_t>(20 + random() % 216);
    return picture;
}

inline cv::Mat flat(cv::Size size, int value) {
    return cv::Mat{size, CV_8U, cv::Scalar{1.0 * value}};
}

inline FramePair pair_of(const cv::Mat& before, const cv::Mat& after, std::int64_t frame) {
    cv::Mat difference;
    cv::absdiff(before, after, difference);
    return {before, after, difference > kChanged, frame, frame};
}

// A grey PNG, made by the ffmpeg program.
inline void write_png(const std::string& path, const cv::Mat& picture) {
    const auto command = "ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt gray -s " +
                         std::to_string(picture.cols) + "x" + std::to_string(picture.rows) + " -i '" + path +
                         ".raw' '" + path + "'";
    {
        std::ofstream raw{path + ".raw", std::ios::binary};
        raw.write(reinterpret_cast<const char*>(picture.data), static_cast<std::streamsize>(picture.total()));
    }
    ASSERT_TRUE(picture.isContinuous());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    std::filesystem::remove(path + ".raw");
}

}  // namespace passerby::measure
