// What a capture asks of FFmpeg and GStreamer beyond what OpenCV 4.6 can say to them; see backends.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include <opencv2/core/types.hpp>

namespace cvshim {

// The wishes of one capture, and what its decoder was seen to do. Used by the thread that has the capture's turn.
class Backend {
  public:
    // Takes the wishes out of the parameters of an opening.
    // Returns the other parameters, which are OpenCV's own.
    std::vector<int> take_wishes(int api, const std::vector<int> &parameters);

    // Whether the picture just grabbed has the size of the first one. OpenCV 4.6 converts every picture as if it had:
    // a smaller one comes out in a corner, a larger one not at all, and in both cases it says that all is well.
    bool size_is_kept();

    // The answer to a property that only this class knows; false where OpenCV is to be asked.
    bool get(int property, double *value) const;

    int decoder_threads = 0;       // wished for; 0 for one a processor
    int open_limit_ms = 0;         // of GStreamer; 0 for none
    int read_limit_ms = 0;         // of GStreamer; 0 for none
    int decoder_threads_given = 0; // by FFmpeg
    cv::Size decoded;              // of the newest picture; empty where FFmpeg doesn't decode

  private:
    cv::Size first_;
    bool resized_ = false;
};

// While it lives, FFmpeg and GStreamer serve this capture on this thread.
class BackendCall {
  public:
    explicit BackendCall(Backend &backend);
    ~BackendCall();
    BackendCall(const BackendCall &) = delete;
    BackendCall &operator=(const BackendCall &) = delete;
};

} // namespace cvshim
