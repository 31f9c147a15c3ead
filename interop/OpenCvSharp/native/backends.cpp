// What OpenCV 4.6 does not tell FFmpeg and GStreamer, and newer versions do: a number of decoder threads, and time limits
// for GStreamer. And an eye on the size of decoded pictures, which it takes for granted.
//
// OpenCV reaches those libraries through the dynamic linker, which looks a function up in the library that was loaded
// first, this one, and then in those that it needs. So the functions at the end of this file stand before FFmpeg's and
// GStreamer's of the same names. They call them, and differ only for a thread that is in a BackendCall.
#include <dlfcn.h>

#include <opencv2/videoio.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
}

#include "backends.hpp"

#define INTERPOSED extern "C" __attribute__((visibility("default")))

namespace {

// CAP_PROP_N_THREADS of OpenCV 4.8. Left to itself OpenCV takes a thread a processor, and FFmpeg hands a picture out only
// when each of them has one: on 16 processors a camera would be shown 16 frames late.
constexpr int N_THREADS = 70;

constexpr uint64_t NO_LIMIT = UINT64_MAX; // GST_CLOCK_TIME_NONE
constexpr uint64_t NANOSECONDS_IN_MILLISECOND = 1000000;

thread_local cvshim::Backend *current = nullptr;

// The function that this library stands before.
template <typename Function> Function *next(const char *name) {
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

} // namespace

namespace cvshim {

std::vector<int> Backend::take_wishes(int api, const std::vector<int> &parameters) {
    *this = Backend();
    std::vector<int> others;
    for (size_t i = 0; i + 1 < parameters.size(); i += 2) {
        const int property = parameters[i], value = parameters[i + 1];
        const bool gstreamer = api == cv::CAP_GSTREAMER;
        if (property == N_THREADS)
            decoder_threads = value;
        else if (gstreamer && property == cv::CAP_PROP_OPEN_TIMEOUT_MSEC)
            open_limit_ms = value;
        else if (gstreamer && property == cv::CAP_PROP_READ_TIMEOUT_MSEC)
            read_limit_ms = value;
        else
            others.insert(others.end(), {property, value});
    }

    // One without a value is for OpenCV to complain of.
    if (parameters.size() % 2 != 0)
        others.push_back(parameters.back());
    return others;
}

bool Backend::size_is_kept() {
    if (first_.empty())
        first_ = decoded;
    resized_ = resized_ || decoded != first_;
    return !resized_;
}

bool Backend::get(int property, double *value) const {
    if (property == N_THREADS)
        *value = decoder_threads_given;
    else if (resized_ && property == cv::CAP_PROP_FRAME_WIDTH)
        *value = decoded.width;
    else if (resized_ && property == cv::CAP_PROP_FRAME_HEIGHT)
        *value = decoded.height;
    else
        return false;
    return true;
}

BackendCall::BackendCall(Backend &backend) { current = &backend; }

BackendCall::~BackendCall() { current = nullptr; }

} // namespace cvshim

INTERPOSED int avcodec_open2(AVCodecContext *context, const AVCodec *codec, AVDictionary **options) {
    static const auto real = next<decltype(avcodec_open2)>("avcodec_open2");
    if (current && current->decoder_threads > 0)
        context->thread_count = current->decoder_threads;
    const int result = real(context, codec, options);
    if (current)
        current->decoder_threads_given = context->thread_count;
    return result;
}

INTERPOSED int avcodec_receive_frame(AVCodecContext *context, AVFrame *frame) {
    static const auto real = next<decltype(avcodec_receive_frame)>("avcodec_receive_frame");
    const int result = real(context, frame);
    if (current && result == 0)
        current->decoded = cv::Size(frame->width, frame->height);
    return result;
}

// GstStateChangeReturn gst_element_get_state(GstElement *, GstState *, GstState *, GstClockTime), without GStreamer's
// headers, which OpenCV's don't bring. OpenCV calls it to wait for a pipeline's first picture.
INTERPOSED int gst_element_get_state(void *element, int *state, int *pending, uint64_t limit) {
    static const auto real = next<decltype(gst_element_get_state)>("gst_element_get_state");
    constexpr int FAILURE = 0, ASYNC = 2;
    if (!current || current->open_limit_ms == 0 || limit != NO_LIMIT)
        return real(element, state, pending, limit);
    const int result = real(element, state, pending, current->open_limit_ms * NANOSECONDS_IN_MILLISECOND);
    return result == ASYNC ? FAILURE : result;
}

// GstSample *gst_app_sink_pull_sample(GstAppSink *): waits for a picture.
INTERPOSED void *gst_app_sink_pull_sample(void *sink) {
    static const auto real = next<decltype(gst_app_sink_pull_sample)>("gst_app_sink_pull_sample");
    static const auto limited = next<void *(void *, uint64_t)>("gst_app_sink_try_pull_sample");
    return current && current->read_limit_ms > 0
               ? limited(sink, current->read_limit_ms * NANOSECONDS_IN_MILLISECOND)
               : real(sink);
}
