# Writes ${OUTPUT}: the hash of all sources, the compiler and its flags. Run at every build; touches the file only when the
# hash changed, so that nothing is compiled without need.
file(GLOB_RECURSE sources ${ROOT}/base/* ${ROOT}/model/* ${ROOT}/run/* ${ROOT}/store/* ${ROOT}/data/* ${ROOT}/proto/*
     ${ROOT}/wire/* ${ROOT}/coordinator/* ${ROOT}/worker/* ${ROOT}/serving/* ${ROOT}/client/* ${ROOT}/cmake/* ${ROOT}/scripts/wheels.txt)
list(SORT sources)
set(hashes "${COMPILER}|${FLAGS}|${VERSION}")
foreach(source ${sources})
  file(SHA256 ${source} hash)
  string(APPEND hashes "|${hash}")
endforeach()
string(SHA256 id "${hashes}")
string(SUBSTRING ${id} 0 16 id)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define STRATA_BUILD_ID \"${id}\"\n#define STRATA_VERSION \"${VERSION}\"\n")
