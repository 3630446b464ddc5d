// Reading a page of a mapped file that the system cannot give any more: the file was shortened meanwhile, or its disk or network
// failed. The system answers with the signal SIGBUS, which ends a program that has no handler. This is that handler, the only
// state in the core that the whole process shares: the page and all behind it become zeros, the range is marked, and the reader
// goes on; whoever computed with the range asks hit() and throws the result away.
// A signal that belongs to no guarded range goes to the handler that was there before.
#pragma once

#include <cstddef>

namespace lw {

class BusGuard {
public:
    BusGuard() = default;
    /// Guards the mapped pages [data, data + bytes); data begins a page. Lives no longer than the mapping.
    BusGuard(const std::byte* data, std::size_t bytes);
    BusGuard(BusGuard&& other) noexcept;
    BusGuard& operator=(BusGuard&& other) noexcept;
    ~BusGuard();

    /// False if too many ranges are guarded already: then a lost page still ends the program.
    bool guards() const { return m_slot >= 0; }
    /// Whether a page could not be read since then; the range holds zeros in its place.
    bool hit() const;

private:
    int m_slot = -1;
};

}  // namespace lw
