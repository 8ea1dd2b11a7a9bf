// A growing array in pages: elements never move, so growth costs one page, not a copy of all.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "expect.hpp"

namespace riskengine {

// Pages of two megabytes are asked for as huge pages: a random access then costs no walk of the
// page table. Small ones (the default) are for the many arrays that mostly stay short. Elements
// begin after kLead unused places.
template <class T, std::size_t kPageBytes = std::size_t(1) << 16, std::size_t kLead = 0>
class Paged {
    static_assert(std::is_trivially_copyable<T>::value, "pages are copied as bytes");
    static constexpr std::size_t log2(std::size_t n) { return n < 2 ? 0 : 1 + log2(n / 2); }
    static constexpr std::size_t kShift = log2(kPageBytes / sizeof(T));
    static constexpr std::size_t kElements = std::size_t(1) << kShift;
    static constexpr bool kHuge = kPageBytes >= (std::size_t(1) << 21);
    static constexpr std::align_val_t kAlignment{kHuge ? kPageBytes : 64};

    static_assert(!kHuge || sizeof(T) * kElements == kPageBytes, "elements fill a huge page");

    struct Free {
        void operator()(T* page) const { ::operator delete(page, kAlignment); }
    };
    using Page = std::unique_ptr<T, Free>;

  public:
    Paged() = default;
    Paged(Paged&& other) noexcept
        : pages_(std::move(other.pages_)), size_(std::exchange(other.size_, 0)) {}
    Paged& operator=(Paged&& other) noexcept {
        pages_ = std::move(other.pages_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    Paged(const Paged& other) { *this = other; }
    Paged& operator=(const Paged& other) {
        if (this == &other) return *this;
        resize(other.size_);
        for (std::size_t i = 0; i < pages_for(size_); ++i) {
            std::memcpy(pages_[i].get(), other.pages_[i].get(), sizeof(T) * kElements);
        }
        return *this;
    }

    T& operator[](std::size_t i) {
        riskengine_expect(i < size_);
        return pages_[(i + kLead) >> kShift].get()[(i + kLead) & (kElements - 1)];
    }
    const T& operator[](std::size_t i) const {
        riskengine_expect(i < size_);
        return pages_[(i + kLead) >> kShift].get()[(i + kLead) & (kElements - 1)];
    }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& back() { return (*this)[size_ - 1]; }
    void push_back(const T& value) {
        resize(size_ + 1);
        back() = value;
    }
    void pop_back() {
        riskengine_expect(size_ > 0);
        --size_;
    }
    // New pages are zero bytes; one spare page is kept when shrinking.
    void resize(std::size_t size) {
        const std::size_t wanted = pages_for(size);
        while (pages_.size() < wanted) {
            void* page = ::operator new(sizeof(T) * kElements, kAlignment);
            if (kHuge) madvise(page, sizeof(T) * kElements, MADV_HUGEPAGE);
            std::memset(page, 0, sizeof(T) * kElements);
            pages_.emplace_back(static_cast<T*>(page));
        }
        if (pages_.size() > wanted + 1) pages_.resize(wanted + 1);
        size_ = size;
    }

    // Where the pages lie, in no order that means anything, and how large each is.
    std::size_t page_count() const { return pages_.size(); }
    const void* page(std::size_t i) const { return pages_[i].get(); }
    std::size_t page_bytes() const { return sizeof(T) * kElements; }

  private:
    static std::size_t pages_for(std::size_t size) {
        return size == 0 ? 0 : (size + kLead + kElements - 1) >> kShift;
    }

    std::vector<Page> pages_;
    std::size_t size_ = 0;
};

// Have memory be as it was before the process was cloned: huge where it was asked for as such, and
// open to be written to. A clone leaves each page that either wrote to split and copied, and every
// other one so that its next write is a fault. What the memory holds stays as it is, and any thread
// may ask for it. False when the system would not, or the memory is none of the process.
inline bool mend(void* page, std::size_t bytes) {
    constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, Linux 5.14
    constexpr int kCollapse = 25;       // MADV_COLLAPSE, Linux 6.1
    const bool is_huge = bytes < std::size_t(1) << 21 || madvise(page, bytes, kCollapse) == 0;
    // Small pages of ours do not begin with one of the system's.
    const std::uintptr_t system = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(page) / system * system;
    const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(page) + bytes;
    return madvise(reinterpret_cast<void*>(begin), end - begin, kPopulateWrite) == 0 && is_huge;
}

template <class T>
class HugePaged : public Paged<T, std::size_t(1) << 21> {};

// Elements in cache lines of their own, each with room in the rest of its line for a thing that
// another owner keeps beside it (`Beside`): what is wanted together comes from memory together.
// What stands in the room is not part of the array: beside a copy, its owner makes it anew or, when
// it is to be the same, says how much of it was there (`Beside::take_over`).
template <class T>
class HugeLines {
    static constexpr std::size_t kLine = 64;
    struct Line {
        T element;
        unsigned char room[kLine - sizeof(T)];
    };
    static_assert(sizeof(Line) == kLine, "a cache line each");

  public:
    static constexpr std::size_t kRoom = sizeof(Line::room);
    T& operator[](std::size_t i) { return lines_[i].element; }
    const T& operator[](std::size_t i) const { return lines_[i].element; }
    void* room(std::size_t i) { return lines_[i].room; }
    std::size_t size() const { return lines_.size(); }
    bool empty() const { return lines_.empty(); }
    void resize(std::size_t size) { lines_.resize(size); }
    std::size_t page_count() const { return lines_.page_count(); }
    const void* page(std::size_t i) const { return lines_.page(i); }
    std::size_t page_bytes() const { return lines_.page_bytes(); }

  private:
    Paged<Line, std::size_t(1) << 21> lines_;
};

// A growing array of things that stand in the room beside the elements of another array, which
// must stay where it is and not be shorter.
template <class U, class T>
class Beside {
    static_assert(std::is_trivially_copyable<U>::value, "lines are copied as bytes");
    static_assert(sizeof(U) <= HugeLines<T>::kRoom && sizeof(T) % alignof(U) == 0, "it fits");

  public:
    Beside() = default;
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    void stand_beside(HugeLines<T>& lines) { lines_ = &lines; }
    // Take what stands in the room already: that of a copy of the lines beside which another stands.
    void take_over(const Beside& other) {
        riskengine_expect(other.size_ <= lines_->size());
        size_ = other.size_;
    }
    U& operator[](std::size_t i) {
        riskengine_expect(i < size_);
        return *std::launder(static_cast<U*>(lines_->room(i)));
    }
    std::size_t size() const { return size_; }
    void push_back(const U& value) {
        riskengine_expect(size_ < lines_->size());
        ::new (lines_->room(size_++)) U(value);
    }

  private:
    HugeLines<T>* lines_ = nullptr;
    std::size_t size_ = 0;
};

// A 4-ary heap of elements of 16 bytes: the four children of an element share a cache line.
template <class T>
class PagedHeap : public Paged<T, std::size_t(1) << 16, 3> {
    static_assert(sizeof(T) == 16, "four elements fill a cache line");
};

}  // namespace riskengine
