// Tables as protobuf has them in columns: a message with one packed field of varints for each column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "expect.hpp"
#include "words.hpp"

namespace riskengine {

constexpr std::size_t kVarintBytes = 10;  // at most

inline std::uint8_t* put_varint(std::uint8_t* at, std::uint64_t value) {
    while (value >= 0x80) {
        *at++ = static_cast<std::uint8_t>(value | 0x80);
        value >>= 7;
    }
    *at++ = static_cast<std::uint8_t>(value);
    return at;
}

inline std::size_t varint_bytes(std::uint64_t value) {
    std::size_t bytes = 1;
    while (value >>= 7) ++bytes;
    return bytes;
}

// The key before a length-delimited field; numbers up to 15 take one byte.
inline std::uint8_t delimited(int field) {
    riskengine_expect(0 < field && field < 16);
    return static_cast<std::uint8_t>(field << 3 | 2);
}

// Rows of up to 15 columns, of which the one that was put first is field 1. It asks the allocator
// for nothing.
class PackedTable {
  public:
    // Take room for so many rows; false when the system had no memory.
    bool take(int columns, std::size_t most_rows) {
        columns_ = columns;
        for (int i = 0; i < columns; ++i) {
            if (!room_[i].take(most_rows * kVarintBytes)) return false;
        }
        clear();
        return true;
    }
    void clear() {
        for (int i = 0; i < columns_; ++i) end_[i] = room_[i].begin();
        rows_ = 0;
    }
    std::size_t rows() const { return rows_; }

    // Put the next cell of the row: of a field int32, int64 or an enum.
    void put(std::int64_t value) {
        riskengine_expect(column_ < columns_);
        end_[column_] = put_varint(end_[column_], static_cast<std::uint64_t>(value));
        ++column_;
    }
    // The same of a field sint64.
    void put_signed(std::int64_t value) {
        const std::uint64_t sign = value < 0 ? ~std::uint64_t(0) : 0;
        put(static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 1 ^ sign));
    }
    void end_row() {
        riskengine_expect(column_ == columns_);
        column_ = 0;
        ++rows_;
    }

    // How many bytes the table takes as a field below 16 of a message; none without rows.
    std::size_t field_bytes() {
        const std::size_t bytes = content_bytes();
        return bytes == 0 ? 0 : 1 + varint_bytes(bytes) + bytes;
    }
    std::uint8_t* write(int field, std::uint8_t* at) {
        if (rows_ == 0) return at;
        *at++ = delimited(field);
        at = put_varint(at, content_bytes());
        for (int i = 0; i < columns_; ++i) {
            const std::size_t bytes = column_bytes(i);
            *at++ = delimited(i + 1);
            at = put_varint(at, bytes);
            std::memcpy(at, room_[i].begin(), bytes);
            at += bytes;
        }
        return at;
    }

  private:
    std::size_t column_bytes(int i) {
        return static_cast<std::size_t>(end_[i] - room_[i].begin());
    }
    std::size_t content_bytes() {
        std::size_t bytes = 0;
        for (int i = 0; i < columns_ && rows_ > 0; ++i) {
            bytes += 1 + varint_bytes(column_bytes(i)) + column_bytes(i);
        }
        return bytes;
    }

    static constexpr int kMostColumns = 15;
    Scratch<std::uint8_t> room_[kMostColumns];
    std::uint8_t* end_[kMostColumns] = {};
    int columns_ = 0;
    int column_ = 0;
    std::size_t rows_ = 0;
};

}  // namespace riskengine
