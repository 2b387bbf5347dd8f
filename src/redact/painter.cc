#include "redact/painter.h"

#include <cstring>

#include "redact/still_blocks.h"

namespace passerby::redact {

namespace {

struct Tone {
    std::uint8_t y, u, v;
};
constexpr Tone kHidden{58, 133, 125};           // slate
constexpr Tone kUnproven{kNotShown, 131, 126};  // lighter: nobody needs to be there

using image::MutablePicture;

void fill(image::MutablePlane plane, image::Rect r, std::uint8_t value) {
    r = image::clip(r, plane.size);
    for (int y = r.y; y < r.bottom(); ++y)
        std::memset(plane.row(y) + r.x, value, static_cast<std::size_t>(r.width));
}

// The chroma samples that the pixels of `r` touch.
image::Rect chroma_of(image::Rect r) {
    const int x = r.x / 2, y = r.y / 2;
    return {x, y, (r.right() + 1) / 2 - x, (r.bottom() + 1) / 2 - y};
}

void fill(MutablePicture& picture, image::Rect r, Tone tone) {
    fill(picture.y, r, tone.y);
    fill(picture.u, chroma_of(r), tone.u);
    fill(picture.v, chroma_of(r), tone.v);
}

// Calls f(rectangle in pixels) for every horizontal run of set cells.
template <class F>
void for_runs(const image::Mask& mask, F f) {
    const auto [w, h] = mask.grid();
    const int c = mask.cell();
    for (int y = 0; y < h; ++y) {
        const std::uint8_t *row = mask.row(y), *end = row + w;
        const auto next = [end](const std::uint8_t* at, int value) {
            const void* found = std::memchr(at, value, static_cast<std::size_t>(end - at));
            return found ? static_cast<const std::uint8_t*>(found) : end;
        };
        for (const std::uint8_t* from = next(row, 255); from != end;) {
            const std::uint8_t* to = next(from, 0);
            f(image::Rect{static_cast<int>(from - row) * c, y * c, static_cast<int>(to - from) * c, c});
            from = next(to, 255);
        }
    }
}

void copy_rect(image::Plane from, image::MutablePlane to, image::Rect r) {
    r = image::clip(r, to.size);
    for (int y = r.y; y < r.bottom(); ++y)
        std::memcpy(to.row(y) + r.x, from.row(y) + r.x, static_cast<std::size_t>(r.width));
}

// Two values more than what is read as not shown, as pictures pass through RGB.
std::uint8_t beside_not_shown(std::uint8_t luma) {
    constexpr int kApart = kNotShownWithin + 3;
    if (luma <= kNotShown - kApart || luma >= kNotShown + kApart) return luma;
    return static_cast<std::uint8_t>(luma < kNotShown ? kNotShown - kApart : kNotShown + kApart);
}

void copy_rect(const image::Picture& from, MutablePicture& to, image::Rect r) {
    copy_rect(from.y, to.y, r);
    copy_rect(from.u, to.u, chroma_of(r));
    copy_rect(from.v, to.v, chroma_of(r));
}

}  // namespace

image::SafeFrame Painter::paint(const image::RawFrame& raw, const Cover& cover) {
    if (!cover.hidden.any() && !cover.unproven.any()) {
        const image::SafeFrame open{image::SafeFrame::Key{}, raw};
        if (open.coded()) return *(shown_ = open);
    }
    image::PictureBuffer buffer{raw.size()};
    MutablePicture out = buffer.writable();

    if (style_ == CoverStyle::vanish && shown_ && shown_->size() == raw.size()) {
        // The other way round: start from what was shown, and take from the raw frame only what is not
        // hidden.
        image::copy(shown_->picture(), out);
        image::Mask open = cover.hidden;
        open.set_all();
        open.subtract(cover.hidden);
        for_runs(open, [&](image::Rect r) { copy_rect(raw.raw(), out, r); });
        // A chroma sample that an open and a hidden cell share belongs to the hidden one.
        for_runs(cover.hidden, [&](image::Rect r) {
            const image::Rect c = chroma_of(r);
            copy_rect(shown_->picture().u, out.u, c);
            copy_rect(shown_->picture().v, out.v, c);
        });
    } else {
        image::copy(raw.raw(), out);
        for_runs(cover.hidden, [&](image::Rect r) { fill(out, r, kHidden); });
        for_runs(cover.unproven, [&](image::Rect r) { fill(out, r, kUnproven); });
    }
    if (shown_ && shown_->size() == raw.size()) keep_still_blocks(shown_->picture(), out);
    shown_.emplace(image::SafeFrame::Key{}, std::move(buffer), raw.when());
    return *shown_;
}

image::SafeFrame Painter::paint_wholly(image::Size size, image::FrameTime when) {
    if (!wholly_ || wholly_->size() != size) {
        image::PictureBuffer buffer{size};
        MutablePicture out = buffer.writable();
        fill(out, {0, 0, size.width, size.height}, kUnproven);
        wholly_.emplace(image::SafeFrame::Key{}, std::move(buffer), when);
    }
    return wholly_->shown_at(when);
}

image::SafeFrame Painter::paint_scene(const vision::Plate& plate, const image::Mask& masked) {
    vision::Reduced cells;
    plate.show(cells);
    image::PictureBuffer buffer{{2 * cells.grid.width, 2 * cells.grid.height}};
    MutablePicture out = buffer.writable();
    for (int y = 0; y < cells.grid.height; ++y)
        for (int x = 0; x < cells.grid.width; ++x) {
            const auto i = static_cast<std::size_t>(y * cells.grid.width + x);
            const bool shown = cells.y[i] != 0 && !masked.at(x, y);
            const Tone tone = shown ? Tone{beside_not_shown(cells.y[i]), cells.u[i], cells.v[i]} : kUnproven;
            for (int row = 2 * y; row < 2 * y + 2; ++row)
                out.y.row(row)[2 * x] = out.y.row(row)[2 * x + 1] = tone.y;
            out.u.row(y)[x] = tone.u;
            out.v.row(y)[x] = tone.v;
        }
    return {image::SafeFrame::Key{}, std::move(buffer), {}};
}

}  // namespace passerby::redact
