# The include rules of ARCHITECTURE.md as a test: reads every #include "…" below core, widgets and app and fails on a broken rule.
# Usage: cmake -DROOT=<source folder> -P tests/include_rules.cmake
# For each room: the prefixes it may include (besides itself). "" after a name means the folder and all below it.
set(rules
  "core/base:core/base/"
  "core/tensor:core/base/ core/tensor/"
  "core/nn:core/base/ core/tensor/ core/nn/"
  "core/trace:core/base/ core/tensor/ core/trace/"
  "core/text:core/base/ core/tensor/ core/text/"
  "core/models:core/base/ core/tensor/ core/nn/ core/trace/ core/models/"
  "core/formats:core/base/ core/tensor/ core/text/ core/formats/"
  "core/generate:core/base/ core/tensor/ core/trace/ core/models/ core/text/ core/run.h core/generate/"
  "core/analysis:core/base/ core/tensor/ core/trace/ core/models/ core/text/ core/run.h core/analysis/"
  "core/train:core/base/ core/tensor/ core/nn/ core/trace/ core/models/ core/formats/ core/text/ core/load.h core/train/"
  "widgets/shared:core/base/ core/trace/ core/generate/ core/text/ core/tensor/ widgets/shared/"
  "app/cli:core/ app/cli/ app/version.h"
)
# A view: its own folder, what is shared, and core's facts and analyses; never another view, a run, a file format.
set(view_may core/base/ core/tensor/ core/trace/ core/models/ core/text/ core/generate/ core/analysis/ widgets/shared/ widgets/view.h widgets/readings.h widgets/tokenizer_shelf.h widgets/workshop.h widgets/word_vectors.h widgets/second_text.h)
# Headers of the outside that a tree must not see.
set(core_never "^Q[A-Z]|^QtCore|^GL/|^QOpenGL")

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/widgets/*.h ${ROOT}/widgets/*.cpp ${ROOT}/app/*.h ${ROOT}/app/*.cpp)
list(LENGTH files count)
if(count LESS 50)
  message(FATAL_ERROR "include rules: only ${count} files found below ${ROOT}")
endif()
set(broken "")
foreach(file IN LISTS files)
  get_filename_component(folder ${file} DIRECTORY)
  set(may "")
  foreach(rule IN LISTS rules)
    string(REGEX MATCH "^([^:]+):(.*)$" ignored "${rule}")
    set(room ${CMAKE_MATCH_1})
    set(list ${CMAKE_MATCH_2})
    if(folder STREQUAL room OR folder MATCHES "^${room}/")
      string(REPLACE " " ";" may "${list}")
    endif()
  endforeach()
  if(NOT may AND folder MATCHES "^widgets/([^/]+)")
    set(may ${view_may} widgets/${CMAKE_MATCH_1}/)
  endif()
  file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS lines)
    if(line MATCHES "include \"([^\"]+)\"")
      set(target ${CMAKE_MATCH_1})
      if(NOT target MATCHES "^(core|widgets|app|tests|hwy)/" AND NOT target MATCHES "\\.moc$")
        list(APPEND broken "${file} includes \"${target}\": write the path from the project's root")
      elseif(may AND target MATCHES "^(core|widgets|app|tests)/")
        set(fine FALSE)
        foreach(prefix IN LISTS may)
          string(FIND "${target}" "${prefix}" at)
          if(at EQUAL 0)
            set(fine TRUE)
          endif()
        endforeach()
        if(NOT fine)
          list(APPEND broken "${file} includes ${target}")
        endif()
      endif()
      # One architecture does not know another: gpt2.cpp may not include llama.h; the registry knows all.
      if(folder STREQUAL "core/models" AND target MATCHES "^core/models/(gpt2|llama|mamba|mamba2|jamba|qwen3_next|matrix_memory|recurrent|ngram|nplm|s4d|rwkv7)\\.h$" AND NOT file MATCHES "registry\\.cpp$")
        get_filename_component(own ${file} NAME_WE)
        if(NOT target STREQUAL "core/models/${own}.h")
          list(APPEND broken "${file} includes ${target}: another architecture")
        endif()
      endif()
    elseif(line MATCHES "include <([^>]+)>")
      set(header "${CMAKE_MATCH_1}")
      if(file MATCHES "^core/|^app/cli/" AND header MATCHES "${core_never}")
        list(APPEND broken "${file} includes <${header}>: no Qt here")
      endif()
    endif()
  endforeach()
endforeach()
if(broken)
  list(JOIN broken "\n  " text)
  message(FATAL_ERROR "Include rules broken (ARCHITECTURE.md):\n  ${text}")
endif()
message(STATUS "include rules hold in ${count} files")
