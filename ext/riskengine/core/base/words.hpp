// A stream of 64-bit words that the same calls write or read: what one takes is what the other gave.
// What is written is one run of words, or told record by record.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "expect.hpp"

namespace riskengine {

// Writing takes no memory after `write_to` or `tell_to`, so that a process may write that must not
// ask for any.
// A reader that has failed gives zeros.
class Words {
  public:
    using Flush = void (*)(void* context, const std::int64_t* words, std::size_t count);
    using Tell = void (*)(void* context, int record, const std::int64_t* words, std::size_t count);

    void write_to(Flush flush, void* context) {
        buffer_ = std::make_unique<std::int64_t[]>(kBuffered);
        flush_ = flush;
        context_ = context;
    }
    // Have each record told by itself, and no lengths of lists; none is as long as the buffer.
    void tell_to(Tell tell, void* context) {
        write_to(nullptr, context);
        tell_ = tell;
    }
    void read_from(const std::int64_t* words, std::size_t count) {
        at_ = words;
        left_ = count;
    }
    bool is_reading() const { return at_ != nullptr; }
    bool has_failed() const { return failed_; }
    void fail() { failed_ = true; }
    std::size_t left() const { return left_; }

    template <class T>
    void carry(T& value) {
        if (!is_reading()) return put(static_cast<std::int64_t>(value));
        const std::int64_t word = next();
        value = static_cast<T>(word);
        failed_ |= static_cast<std::int64_t>(value) != word;
    }
    // The upper 64 bits, then the lower ones.
    void carry(__int128& value) {
        std::int64_t upper = static_cast<std::int64_t>(value >> 64);
        std::int64_t lower = static_cast<std::int64_t>(value);
        carry(upper);
        carry(lower);
        if (is_reading()) {
            value = static_cast<__int128>(
                static_cast<unsigned __int128>(upper) << 64 | static_cast<std::uint64_t>(lower));
        }
    }
    // What is put from here on is a record of this kind, up to the next `begin` or the end.
    void begin(int record) {
        if (tell_ == nullptr) return;
        flush();
        record_ = record;
    }
    // Put how many things follow.
    void put_count(std::size_t count) {
        if (tell_ == nullptr) put(static_cast<std::int64_t>(count));
    }
    void put(std::int64_t word) {
        riskengine_expect(!is_reading());
        if (is_measuring_) {
            ++measured_;
            return;
        }
        buffer_[buffered_++] = word;
        if (buffered_ == kBuffered) flush();
    }
    std::int64_t next() {
        riskengine_expect(is_reading());
        failed_ |= left_ == 0;
        if (failed_) return 0;
        --left_;
        return *at_++;
    }
    // A number of things of which each takes that many words at least.
    std::size_t next_count(std::size_t least_words) {
        const std::int64_t count = next();
        failed_ |= count < 0 || static_cast<std::size_t>(count) > left_ / least_words;
        return failed_ ? 0 : static_cast<std::size_t>(count);
    }
    // From here to the end of measuring words that are put are counted, and go nowhere.
    void begin_measuring() {
        measured_ = 0;
        is_measuring_ = true;
    }
    std::size_t end_measuring() {
        is_measuring_ = false;
        return measured_;
    }
    void flush() {
        if (buffered_ > 0) {
            if (tell_ == nullptr) flush_(context_, buffer_.get(), buffered_);
            else tell_(context_, record_, buffer_.get(), buffered_);
        }
        buffered_ = 0;
    }

  private:
    static constexpr std::size_t kBuffered = std::size_t(1) << 16;
    std::unique_ptr<std::int64_t[]> buffer_;
    std::size_t buffered_ = 0;
    std::size_t measured_ = 0;
    bool is_measuring_ = false;
    Flush flush_ = nullptr;
    Tell tell_ = nullptr;
    int record_ = 0;
    void* context_ = nullptr;
    const std::int64_t* at_ = nullptr;
    std::size_t left_ = 0;
    bool failed_ = false;
};

// Room for so many elements, straight from the system: a process that was cloned beside threads may
// take it, where it may not ask the allocator. Its pages are zero bytes, and cost when written to.
template <class T>
class Scratch {
  public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        if (begin_) munmap(begin_, bytes_);
    }
    // Take room for so many; false when the system had no memory.
    bool take(std::size_t most) {
        bytes_ = (most + 1) * sizeof(T);
        void* room = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, kFlags, -1, 0);
        if (room == MAP_FAILED) return false;
        begin_ = static_cast<T*>(room);
        return true;
    }
    T* begin() { return begin_; }
    T* end() { return begin_ + size_; }
    std::size_t size() const { return size_; }
    T& operator[](std::size_t i) { return begin_[i]; }
    void push_back(const T& value) { begin_[size_++] = value; }

  private:
    static constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    T* begin_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t size_ = 0;
};

}  // namespace riskengine
