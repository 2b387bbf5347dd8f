#include "measure/clip.h"

#include <memory>

#include <opencv2/imgproc.hpp>

#include "measure/box_meter.h"
#include "measure/mask_meter.h"
#include "measure/page_cover.h"
#include "measure/worst_frames.h"
#include "media/bgr.h"
#include "media/video_reader.h"

namespace passerby::measure {

namespace {

constexpr std::size_t kMostPictures = 12;
constexpr Micros kPicturesApart = std::chrono::seconds{1};
// A video of which so much is seen is not a covered one; pictures of it would show people whom no label
// knows.
constexpr double kNotCovered = 0.2;

// A video's frames in grey.
class GreyVideo {
  public:
    static Result<GreyVideo> open(const std::string& path, int passes, const std::atomic<bool>& stop) {
        media::ReadOptions options;
        options.passes = passes;
        options.stop = &stop;
        auto reader = media::VideoReader::open(path, options);
        if (!reader && reader.error().kind == ErrorKind::not_found)
            return fail(ErrorKind::not_found, "{}; check the name", reader.error().message);
        if (!reader) return tl::unexpected{reader.error()};
        return GreyVideo{std::move(*reader)};
    }

    Result<std::optional<image::RawFrame>> read() { return reader_->read(); }

    // Brought to `size` as OpenCV does it, if it has another.
    Result<cv::Mat> grey(const image::RawFrame& frame, cv::Size size) {
        const auto view = TRY(converter_.convert(frame.raw()));
        cv::Mat bgr{view.size.height, view.size.width, CV_8UC3, const_cast<std::uint8_t*>(view.data),
                    static_cast<std::size_t>(view.stride)};
        if (bgr.size() != size) {
            cv::Mat scaled;
            cv::resize(bgr, scaled, size, 0, 0, cv::INTER_AREA);
            bgr = scaled;
        }
        cv::Mat grey;
        cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
        return grey;
    }

    const media::VideoInfo& info() const { return reader_->info(); }

  private:
    explicit GreyVideo(std::unique_ptr<media::VideoReader> reader) : reader_{std::move(reader)} {}

    std::unique_ptr<media::VideoReader> reader_;
    media::BgrConverter converter_;
};

std::unique_ptr<Meter> meter_for(const Labels& labels) {
    if (const auto* boxes = std::get_if<Boxes>(&labels))
        return std::make_unique<BoxMeter>(boxes->persons, boxes->ignored, boxes->rules);
    return std::make_unique<MaskMeter>(std::get<MaskLabels>(labels));
}

double share_of(const cv::Mat& map) {
    return static_cast<double>(cv::countNonZero(map)) / static_cast<double>(map.total());
}

class Run {
  public:
    Run(const Comparison& job, GreyVideo original, GreyVideo covered)
        : job_{job},
          original_{std::move(original)},
          covered_{std::move(covered)},
          meter_{meter_for(job.labels)} {
        found_.size = original_.info().size;
        found_.from = job.from;
    }

    Result<Findings> run(const Progress& progress) {
        for (;;) {
            const auto before = TRY(original_.read()), after = TRY(covered_.read());
            if (!before && !after) break;
            if (!before || !after)
                return fail(ErrorKind::invalid,
                            "'{}' ends after {} frames, but '{}' goes on; give a covered video with every "
                            "frame of the "
                            "original{}",
                            before ? job_.covered : job_.original, found_.frames,
                            before ? job_.original : job_.covered,
                            after ? ", or say with --times how often it shows the clip" : "");
            ++found_.frames;
            progress(found_.frames, original_.info().frames_estimate);
            TRY_STATUS(look(*before, *after));
        }
        found_.figures = meter_->figures();
        if (found_.seen_share().value_or(0) <= kNotCovered) found_.worst = worst_.take();
        return std::move(found_);
    }

  private:
    Status look(const image::RawFrame& before, const image::RawFrame& after) {
        const cv::Size size{found_.size.width, found_.size.height};
        auto grey_before = TRY(original_.grey(before, size)), grey_after = TRY(covered_.grey(after, size));
        FramePair pair{std::move(grey_before),
                       std::move(grey_after),
                       {},
                       found_.frames,
                       (found_.frames - 1) % job_.period + 1};
        cv::absdiff(pair.before, pair.after, pair.changed);
        pair.changed = pair.changed > kChanged;
        auto look = TRY(meter_->look(pair));
        const int background = cv::countNonZero(look.background);
        const int changed = cv::countNonZero(look.background & pair.changed);
        if (found_.frames >= job_.from) {
            found_.background += background;
            found_.changed_background += changed;
        }
        const Micros time = before.when().time;
        found_.moments.push_back({time, share_of(pair.changed), background ? 1.0 * changed / background : 0,
                                  look.seen, static_cast<int>(look.leaks.size())});
        found_.leaks.insert(found_.leaks.end(), look.leaks.begin(), look.leaks.end());
        if (job_.paint && look.worst && worst_.wants(look.worst->leak, time)) {
            const auto hide = page_cover(pair, meter_->labelled(), after.size());
            worst_.keep({look.worst->leak, time, job_.paint(after, hide), std::move(look.worst->outlines)});
        }
        return {};
    }

    const Comparison& job_;
    GreyVideo original_, covered_;
    std::unique_ptr<Meter> meter_;
    WorstFrames worst_{kMostPictures, kPicturesApart};
    Findings found_;
};

Result<Findings> without_exceptions(Run& run, const Progress& progress) {
    try {
        return run.run(progress);
    } catch (const cv::Exception& e) {
        return fail(ErrorKind::internal, "cannot compare the pictures: {}", e.what());
    }
}

}  // namespace

Result<std::int64_t> count_frames(const std::string& path, const std::atomic<bool>& stop,
                                  const Progress& progress) {
    auto video = TRY(GreyVideo::open(path, 1, stop));
    std::int64_t frames = 0;
    while (TRY(video.read())) progress(++frames, video.info().frames_estimate);
    return frames;
}

Status fit(const Labels& labels, std::int64_t frames, const std::string& clip) {
    if (const auto* masks = std::get_if<MaskLabels>(&labels)) return masks->fit(frames, clip);
    const auto& boxes = std::get<Boxes>(labels);
    TRY_STATUS(boxes.persons.fit(frames, clip));
    return boxes.ignored.fit(frames, clip);
}

Result<Findings> measure(const Comparison& job, const std::atomic<bool>& stop, const Progress& progress) {
    auto original = TRY(GreyVideo::open(job.original, job.showings, stop));
    auto covered = TRY(GreyVideo::open(job.covered, 1, stop));
    Run run{job, std::move(original), std::move(covered)};
    return without_exceptions(run, progress);
}

}  // namespace passerby::measure
