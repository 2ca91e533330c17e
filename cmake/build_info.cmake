# lar_build_info(TARGET): adds the definitions of lar::version() and lar::build_id() (src/base/build.h) to a room.
#
# The build id is a hash of what crosses between processes: the messages and the framing. Two programs that agree on
# it understand each other; a commit elsewhere leaves it alone, and so rebuilds and relinks nothing.
#
# Run as a script (cmake -P), this file writes the source file.

if(CMAKE_SCRIPT_MODE_FILE)
  set(digest "${VERSION}")
  foreach(file IN LISTS FILES)
    file(SHA256 "${file}" file_digest)
    string(APPEND digest " ${file_digest}")
  endforeach()
  string(SHA256 digest "${digest}")
  string(SUBSTRING "${digest}" 0 16 digest)
  file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[
#include "base/build.h"

namespace lar {

std::string_view version() { return "@VERSION@"; }
std::string_view build_id() { return "@VERSION@-@digest@"; }

}  // namespace lar
]])
  # Unchanged content keeps its time; without a new one ninja would run this again and again.
  file(TOUCH_NOCREATE "${OUTPUT}")
  return()
endif()

function(lar_build_info target)
  # A new file comes with a line in its CMakeLists.txt, which runs this again; CONFIGURE_DEPENDS would look at each build.
  file(GLOB files
    "${CMAKE_SOURCE_DIR}/src/wire/*.h" "${CMAKE_SOURCE_DIR}/src/wire/*.cpp"
    "${CMAKE_SOURCE_DIR}/src/ipc/*.h" "${CMAKE_SOURCE_DIR}/src/ipc/*.cpp")
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$")
  set(script "${CMAKE_SOURCE_DIR}/cmake/build_info.cmake")
  set(output "${CMAKE_BINARY_DIR}/build_info.cpp")
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${files}" "-DVERSION=${PROJECT_VERSION}" "-DOUTPUT=${output}" -P "${script}"
    DEPENDS ${files} "${script}"
    COMMENT "Naming the build" VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
