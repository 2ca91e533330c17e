# Compiler settings, one flavour per build folder. The presets of CMakePresets.json choose LAR_FLAVOUR.

set(LAR_FLAVOUR dev CACHE STRING "dev, release, asan, tsan or fuzz")
set_property(CACHE LAR_FLAVOUR PROPERTY STRINGS dev release asan tsan fuzz)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_SKIP_BUILD_RPATH ON)

# Rooms that work through every passage, file or commit.
set(LAR_HOT_ROOMS lar_index lar_recall lar_sources lar_precompiled_hot)

# Seen by everything of ours; libraries come in as SYSTEM and are not ours to warn about.
add_library(lar_settings INTERFACE)
target_include_directories(lar_settings INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(lar_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wcast-align -Wformat=2 -Wundef -Wimplicit-fallthrough -Werror
  -fPIE -fno-omit-frame-pointer -fstack-protector-strong
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Ends in false alarms inside libstdc++ once ranges are inlined; the sanitizers look for the real thing.
  # Designated initialisers that leave the rest at its default are how values are made here.
  target_compile_options(lar_settings INTERFACE -Wduplicated-cond -Wlogical-op -Wno-maybe-uninitialized
    -Wno-missing-field-initializers
    --param=ggc-min-heapsize=524288)  # KiB: g++ looks for garbage after that much instead of a quarter; a tenth faster
else()
  # g++ says what is a warning here; the fuzzing compiler has other opinions and only needs to compile.
  target_compile_options(lar_settings INTERFACE -w)
endif()

# Files that are compiled as one share what they instantiate: it takes little more than half as long (docs/decisions/0017).
# Rooms and programs where a build from nothing is waited for, the tests of a room in every flavour but the fuzzers': nobody
# waits for one of them alone. The sanitizers compile each file of ours by itself, so that it stands alone.
set(LAR_TOGETHER 6 CACHE STRING "how many files of a room the compiler gets at a time")
set(CMAKE_UNITY_BUILD_RELOCATABLE ON)  # a second clone of the tree finds the first one's objects
if(LAR_FLAVOUR MATCHES "^(dev|release)$")
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE ${LAR_TOGETHER})
endif()
target_compile_options(lar_settings INTERFACE  # warnings of one file about another
  "$<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-subobject-linkage;-Wno-shadow>")
function(lar_compile_together target)
  if(NOT LAR_FLAVOUR STREQUAL "fuzz")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${LAR_TOGETHER})
  endif()
endfunction()

if(LAR_FLAVOUR STREQUAL "release")
  # The first ./run is waited for: -O2 takes twice as long to compile as -Og and goes where Lar spends its time, and lines
  # for a debugger are the other flavours'.
  # The rest waits for people, sockets and SQLite.
  target_compile_options(lar_settings INTERFACE
    "$<IF:$<IN_LIST:$<TARGET_PROPERTY:NAME>,${LAR_HOT_ROOMS}>,-O2,-Og>" -fhardened -ftrivial-auto-var-init=zero
    -Wno-free-nonheap-object)  # a false alarm on std::expected, when its destructor is inlined
  target_link_options(lar_settings INTERFACE -Wl,-z,relro,-z,now)
elseif(LAR_FLAVOUR STREQUAL "dev")
  # A quarter less to compile than -O1, and as quick where tests compute; -O0 would be another tenth, and test programs that
  # compute for themselves three times as slow.
  target_compile_options(lar_settings INTERFACE -Og -g1)
  target_compile_definitions(lar_settings INTERFACE _GLIBCXX_ASSERTIONS)
elseif(LAR_FLAVOUR STREQUAL "asan")
  target_compile_options(lar_settings INTERFACE -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_compile_definitions(lar_settings INTERFACE _GLIBCXX_ASSERTIONS LAR_SANITIZED=1)
  target_link_options(lar_settings INTERFACE -fsanitize=address,undefined)
elseif(LAR_FLAVOUR STREQUAL "tsan")
  target_compile_options(lar_settings INTERFACE -O1 -g1 -fsanitize=thread -Wno-tsan)
  target_compile_definitions(lar_settings INTERFACE _GLIBCXX_ASSERTIONS LAR_SANITIZED=1)
  target_link_options(lar_settings INTERFACE -fsanitize=thread)
elseif(LAR_FLAVOUR STREQUAL "fuzz")
  target_compile_options(lar_settings INTERFACE -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  target_compile_definitions(lar_settings INTERFACE _GLIBCXX_ASSERTIONS LAR_SANITIZED=1)
  target_link_options(lar_settings INTERFACE -fsanitize=address,undefined)
else()
  message(FATAL_ERROR "LAR_FLAVOUR is '${LAR_FLAVOUR}'; it is one of dev, release, asan, tsan, fuzz.")
endif()

# Sanitizers bring a runtime that cannot be linked statically, and their system calls do not fit the sandboxes.
set(LAR_STATIC_PROGRAMS OFF)
if(LAR_FLAVOUR MATCHES "^(dev|release)$")
  set(LAR_STATIC_PROGRAMS ON)
endif()

# The private root that env/enter names; empty where the system itself is the environment. Programs linked
# dynamically find their loader and their libraries there by absolute path, so that they run outside the root too.
set(LAR_ENV_ROOT "$ENV{LAR_ENV_ROOT}" CACHE INTERNAL "")
if(LAR_ENV_ROOT)
  file(GLOB loader RELATIVE "/" "/usr/lib64/ld-linux-*.so.*" "/usr/lib/ld-linux-*.so.*")
  list(GET loader 0 loader)
  # DT_RPATH, not RUNPATH: only the former also holds for the libraries of libraries.
  set(LAR_DYNAMIC_LINK_OPTIONS
    "-Wl,--disable-new-dtags"
    "-Wl,--dynamic-linker=${LAR_ENV_ROOT}/${loader}"
    "-Wl,-rpath,${LAR_ENV_ROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()
