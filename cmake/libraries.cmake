# The libraries of DESIGN.md, section 6, as targets lar::NAME. Those that Debian ships as an archive are linked as one
# everywhere: lard, lar and the spawner are fully static, which keeps the idle daemon small and lets it run on hosts
# with an older libc. spdlog, fmt and toml++ have no archive and are used from their headers.

find_package(Threads REQUIRED)

function(lar_archive name header archive)
  find_path(LAR_${name}_INCLUDE ${header} REQUIRED)
  find_library(LAR_${name}_ARCHIVE NAMES ${archive} REQUIRED)
  mark_as_advanced(LAR_${name}_INCLUDE LAR_${name}_ARCHIVE)
  add_library(lar::${name} STATIC IMPORTED GLOBAL)
  set_target_properties(lar::${name} PROPERTIES
    IMPORTED_LOCATION "${LAR_${name}_ARCHIVE}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_${name}_INCLUDE}")
endfunction()

function(lar_headers name header)
  find_path(LAR_${name}_INCLUDE ${header} REQUIRED)
  mark_as_advanced(LAR_${name}_INCLUDE)
  add_library(lar::${name} INTERFACE IMPORTED GLOBAL)
  set_target_properties(lar::${name} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_${name}_INCLUDE}")
  target_compile_definitions(lar::${name} INTERFACE ${ARGN})
endfunction()

lar_archive(sqlite3 sqlite3.h libsqlite3.a)
target_link_libraries(lar::sqlite3 INTERFACE m Threads::Threads)
lar_archive(sodium sodium.h libsodium.a)
lar_archive(seccomp seccomp.h libseccomp.a)
lar_archive(stemmer libstemmer.h libstemmer.a)
lar_archive(utf8proc utf8proc.h libutf8proc.a)
lar_archive(z zlib.h libz.a)
lar_archive(tinfo term.h libtinfo.a)
lar_archive(bsd bsd/string.h libbsd.a)
lar_archive(md md5.h libmd.a)
lar_archive(edit histedit.h libedit.a)
target_link_libraries(lar::edit INTERFACE lar::tinfo lar::bsd lar::md)

# What lar-reader takes documents apart with. libarchive as an archive brings only the formats that are asked for.
lar_archive(bz2 bzlib.h libbz2.a)
lar_archive(lzma lzma.h liblzma.a)
lar_archive(zstd zstd.h libzstd.a)
lar_archive(nettle nettle/nettle-types.h libnettle.a)
lar_archive(archive archive.h libarchive.a)
target_link_libraries(lar::archive INTERFACE lar::bz2 lar::lzma lar::zstd lar::nettle lar::z)
lar_archive(expat expat.h libexpat.a)
lar_archive(lexbor lexbor/html/html.h liblexbor_static.a)
target_link_libraries(lar::lexbor INTERFACE m)

lar_headers(glaze glaze/glaze.hpp)
lar_headers(boost boost/asio.hpp BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_STD_INVOKE_RESULT)
target_link_libraries(lar::boost INTERFACE Threads::Threads)
lar_headers(cli11 CLI/CLI.hpp)
lar_headers(highway hwy/highway.h HWY_HEADER_ONLY)
lar_headers(toml toml++/toml.hpp TOML_HEADER_ONLY=1)
lar_headers(fmt fmt/format.h FMT_HEADER_ONLY)
lar_headers(spdlog spdlog/spdlog.h SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL)
target_link_libraries(lar::spdlog INTERFACE lar::fmt Threads::Threads)

# Shared, and only for workers: it brings TLS, SSH and HTTP with it, none of which a Lar process may use.
find_path(LAR_git2_INCLUDE git2.h REQUIRED)
find_library(LAR_git2_LIBRARY NAMES libgit2.so REQUIRED)
mark_as_advanced(LAR_git2_INCLUDE LAR_git2_LIBRARY)
add_library(lar::git2 SHARED IMPORTED GLOBAL)
set_target_properties(lar::git2 PROPERTIES
  IMPORTED_LOCATION "${LAR_git2_LIBRARY}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_git2_INCLUDE}")

# Shared, and only for lar-courier: what Debian's needs (Kerberos, LDAP, SSH) has no archives.
find_path(LAR_curl_INCLUDE curl/curl.h REQUIRED)
find_library(LAR_curl_LIBRARY NAMES libcurl.so REQUIRED)
mark_as_advanced(LAR_curl_INCLUDE LAR_curl_LIBRARY)
add_library(lar::curl SHARED IMPORTED GLOBAL)
set_target_properties(lar::curl PROPERTIES
  IMPORTED_LOCATION "${LAR_curl_LIBRARY}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_curl_INCLUDE}")

# Shared, and only for lar-reader: Debian has no archive of it. It is under the GPL, and so is lar-reader as a whole.
find_path(LAR_poppler_INCLUDE poppler/cpp/poppler-document.h REQUIRED)
find_library(LAR_poppler_LIBRARY NAMES libpoppler-cpp.so REQUIRED)
mark_as_advanced(LAR_poppler_INCLUDE LAR_poppler_LIBRARY)
add_library(lar::poppler SHARED IMPORTED GLOBAL)
set_target_properties(lar::poppler PROPERTIES
  IMPORTED_LOCATION "${LAR_poppler_LIBRARY}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_poppler_INCLUDE}")

# Shared, and only for lar-engine. The part that computes, one library for each kind of processor, is no dependency of
# these: the engine loads it from LAR_GGML_BACKENDS, or from lib/ggml beside itself once it is installed.
find_path(LAR_llama_INCLUDE llama.h PATH_SUFFIXES llama REQUIRED)
# The threads that ggml computes with; shared like it, so that there is one set of them.
find_package(OpenMP REQUIRED COMPONENTS CXX)
add_library(lar::openmp INTERFACE IMPORTED GLOBAL)  # without the flag, which the file that uses it has
target_link_libraries(lar::openmp INTERFACE ${OpenMP_CXX_LIBRARIES})
find_library(LAR_ggml_base_LIBRARY NAMES libggml-base.so REQUIRED)
find_library(LAR_ggml_LIBRARY NAMES libggml.so REQUIRED)
find_library(LAR_llama_LIBRARY NAMES libllama.so REQUIRED)
mark_as_advanced(LAR_llama_INCLUDE LAR_ggml_base_LIBRARY LAR_ggml_LIBRARY LAR_llama_LIBRARY)
foreach(name IN ITEMS ggml_base ggml llama)
  add_library(lar::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(lar::${name} PROPERTIES
    IMPORTED_LOCATION "${LAR_${name}_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LAR_llama_INCLUDE}")
endforeach()
target_link_libraries(lar::ggml INTERFACE lar::ggml_base)
target_link_libraries(lar::llama INTERFACE lar::ggml)
file(GLOB LAR_GGML_BACKENDS LIST_DIRECTORIES true "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/ggml/backends*")
if(NOT LAR_GGML_BACKENDS)
  message(FATAL_ERROR "ggml is installed without its backends (ggml/backends* beside libggml.so).")
endif()
list(GET LAR_GGML_BACKENDS 0 LAR_GGML_BACKENDS)
# The same folder for a program that runs outside the environment.
set(LAR_GGML_BACKENDS_AT_RUN_TIME "${LAR_ENV_ROOT}${LAR_GGML_BACKENDS}")

# Tests and measurements are not built by ./run, whose environment does not have these.
find_package(GTest QUIET)
set(LAR_TESTS ${GTest_FOUND})
if(LAR_FLAVOUR STREQUAL "fuzz")
  set(LAR_TESTS OFF)  # harnesses only
endif()
find_package(benchmark QUIET)
