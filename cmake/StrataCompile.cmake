# How every file of Strata is compiled.
get_filename_component(STRATA_ROOT ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(STRATA_CORE_ONLY "Build only what needs neither gRPC nor Arrow (the thread sanitizer preset)" OFF)
set(STRATA_SANITIZE "" CACHE STRING "Sanitizers to compile with, as -fsanitize= takes them")

find_program(STRATA_CCACHE ccache)
if(STRATA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is fine for ccache when it may ignore its time stamp.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${STRATA_CCACHE})
endif()

add_library(strata_compile INTERFACE)
target_include_directories(strata_compile INTERFACE ${STRATA_ROOT})
target_compile_options(strata_compile INTERFACE
  -march=x86-64-v3        # AVX2 and FMA are the least machine the design promises for
  -ffp-contract=off       # a contraction the compiler chooses would change bits between builds
  -fpch-preprocess        # lets ccache look into precompiled headers
  -Wall -Wextra           # the usual mistakes
  -Wshadow                # a shadowed name is how a member is forgotten
  -Wnon-virtual-dtor      # deleting through such a base is undefined
  -Wold-style-cast        # a C cast hides what it does
  -Woverloaded-virtual    # an override that is not one
  -Wnull-dereference      # found by flow analysis, always a bug
  -Wimplicit-fallthrough  # a missing break
  -Werror=return-type     # falling off a function is undefined
  -Werror                 # a warning nobody must read is read by nobody
  -Wno-maybe-uninitialized # g++ 12 sees uninitialised members in moved std::variants; the sanitizers look for real ones
  -Wno-stringop-overflow   # g++ 12 reports impossible string lengths after inlining; the address sanitizer looks for real ones
  -Wno-missing-field-initializers # designated initialisers leave defaults on purpose
)
if(STRATA_SANITIZE)
  target_compile_options(strata_compile INTERFACE -fsanitize=${STRATA_SANITIZE} -fno-omit-frame-pointer -Wno-null-dereference)
  target_link_options(strata_compile INTERFACE -fsanitize=${STRATA_SANITIZE})
  if(STRATA_SANITIZE MATCHES undefined)
    target_compile_options(strata_compile INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

find_program(STRATA_MOLD mold)
if(STRATA_MOLD)
  target_link_options(strata_compile INTERFACE -fuse-ld=mold)
endif()
