// One column of a batch, borrowed from its Python buffer until the end of the scope.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>

#include "expect.hpp"

namespace riskengine {

// Made, filled and destroyed under the GIL; read with or without it.
class Column {
  public:
    Py_buffer buffer{};

    Column() = default;
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;
    // Releasing a buffer that was never taken does nothing.
    ~Column() { PyBuffer_Release(&buffer); }

    // None when the buffer was never taken.
    int64_t rows() const { return buffer.obj ? buffer.shape[0] : 0; }
    const int64_t* data() const { return static_cast<const int64_t*>(buffer.buf); }
    int64_t operator[](int64_t row) const {
        riskengine_expect(0 <= row && row < rows());
        int64_t value;
        std::memcpy(&value, data() + row, sizeof value);
        return value;
    }
};

}  // namespace riskengine
