// Result<T>: a value or an Error whose message can be shown to a person as it is.
// The world (missing file, bad header, over budget, cancelled) gives an Error; a programmer's mistake is asserted instead.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lw {

enum class ErrorKind {
    NotFound,     // a file, folder, tensor or name that is not there
    Unreadable,   // it is there but cannot be read (permission, device)
    BadFormat,    // the bytes are not what the format promises
    Unsupported,  // well formed, but asks for something the program does not do
    Mismatch,     // two facts contradict each other (config and tensor, id and vocabulary)
    OverBudget,   // would need more memory than allowed
    OverContext,  // more tokens than the model's context
    BadInput,     // the person's text, ids or settings
    NotWritable,  // an output cannot be written
    Cancelled,    // the person or a newer job asked to stop
};

struct Error {
    ErrorKind kind = ErrorKind::BadInput;
    std::string message;     // one sentence: what, where, expected, found
    std::string where = {};  // the file, tensor or field it is about, if there is one
    std::string offer = {};  // what could be done instead, if something can
};

template <class T>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

inline Unexpected fail(ErrorKind kind, std::string message, std::string where = {}, std::string offer = {}) {
    return Unexpected(Error{kind, std::move(message), std::move(where), std::move(offer)});
}

}  // namespace lw
