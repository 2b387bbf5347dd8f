// What the detectors see, frame by frame: for measuring models, not for users.
//
//     passerby_detect [MODEL.yaml ...] < frames.y4m
//
// Takes 4:2:0 YUV4MPEG2, also several streams of different sizes one after the other. Writes one line for
// each frame, a list of [kind, score, x, y, width, height], of the whole picture as one look.
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/model_file.h"
#include "base/file.h"
#include "image/buffer.h"
#include "vision/load_detectors.h"

namespace passerby {
namespace {

constexpr const char* kKinds[] = {"person", "face", "vehicle", "screen", "text", "plate"};

Result<image::Size> size_in(const std::string& header) {
    image::Size size;
    std::istringstream words{header};
    for (std::string word; words >> word;) {
        if (word[0] == 'W') size.width = std::atoi(word.c_str() + 1);
        if (word[0] == 'H') size.height = std::atoi(word.c_str() + 1);
        if (word[0] == 'C' && !word.starts_with("C420"))
            return fail(ErrorKind::invalid, "the frames are {}, not 4:2:0; add -pix_fmt yuv420p to ffmpeg",
                        word);
    }
    if (size.width > 0 && size.height > 0) return size;
    return fail(ErrorKind::invalid, "'{}' has no size", header);
}

bool read_planes(image::MutablePicture picture) {
    for (const auto& plane : {picture.y, picture.u, picture.v})
        for (int y = 0; y < plane.size.height; ++y)
            if (!std::cin.read(reinterpret_cast<char*>(plane.row(y)), plane.size.width)) return false;
    return true;
}

Status run(int argc, char** argv) {
    vision::DetectorOptions options{TRY(resource("models")).string(), 2};
    for (int i = 1; i < argc; ++i) {
        auto described = app::load_model_file(argv[i]);
        if (!described)
            return fail(ErrorKind::invalid, "{}", app::to_string(described.errors.front(), argv[i]));
        options.models.push_back(std::move(described.model));
    }
    auto detectors = TRY(vision::load_detectors(options));
    image::PictureBuffer buffer{{16, 16}};
    for (std::string line; std::getline(std::cin, line);) {
        if (line.starts_with("YUV4MPEG2")) {
            buffer = image::PictureBuffer{TRY(size_in(line))};
            continue;
        }
        if (!line.starts_with("FRAME") || !read_planes(buffer.writable()))
            return fail(ErrorKind::corrupt, "the stream ends within a frame, or is no YUV4MPEG2");
        const image::Rect whole{0, 0, buffer.size().width, buffer.size().height};
        auto found = TRY(detectors->bodies(buffer.view(), whole));
        const auto faces = TRY(detectors->faces(buffer.view(), whole));
        found.insert(found.end(), faces.begin(), faces.end());
        auto json = nlohmann::json::array();
        for (const auto& d : found)
            json.push_back({kKinds[static_cast<int>(d.kind)], d.score, d.x, d.y, d.width, d.height});
        std::cout << json.dump() << '\n';
    }
    return {};
}

}  // namespace
}  // namespace passerby

int main(int argc, char** argv) {
    const auto done = passerby::run(argc, argv);
    if (!done) std::cerr << "passerby_detect: " << done.error().message << '\n';
    return done ? 0 : 1;
}
