#include "measure/mask_labels.h"

#include <algorithm>

namespace passerby::measure {

namespace fs = std::filesystem;

Result<MaskLabels> MaskLabels::list(const fs::path& folder) {
    MaskLabels labels;
    labels.folder_ = folder;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
        const auto& path = entry->path();
        if (path.extension() == ".png" && !path.filename().string().starts_with('.'))
            labels.files_.push_back(path);
    }
    if (error)
        return fail(ErrorKind::unavailable, "cannot list the folder '{}': {}", folder.string(),
                    error.message());
    if (labels.files_.empty())
        return fail(ErrorKind::not_found,
                    "there is no .png file in the folder '{}'; put one mask for each frame there",
                    folder.string());
    std::sort(labels.files_.begin(), labels.files_.end());
    return labels;
}

Result<media::GreyPicture> MaskLabels::at(std::int64_t frame) const {
    if (frame < 1 || frame > frames())
        return fail(ErrorKind::internal, "'{}' has no mask for frame {}", folder_.string(), frame);
    return media::read_png(files_[static_cast<std::size_t>(frame - 1)]);
}

Status MaskLabels::fit(std::int64_t wanted, const std::string& clip) const {
    if (frames() == wanted) return {};
    return fail(
        ErrorKind::invalid,
        "'{}' has {} masks (the last is '{}'), but '{}' has {} frames; there must be one for each frame",
        folder_.string(), frames(), files_.back().filename().string(), clip, wanted);
}

}  // namespace passerby::measure
