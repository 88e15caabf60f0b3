# Targets strata::arrow (with Parquet) and strata::arrow_s3 (S3 alone): an installed Arrow C++ where there is one, else the
# pinned wheel that scripts/setup unpacked. The wheel's libraries find one another by an rpath of $ORIGIN; ours by CMake's, until they are
# installed (StrataInstall).
find_package(Arrow QUIET)
find_package(Parquet QUIET)
if(Arrow_FOUND AND Parquet_FOUND)
  add_library(strata_arrow INTERFACE)
  target_link_libraries(strata_arrow INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
  add_library(strata_arrow_s3 INTERFACE)
  target_link_libraries(strata_arrow_s3 INTERFACE Arrow::arrow_shared)
else()
  set(STRATA_DEPS ${STRATA_ROOT}/build/deps CACHE PATH "Where scripts/setup put the wheels")
  set(pyarrow ${STRATA_DEPS}/site/pyarrow)
  if(NOT EXISTS ${pyarrow}/libarrow.so)
    message(FATAL_ERROR "No Arrow C++ is installed and ${pyarrow} is missing: run scripts/setup first.")
  endif()
  add_library(strata_arrow INTERFACE)
  target_include_directories(strata_arrow SYSTEM INTERFACE ${pyarrow}/include)
  target_link_libraries(strata_arrow INTERFACE ${pyarrow}/libparquet.so ${pyarrow}/libarrow.so)
  target_link_options(strata_arrow INTERFACE -Wl,-rpath-link,${pyarrow})
  # The wheel has S3 in a library of its own.
  add_library(strata_arrow_s3 INTERFACE)
  target_include_directories(strata_arrow_s3 SYSTEM INTERFACE ${pyarrow}/include)
  target_link_libraries(strata_arrow_s3 INTERFACE ${pyarrow}/libarrow_s3.so ${pyarrow}/libarrow.so)
  target_link_options(strata_arrow_s3 INTERFACE -Wl,-rpath-link,${pyarrow})
endif()
add_library(strata::arrow ALIAS strata_arrow)
add_library(strata::arrow_s3 ALIAS strata_arrow_s3)

# Arrow's headers cost seconds a file: whoever includes them shares one precompiled header. Call after strata_library.
file(WRITE ${CMAKE_BINARY_DIR}/pch/arrow.cc "")
add_library(strata_arrow_pch STATIC ${CMAKE_BINARY_DIR}/pch/arrow.cc)
target_link_libraries(strata_arrow_pch PUBLIC strata_compile strata::arrow)
target_precompile_headers(strata_arrow_pch PRIVATE <arrow/api.h> <arrow/io/api.h> <arrow/ipc/api.h>
  <parquet/arrow/reader.h> <parquet/arrow/writer.h> <string> <vector> <memory>)
function(strata_precompile_arrow target)
  target_precompile_headers(${target} REUSE_FROM strata_arrow_pch)
endfunction()
