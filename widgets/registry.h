// One row a view: menus, tabs, shortcuts, --view and saved state all come from here.
#pragma once

#include <QCoreApplication>

#include <span>

#include "widgets/view.h"

namespace lw {

struct ViewRow {
    const char* id;        // "attention"
    const char* title;     // translated with context "View"
    const char* brief;     // the same where there is little room
    const char* help;      // F1: what it shows, how to read it, one thing to try (translated, context "View")
    const char* samples;   // prompts that make it interesting, one a line
    const char* missing;   // said when the model has no such thing (needs: a site)
    SiteId needs;          // the view is offered if the model has this site
    View* (*make)(ViewServices, QWidget* parent);
    const char* instead = nullptr;  // what a model shows that has no such thing
};
std::span<const ViewRow> viewRows();
const ViewRow* findView(const QString& id);

}  // namespace lw
