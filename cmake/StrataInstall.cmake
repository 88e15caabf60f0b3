# `cmake --install BUILD --component programs --prefix P`: P/bin with every program, P/lib with the shared libraries that
# no Debian package has (Arrow's, out of the wheel), and P/share/strata/runtime-packages: one line with the Debian packages
# that have the others. A program added with strata_program() changes all three; nothing is listed anywhere else.
if(STRATA_CORE_ONLY)
  return()
endif()
include(GNUInstallDirs)
cmake_path(SET wheels NORMALIZE ${STRATA_ROOT}/build/deps)
string(REGEX REPLACE "([][+.*()^])" "\\\\\\1" wheels_pattern "${wheels}")
install(RUNTIME_DEPENDENCY_SET strata_libraries
  PRE_EXCLUDE_REGEXES "^ld-linux" POST_INCLUDE_REGEXES "^${wheels_pattern}/" POST_EXCLUDE_REGEXES ".*"
  LIBRARY DESTINATION lib COMPONENT programs)
get_property(files GLOBAL PROPERTY STRATA_PROGRAM_FILES)
install(CODE "set(strata_program_files \"${files}\")" COMPONENT programs)
install(CODE "set(strata_packaged_pattern \"^${wheels_pattern}/\")" COMPONENT programs)
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/RuntimePackages.cmake COMPONENT programs)
