// Must not compile with LEAK: a raw frame is not what the encoder takes, and nobody but the painter makes it
// one.
#include "media/jpeg.h"
#include "media/video_writer.h"

namespace passerby {

#if LEAK == 0
Status fine(media::FileWriter& writer, const image::SafeFrame& frame) {
    return writer.write(frame);
}
#elif LEAK == 1  // a raw frame to the file's encoder
Status leak(media::FileWriter& writer, const image::RawFrame& frame) {
    return writer.write(frame);
}
#elif LEAK == 2  // a raw frame to the live encoder
Status leak(media::FragmentWriter& writer, const image::RawFrame& frame) {
    return writer.write(frame);
}
#elif LEAK == 3  // calling a picture safe without being the painter
image::SafeFrame leak(image::PictureBuffer buffer) {
    return {image::SafeFrame::Key{}, std::move(buffer), {}};
}
#elif LEAK == 4  // a cast
image::SafeFrame leak(const image::RawFrame& frame) {
    return static_cast<image::SafeFrame>(frame);
}
#elif LEAK == 5  // aggregate initialisation of the permission
image::SafeFrame leak(image::PictureBuffer buffer) {
    return {{}, std::move(buffer), {}};
}
#elif LEAK == 6  // a raw frame into a report
Result<std::string> leak(const image::RawFrame& frame) {
    return media::jpeg_from(frame, 640);
}
#elif LEAK == 7  // calling a raw frame open without being the painter
image::SafeFrame leak(const image::RawFrame& frame) {
    return {{}, frame};
}
#elif LEAK == 8  // what the camera sent, past the painter
Status leak(media::FragmentWriter& writer, const image::CodedPicture& coded) {
    return writer.write(coded);
}
#endif

}  // namespace passerby
