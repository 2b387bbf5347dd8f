#include "redact/scene_picture.h"

#include <algorithm>
#include <cstdlib>

#include "media/picture_file.h"
#include "media/png.h"
#include "redact/painter.h"
#include "vision/reduced.h"

namespace passerby::redact {

namespace {

// H.273. A PNG says nothing of it: these are the matrices with which a picture of that height is read again.
constexpr int kHighDefinition = 720, kBt709 = 1, kBt601 = 6;

bool not_shown(std::uint8_t luma) {
    return std::abs(luma - kNotShown) <= kNotShownWithin;
}

}  // namespace

Result<image::ScenePicture> scene_from(const image::Picture& painted, image::Size of) {
    image::ScenePicture scene{of, vision::cell_for(of), {}, {}, {}};
    const auto grid = scene.grid();
    const image::Size size{2 * grid.width, 2 * grid.height};
    if (painted.size() != size)
        return fail(ErrorKind::invalid, "it is a picture of {} x {}, and the scene's has {} x {}",
                    painted.size().width, painted.size().height, size.width, size.height);
    for (int y = 0; y < grid.height; ++y)
        for (int x = 0; x < grid.width; ++x) {
            const std::uint8_t *above = painted.y.row(2 * y) + 2 * x,
                               *below = painted.y.row(2 * y + 1) + 2 * x;
            const std::uint8_t pixels[] = {above[0], above[1], below[0], below[1]};
            const bool refused = std::any_of(std::begin(pixels), std::end(pixels), not_shown);
            const int luma = (above[0] + above[1] + below[0] + below[1] + 2) / 4;
            scene.y.push_back(static_cast<std::uint8_t>(refused ? 0 : std::max(1, luma)));
            scene.u.push_back(refused ? 128 : painted.u.row(y)[x]);
            scene.v.push_back(refused ? 128 : painted.v.row(y)[x]);
        }
    return scene;
}

Result<std::string> scene_png(const image::SafeFrame& painted) {
    media::Colour colour;
    colour.matrix = painted.size().height >= kHighDefinition ? kBt709 : kBt601;
    return media::encode_picture(painted, media::PictureFormat::png, colour);
}

Result<image::ScenePicture> scene_from_png(std::string_view bytes, image::Size of) {
    const auto painted = TRY(media::decode_png(bytes));
    return scene_from(painted.raw(), of);
}

}  // namespace passerby::redact
