# Headers that most files include, parsed once for all of them: without that, two thirds of compiling a file of ours is
# the parsing of the standard library. A file still includes what it uses, so that it stands without this as well;
# -DLAR_PRECOMPILE=OFF builds that way, and so do the fuzzers.

option(LAR_PRECOMPILE "parse common headers once" ON)
if(LAR_FLAVOUR STREQUAL "fuzz")
  set(LAR_PRECOMPILE OFF)
endif()

# One set of them per set of compiler options. What is linked here is there for the sake of its include folders.
function(lar_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 set "" "" "HEADERS;LINKS")
  if(LAR_PRECOMPILE)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled_${name}.cpp" CONTENT "")
    add_library(lar_precompiled_${name} OBJECT "${CMAKE_BINARY_DIR}/precompiled_${name}.cpp")
    target_link_libraries(lar_precompiled_${name} PRIVATE lar_settings ${set_LINKS})
    target_precompile_headers(lar_precompiled_${name} PRIVATE ${set_HEADERS})
  endif()
endfunction()

function(lar_use_precompiled target name)
  if(LAR_PRECOMPILE AND NOT name STREQUAL "none")
    target_precompile_headers(${target} REUSE_FROM lar_precompiled_${name})
  endif()
endfunction()

set(LAR_COMMON_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <cstdint> <cstring> <deque> <expected> <filesystem> <functional>
  <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>
  <fmt/base.h>)
lar_precompiled(common HEADERS ${LAR_COMMON_HEADERS})
if(LAR_FLAVOUR STREQUAL "release")
  lar_precompiled(hot HEADERS ${LAR_COMMON_HEADERS})
endif()
lar_precompiled(json HEADERS ${LAR_COMMON_HEADERS} <glaze/json/read.hpp> <glaze/json/write.hpp> LINKS lar::glaze)
if(LAR_TESTS)
  lar_precompiled(tests HEADERS ${LAR_COMMON_HEADERS} <gtest/gtest.h> <gmock/gmock.h> LINKS GTest::gmock)
endif()
