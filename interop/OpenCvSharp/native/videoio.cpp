#include <string>

#include "shim.hpp"

using namespace cvshim;

namespace {

// guard, with the capture or writer to itself for the duration of the body.
template <typename Handle, typename Body> cvs_error *in_turn(Handle *handle, Body &&body) noexcept {
    return guard([&] {
        const std::lock_guard<std::mutex> turn(handle->turn);
        body(handle->value);
    });
}

// in_turn, with the capture's wishes known to the libraries behind it.
template <typename Body> cvs_error *in_call(cvs_capture *capture, Body &&body) noexcept {
    return in_turn(capture, [&](cv::VideoCapture &value) {
        const BackendCall call(capture->backend);
        body(value);
    });
}

cvs_buffer *as_buffer(const std::string &text) {
    return new cvs_buffer{std::vector<uint8_t>(text.begin(), text.end())};
}

} // namespace

cvs_error *cvs_capture_new(cvs_capture **result) {
    return guard([&] { *result = new cvs_capture(); });
}

void cvs_capture_free(cvs_capture *capture) { delete capture; }

cvs_error *cvs_capture_open_file(cvs_capture *capture, const char *address, int32_t api, const int32_t *params,
                                 int32_t param_count, int32_t *opened) {
    return in_call(capture, [&](cv::VideoCapture &value) {
        *opened = value.open(std::string(address), api, capture->backend.take_wishes(api, to_vector(params, param_count)));
    });
}

cvs_error *cvs_capture_open_index(cvs_capture *capture, int32_t index, int32_t api, const int32_t *params,
                                  int32_t param_count, int32_t *opened) {
    return in_call(capture, [&](cv::VideoCapture &value) {
        *opened = value.open(index, api, capture->backend.take_wishes(api, to_vector(params, param_count)));
    });
}

cvs_error *cvs_capture_is_opened(cvs_capture *capture, int32_t *opened) {
    return in_turn(capture, [&](cv::VideoCapture &value) { *opened = value.isOpened(); });
}

cvs_error *cvs_capture_release(cvs_capture *capture) {
    return in_turn(capture, [](cv::VideoCapture &value) { value.release(); });
}

cvs_error *cvs_capture_grab(cvs_capture *capture, int32_t *grabbed) {
    return in_call(capture, [&](cv::VideoCapture &value) { *grabbed = value.grab() && capture->backend.size_is_kept(); });
}

cvs_error *cvs_capture_retrieve(cvs_capture *capture, cvs_mat *image, int32_t flag, int32_t *retrieved) {
    return in_turn(capture, [&](cv::VideoCapture &value) { *retrieved = value.retrieve(image->value, flag); });
}

cvs_error *cvs_capture_read(cvs_capture *capture, cvs_mat *image, int32_t *read) {
    return in_call(capture, [&](cv::VideoCapture &value) {
        *read = value.grab() && capture->backend.size_is_kept() && value.retrieve(image->value);
        if (!*read)
            image->value.release(); // as cv::VideoCapture::read does
    });
}

cvs_error *cvs_capture_get(cvs_capture *capture, int32_t property, double *value) {
    return in_turn(capture, [&](cv::VideoCapture &source) {
        if (!capture->backend.get(property, value))
            *value = source.get(property);
    });
}

cvs_error *cvs_capture_set(cvs_capture *capture, int32_t property, double value, int32_t *accepted) {
    return in_turn(capture, [&](cv::VideoCapture &source) { *accepted = source.set(property, value); });
}

cvs_error *cvs_capture_backend(cvs_capture *capture, cvs_buffer **name) {
    return in_turn(capture, [&](cv::VideoCapture &value) { *name = as_buffer(value.getBackendName()); });
}

cvs_error *cvs_writer_new(cvs_writer **result) {
    return guard([&] { *result = new cvs_writer(); });
}

void cvs_writer_free(cvs_writer *writer) { delete writer; }

cvs_error *cvs_writer_open(cvs_writer *writer, const char *path, int32_t api, int32_t fourcc, double fps,
                           cvs_size size, const int32_t *params, int32_t param_count, int32_t *opened) {
    return in_turn(writer, [&](cv::VideoWriter &value) {
        *opened = value.open(std::string(path), api, fourcc, fps, to_cv(size), to_vector(params, param_count));
    });
}

cvs_error *cvs_writer_is_opened(cvs_writer *writer, int32_t *opened) {
    return in_turn(writer, [&](cv::VideoWriter &value) { *opened = value.isOpened(); });
}

cvs_error *cvs_writer_release(cvs_writer *writer) {
    return in_turn(writer, [](cv::VideoWriter &value) { value.release(); });
}

cvs_error *cvs_writer_write(cvs_writer *writer, const cvs_mat *image) {
    return in_turn(writer, [&](cv::VideoWriter &value) { value.write(image->value); });
}

cvs_error *cvs_writer_get(cvs_writer *writer, int32_t property, double *value) {
    return in_turn(writer, [&](cv::VideoWriter &sink) { *value = sink.get(property); });
}

cvs_error *cvs_writer_set(cvs_writer *writer, int32_t property, double value, int32_t *accepted) {
    return in_turn(writer, [&](cv::VideoWriter &sink) { *accepted = sink.set(property, value); });
}

cvs_error *cvs_writer_backend(cvs_writer *writer, cvs_buffer **name) {
    return in_turn(writer, [&](cv::VideoWriter &value) { *name = as_buffer(value.getBackendName()); });
}
