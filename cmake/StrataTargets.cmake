# strata_library(NAME SOURCES ... DEPENDS ... [PRIVATE_DEPENDS ...]): library strata_NAME with alias strata::NAME.
function(strata_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(strata_${name} STATIC ${arg_SOURCES})
  add_library(strata::${name} ALIAS strata_${name})
  target_link_libraries(strata_${name} PUBLIC strata_compile ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()

# All programs that are shipped: what an image or a demo builds.
add_custom_target(strata_programs)

# strata_program(NAME SOURCES ... DEPENDS ...): a binary in bin/, its file name with dashes for underscores; built by
# strata_programs and installed (StrataInstall).
function(strata_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "_" "-" output ${name})
  add_executable(${name}_program ${arg_SOURCES})
  set_target_properties(${name}_program PROPERTIES OUTPUT_NAME ${output})
  target_link_libraries(${name}_program PRIVATE strata_compile ${arg_DEPENDS})
  set_target_properties(${name}_program PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  add_dependencies(strata_programs ${name}_program)
  set_property(GLOBAL APPEND PROPERTY STRATA_PROGRAM_FILES $<TARGET_FILE:${name}_program>)
  install(TARGETS ${name}_program RUNTIME_DEPENDENCY_SET strata_libraries RUNTIME DESTINATION bin COMPONENT programs)
endfunction()

# strata_test(NAME SOURCES ... DEPENDS ... [LABELS ...] [TIMEOUT_S n] [MAIN target]): a GoogleTest binary as one ctest entry.
function(strata_test name)
  cmake_parse_arguments(arg "" "TIMEOUT_S" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT_S)
    set(arg_TIMEOUT_S 120)
  endif()
  add_executable(${name}_test ${arg_SOURCES})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  target_link_libraries(${name}_test PRIVATE strata_compile ${arg_DEPENDS} GTest::gmock GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${STRATA_ROOT})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT_S} LABELS "${arg_LABELS}")
endfunction()
