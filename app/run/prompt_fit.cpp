#include "app/run/prompt_fit.h"

#include <algorithm>

namespace lw {

PromptFit fitPrompt(std::span<const TokenId> ids, int inFront, int context, bool canGoBeyond, ContextChoice choice) {
    PromptFit fit;
    fit.context = context;
    const auto count = static_cast<int>(ids.size());
    if (context <= 0 || count <= context || (choice == ContextChoice::Beyond && canGoBeyond)) {
        fit.kept.assign(ids.begin(), ids.end());
        fit.beyond = context > 0 && count > context;
        return fit;
    }
    const auto excess = count - context;
    if (choice == ContextChoice::CutFront) {
        const int front = std::clamp(inFront, 0, context);
        fit.kept.assign(ids.begin(), ids.begin() + front);
        fit.cutFront.assign(ids.begin() + front, ids.begin() + front + excess);
        fit.kept.insert(fit.kept.end(), ids.begin() + front + excess, ids.end());
    } else {
        fit.kept.assign(ids.begin(), ids.begin() + context);
        fit.cutEnd.assign(ids.begin() + context, ids.end());
    }
    return fit;
}

}  // namespace lw
