#include "widgets/layer_map/layer_sizes.h"

namespace lw {

std::vector<LayerSize> layerSizes(const Trace& trace, Position position) {
    std::vector<LayerSize> sizes;
    for (int i = 0; i < trace.model().layers(); ++i) {
        const Layer layer(i);
        LayerSize size;
        RowVectorD sum = RowVectorD::Zero(trace.model().width);
        bool whole = true;  // every part of this layer is known
        const auto part = [&](SiteId site, std::optional<double>& length) {
            if (!trace.model().has(site, layer)) return;
            if (!trace.has(site, layer)) {
                whole = false;
                return;
            }
            const RowVectorD added = trace.row(site, layer, position).cast<double>();
            length = added.norm();
            sum += added;
        };
        part(trace.model().block(layer).firstOut(), size.attention);
        part(SiteId::MlpOut, size.feedForward);
        if (whole) size.layer = sum.norm();
        sizes.push_back(size);
    }
    return sizes;
}

}  // namespace lw
