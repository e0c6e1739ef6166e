# OpenBLAS::OpenBLAS, by pkg-config or by cblas.h and the library in the usual places (Debian keeps one variant per
# threading model: openblas-pthread, openblas-openmp, openblas-serial). TAPER_OPENBLAS_PC is set where pkg-config knows it.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(TAPER_PC_OPENBLAS QUIET openblas)
endif()
set(TAPER_OPENBLAS_PC ${TAPER_PC_OPENBLAS_FOUND})

set(_openblas_folders openblas openblas-pthread openblas-openmp openblas-serial)
list(TRANSFORM _openblas_folders PREPEND "${CMAKE_LIBRARY_ARCHITECTURE}/" OUTPUT_VARIABLE _openblas_arch_folders)
find_path(OpenBLAS_INCLUDE_DIR openblas_config.h
  HINTS ${TAPER_PC_OPENBLAS_INCLUDE_DIRS} PATH_SUFFIXES ${_openblas_folders} ${_openblas_arch_folders})
find_library(OpenBLAS_LIBRARY openblas
  HINTS ${TAPER_PC_OPENBLAS_LIBRARY_DIRS} PATH_SUFFIXES ${_openblas_folders} ${_openblas_arch_folders})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBLAS REQUIRED_VARS OpenBLAS_LIBRARY OpenBLAS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libopenblas-dev (Debian, Ubuntu), openblas-devel (Fedora) or openblas (brew)")
# The name that it is loaded by; empty for a static library.
if(OpenBLAS_LIBRARY AND CMAKE_OBJDUMP)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p "${OpenBLAS_LIBRARY}" OUTPUT_VARIABLE _openblas_headers ERROR_QUIET)
  string(REGEX MATCH "SONAME +([^ \n]+)" _openblas_match "${_openblas_headers}")
  set(OpenBLAS_SONAME "${CMAKE_MATCH_1}")
endif()
mark_as_advanced(OpenBLAS_INCLUDE_DIR OpenBLAS_LIBRARY)

if(OpenBLAS_FOUND AND NOT TARGET OpenBLAS::OpenBLAS)
  add_library(OpenBLAS::OpenBLAS UNKNOWN IMPORTED)
  set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
    IMPORTED_LOCATION "${OpenBLAS_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OpenBLAS_INCLUDE_DIR}")
endif()
