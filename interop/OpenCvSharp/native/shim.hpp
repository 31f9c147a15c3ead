// What the shim's own sources share: the opaque types, and the wall that C++ exceptions don't pass.
#pragma once

#include <mutex>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "backends.hpp"
#include "cvshim.h"

struct cvs_mat {
    cv::Mat value;
};

struct cvs_buffer {
    std::vector<uint8_t> bytes;
};

struct cvs_capture {
    std::mutex turn; // cv::VideoCapture is not thread-safe: a release during a read would free what is being read into
    cv::VideoCapture value;
    cvshim::Backend backend;
};

struct cvs_writer {
    std::mutex turn;
    cv::VideoWriter value;
};

namespace cvshim {

// The exception being handled, as an error for the caller. Call it in a catch block only.
cvs_error *current_exception_as_error() noexcept;

// Runs the body; what it throws becomes the returned error.
template <typename Body> cvs_error *guard(Body &&body) noexcept {
    try {
        body();
        return nullptr;
    } catch (...) {
        return current_exception_as_error();
    }
}

inline cv::Scalar to_cv(cvs_scalar s) { return {s.v0, s.v1, s.v2, s.v3}; }
inline cv::Point to_cv(cvs_point p) { return {p.x, p.y}; }
inline cv::Size to_cv(cvs_size s) { return {s.width, s.height}; }
inline cv::Rect to_cv(cvs_rect r) { return {r.x, r.y, r.width, r.height}; }

inline cv::_InputArray optional(const cvs_mat *mat) {
    return mat ? cv::_InputArray(mat->value) : cv::_InputArray(cv::noArray());
}

inline std::vector<int> to_vector(const int32_t *values, int32_t count) {
    return values ? std::vector<int>(values, values + count) : std::vector<int>();
}

} // namespace cvshim
