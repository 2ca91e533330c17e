# cmake --install: a tree that runs without the build environment.
#
#   PREFIX/lib/lar/        the programs, which find each other there
#   PREFIX/lib/lar/lib/    loader and shared libraries of those that are not static; in ggml/ those that compute
#   PREFIX/lib/lar/settle  writes PREFIX into them; run it again when the tree was moved
#   PREFIX/bin/lar, lard   links
#
# ./dev install PREFIX does it from outside the environment. Where the system itself is the environment there are no
# libraries to bring along.

set(CMAKE_INSTALL_LIBDIR lib)
include(GNUInstallDirs)

get_property(programs GLOBAL PROPERTY LAR_PROGRAMS)
get_property(dynamic_programs GLOBAL PROPERTY LAR_DYNAMIC_PROGRAMS)
foreach(program IN LISTS programs)
  if(program MATCHES "^lar")
    install(TARGETS ${program} RUNTIME DESTINATION lib/lar)
  else()
    list(REMOVE_ITEM dynamic_programs ${program})
  endif()
endforeach()
foreach(program IN ITEMS lar lard)
  if(TARGET ${program})
    install(CODE "
      file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin\")
      file(CREATE_LINK \"../lib/lar/${program}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin/${program}\" SYMBOLIC)")
  endif()
endforeach()

if(LAR_ENV_ROOT AND dynamic_programs)
  find_program(LAR_PATCHELF patchelf REQUIRED)
  mark_as_advanced(LAR_PATCHELF)
  install(PROGRAMS "${LAR_PATCHELF}" "${CMAKE_SOURCE_DIR}/cmake/settle" DESTINATION lib/lar)
  list(JOIN dynamic_programs "\\n" dynamic_lines)
  install(CODE "
    set(lar \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/lar\")
    set(programs \"${dynamic_programs}\")
    list(TRANSFORM programs PREPEND \"\${lar}/\")
    # Those that lar-engine chooses from at run time are nobody's dependencies, and have some of their own.
    file(GLOB computing \"${LAR_GGML_BACKENDS}/libggml-cpu-*.so\")
    file(INSTALL \${computing} DESTINATION \"\${lar}/lib/ggml\")
    file(GET_RUNTIME_DEPENDENCIES EXECUTABLES \${programs} \"\${lar}/patchelf\" MODULES \${computing}
      RESOLVED_DEPENDENCIES_VAR libraries)
    foreach(library IN LISTS libraries)
      file(INSTALL \"\${library}\" DESTINATION \"\${lar}/lib\" FOLLOW_SYMLINK_CHAIN)
    endforeach()
    file(GLOB loader /usr/lib64/ld-linux-*.so.* /usr/lib/ld-linux-*.so.*)
    list(GET loader 0 loader)
    file(REAL_PATH \"\${loader}\" loader_file)
    configure_file(\"\${loader_file}\" \"\${lar}/lib/ld.so\" COPYONLY)
    file(WRITE \"\${lar}/dynamic\" \"${dynamic_lines}\\n\")
    execute_process(COMMAND \"\${lar}/settle\" \"\${CMAKE_INSTALL_PREFIX}\" COMMAND_ERROR_IS_FATAL ANY)")
endif()

# What packaging/ has, where a user's tools look for it.
foreach(pair IN ITEMS
    "completions/lar.bash|share/bash-completion/completions|lar"
    "completions/_lar|share/zsh/site-functions|_lar"
    "completions/lar.fish|share/fish/vendor_completions.d|lar.fish"
    "man/lar.1|share/man/man1|lar.1")
  string(REPLACE "|" ";" pair "${pair}")
  list(GET pair 0 file)
  list(GET pair 1 destination)
  list(GET pair 2 name)
  if(EXISTS "${CMAKE_SOURCE_DIR}/packaging/${file}")
    install(FILES "${CMAKE_SOURCE_DIR}/packaging/${file}" DESTINATION "${destination}" RENAME "${name}")
  endif()
endforeach()
if(EXISTS "${CMAKE_SOURCE_DIR}/LICENSE")
  install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" DESTINATION share/doc/lar)
endif()
