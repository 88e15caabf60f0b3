# Part of the installation (StrataInstall.cmake sets the variables): asks dpkg which packages have the libraries that
# ${strata_program_files} load, less those under ${strata_packaged_pattern}, which are installed with them.
set(packages
  ca-certificates  # an object store behind https
  tzdata)          # a job's time zone
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${strata_program_files} RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR missing POST_EXCLUDE_REGEXES "${strata_packaged_pattern}")
if(missing)
  message(FATAL_ERROR "libraries that are nowhere: ${missing}")
endif()
foreach(library ${libraries})
  # Debian 12 has /lib as a link to /usr/lib, and dpkg knows a file by only one of the two names.
  string(REGEX REPLACE "^/usr/lib" "/lib" short "${library}")
  set(owner "")
  foreach(name ${short} /usr${short})
    execute_process(COMMAND dpkg-query --search ${name} OUTPUT_VARIABLE found ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0)
      string(REGEX REPLACE ":.*" "" owner "${found}")
      break()
    endif()
  endforeach()
  if(NOT owner)
    message(FATAL_ERROR "${library} belongs to no Debian package and does not lie where ${strata_packaged_pattern} says")
  endif()
  list(APPEND packages ${owner})
endforeach()
list(REMOVE_DUPLICATES packages)
list(SORT packages)
list(JOIN packages " " line)
file(WRITE $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/strata/runtime-packages "${line}\n")
