#include "redact/delay_line.h"

#include <algorithm>
#include <cmath>

namespace passerby::redact {

namespace {

// Foreground covers this long before and after it was seen, and at least one frame.
constexpr Micros kGrowth = std::chrono::milliseconds{80};
// Cells by which foreground is grown, and gaps in it closed.
constexpr int kGrow = 2, kClose = 3, kGrowFlapping = 1;
// An opening in a cover of at most so many cells shows nothing but a piece of the person.
constexpr int kSmallHole = 64;
// A detection that nothing in the picture supports: believed only from this score on, and where it was seen.
// Where it may have gone needs more support.
constexpr float kBelievedAlone = 0.5F;
constexpr double kSupport = 0.04, kSupportUnseen = 0.1;
// From this share of the box on, what differs is taken for the whole shape, if the place is proven.
constexpr double kShape = 0.25, kMostlyProven = 0.1;
// The head's ellipse, of the box.
constexpr float kHeadWidth = 1.0F, kHeadHeight = 0.42F;
// Rows that lend each other their width, of the box's height.
constexpr float kRowReach = 0.07F;
// A row is wider than what differs in it by this part of the box on each side: an arm may be like what is
// behind it.
constexpr float kSideReach = 0.12F;

image::Rect rect_of(const vision::TrackBox& b) {
    const int x = static_cast<int>(std::floor(b.x)), y = static_cast<int>(std::floor(b.y));
    return {x, y, static_cast<int>(std::ceil(b.x + b.width)) - x,
            static_cast<int>(std::ceil(b.y + b.height)) - y};
}

// What differs inside the box, filled from side to side in every row as far as in the rows near it (an elbow
// may be like the wall behind it), and an ellipse where the head is.
void add_shape(image::Mask& hidden, const image::Mask& moving, image::Rect pixels) {
    const image::Rect r = image::clip(pixels, moving.picture());
    if (r.empty()) return;
    const int c = moving.cell();
    const int x0 = r.x / c, x1 = (r.right() - 1) / c, y0 = r.y / c, y1 = (r.bottom() - 1) / c;
    struct Span {
        int first, last;
    };
    std::vector<Span> spans(static_cast<std::size_t>(y1 - y0 + 1), {x1 + 1, x0 - 1});
    for (int y = y0; y <= y1; ++y)
        for (int x = x0; x <= x1; ++x)
            if (moving.at(x, y)) {
                auto& span = spans[static_cast<std::size_t>(y - y0)];
                span = {std::min(span.first, x), std::max(span.last, x)};
            }
    const int aside = static_cast<int>(kSideReach * static_cast<float>(x1 - x0 + 1));
    const int reach = std::max(1, static_cast<int>(kRowReach * static_cast<float>(y1 - y0 + 1)));
    const float middle = 0.5F * static_cast<float>(x0 + x1 + 1),
                wide = kHeadWidth * static_cast<float>(x1 - x0 + 1) / 2;
    const float tall = kHeadHeight * static_cast<float>(y1 - y0 + 1) / 2;
    for (int y = y0; y <= y1; ++y) {
        int first = x1 + 1, last = x0 - 1;
        for (int near = std::max(y0, y - reach); near <= std::min(y1, y + reach); ++near) {
            const auto& span = spans[static_cast<std::size_t>(near - y0)];
            first = std::min(first, span.first), last = std::max(last, span.last);
        }
        const float dy = (static_cast<float>(y - y0) + 0.5F - tall) / tall;
        if (std::abs(dy) < 1) {
            const float half = wide * std::sqrt(1 - dy * dy);
            first = std::min(first, std::max(x0, static_cast<int>(middle - half)));
            last = std::max(last, std::min(x1, static_cast<int>(middle + half)));
        }
        if (first <= last) {
            first = std::max(x0, first - aside);
            last = std::min(x1, last + aside);
            std::fill(hidden.row(y) + first, hidden.row(y) + last + 1, std::uint8_t{255});
        }
    }
}

}  // namespace

DelayLine::DelayLine(image::Size size, Policy policy, Micros look_ahead)
    : policy_{std::move(policy)},
      look_ahead_{look_ahead},
      drawn_{size, vision::cell_for(size)},
      painter_{policy_.style} {
    set_masks(policy_.masks);
}

void DelayLine::set_masks(const std::vector<Polygon>& masks) {
    image::Mask drawn{drawn_.picture(), drawn_.cell()};
    for (const auto& polygon : masks) drawn.set(polygon);
    drawn_ = std::move(drawn);
}

void DelayLine::push(image::RawFrame frame, Evidence evidence) {
    image::Mask lends = evidence.foreground;
    if (evidence.flapping.any()) lends.subtract(evidence.flapping);
    // Where no background is proven, an empty cover is no proof that nobody is there.
    if (policy_.scene == Scene::moving) frame = frame.sent_as(nullptr);
    line_.push_back({std::move(frame), std::move(evidence), std::move(lends)});
}

std::optional<CoveredFrame> DelayLine::pop(const vision::Tracks& tracks, bool flush) {
    if (line_.empty()) return std::nullopt;
    const Waiting& oldest = line_.front();
    const Micros when = oldest.frame.when().time;
    if (!flush && line_.back().frame.when().time - when < look_ahead_) return std::nullopt;

    std::optional<CoveredFrame> out;
    FrameReport report{1, oldest.evidence.proven, oldest.evidence.doubt, oldest.evidence.approved};
    // Doubt about a frame is doubt about the one before: what made it may have begun between them.
    if (report.doubt.empty() && line_.size() > 1) report.doubt = line_[1].evidence.doubt;
    if (!report.doubt.empty()) {
        out = CoveredFrame{painter_.paint_wholly(oldest.frame), std::move(report)};
    } else {
        const Cover cover = cover_for(oldest, tracks);
        report.covered = cover.hidden.share();
        out = CoveredFrame{painter_.paint(oldest.frame, cover), std::move(report)};
    }
    past_.emplace_back(when, std::move(line_.front().lends));
    while (past_.size() > 1 && when - past_[1].first > kGrowth) past_.pop_front();
    line_.pop_front();
    return out;
}

Cover DelayLine::cover_for(const Waiting& frame, const vision::Tracks& tracks) const {
    const Micros when = frame.frame.when().time;
    image::Mask moving = frame.evidence.foreground;
    if (!past_.empty()) moving.unite(past_.back().second);
    for (const auto& [then, foreground] : past_)
        if (when - then <= kGrowth) moving.unite(foreground);
    for (std::size_t i = 1; i < line_.size(); ++i) {
        if (i > 1 && line_[i].frame.when().time - when > kGrowth) break;
        moving.unite(line_[i].lends);
    }
    Cover cover{moving, frame.evidence.unproven};
    cover.hidden.dilate(kGrow + kClose);
    cover.hidden.erode(kClose);
    cover.hidden.unite(moving);
    spare_flapping(cover, frame, tracks, moving);
    add_tracks(cover, frame, tracks, moving);
    cover.hidden.unite(drawn_);
    if (policy_.style == CoverStyle::block) cover.hidden.grow_to_boxes();
    // Proven specks in the midst of what is not, or of a person, show nothing but pieces of somebody.
    cover.unproven.dilate(kClose);
    cover.unproven.erode(kClose);
    cover.unproven.subtract(cover.hidden);
    cover.hidden.unite(cover.unproven);
    cover.hidden.fill_holes(kSmallHole);
    return cover;
}

// Leaves and tapes need no margin, unless somebody is near.
void DelayLine::spare_flapping(Cover& cover, const Waiting& frame, const vision::Tracks& tracks,
                               const image::Mask& moving) const {
    const image::Mask& flapping = frame.evidence.flapping;
    if (!flapping.any()) return;
    image::Mask others = moving;
    others.subtract(flapping);
    for (const auto& box : tracks.at(frame.frame.when().time)) others.set(rect_of(box));
    others.intersect(moving);
    others.dilate(kGrow + kClose);
    others.erode(kClose);
    image::Mask tight = moving;
    tight.dilate(kGrowFlapping);
    others.unite(tight);
    cover.hidden.intersect(others);
}

void DelayLine::add_tracks(Cover& cover, const Waiting& frame, const vision::Tracks& tracks,
                           const image::Mask& moving) const {
    for (const auto& box : tracks.at(frame.frame.when().time)) {
        const image::Rect r = rect_of(box);
        if (policy_.scene == Scene::moving) {
            cover.hidden.set(r);
            continue;
        }
        // In front of a proven plate a person changes the picture. A box in which nothing differs is a
        // mistake of the detector, unless it is very sure.
        const double support = moving.share(r);
        if (box.seen ? support < kSupport && box.best < kBelievedAlone : support < kSupportUnseen) continue;
        // Where enough differs, its shape is the cover; the head, which may be like the wall behind it, is
        // added.
        if (support >= kShape && frame.evidence.unproven.share(r) < kMostlyProven &&
            box.kind == vision::Kind::person)
            add_shape(cover.hidden, moving, r);
        else
            cover.hidden.set(r);
    }
}

}  // namespace passerby::redact
