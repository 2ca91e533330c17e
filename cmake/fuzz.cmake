# lar_fuzz(NAME SOURCES file.cpp LINKS rooms): a harness (LLVMFuzzerTestOneInput) for one parser of foreign bytes.
#
# In the fuzz flavour it becomes bin/fuzz_NAME with libFuzzer, for `./dev fuzz`. In every other it is linked with
# fuzz/replay.cpp and becomes a ctest test that feeds it corpus/NAME, whole, cut short and with bytes changed.
# MUST_FAIL marks the canary, which shows that a crash is noticed.

function(lar_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "MUST_FAIL" "" "SOURCES;LINKS")
  if(LAR_FLAVOUR STREQUAL "fuzz")
    add_executable(fuzz_${name} ${fuzz_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET harnesses)
      add_custom_target(harnesses)
    endif()
    add_dependencies(harnesses fuzz_${name})
  elseif(LAR_TESTS)
    if(NOT TARGET lar_replay)
      add_library(lar_replay OBJECT "${CMAKE_SOURCE_DIR}/fuzz/replay.cpp")
      target_link_libraries(lar_replay PRIVATE lar_settings)
    endif()
    add_executable(fuzz_${name} ${fuzz_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE lar_replay)
    target_link_options(fuzz_${name} PRIVATE ${LAR_DYNAMIC_LINK_OPTIONS})
    set(run fuzz_${name} "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
    if(fuzz_MUST_FAIL)
      # Not WILL_FAIL: to ctest a crash is no failure but an exception.
      set(run sh -c [[! "$1" "$2" 2>/dev/null]] sh "$<TARGET_FILE:fuzz_${name}>" "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
    endif()
    add_test(NAME fuzz_${name} COMMAND ${run})
    set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 60 LABELS "unit;fuzz")
  else()
    return()
  endif()
  lar_use_precompiled(fuzz_${name} common)
  target_link_libraries(fuzz_${name} PRIVATE lar_settings)
  lar_link(fuzz_${name} PRIVATE ${fuzz_LINKS})
endfunction()
