# `cmake --install`: headers, library, find_package(taper) and pkg-config. Everything is relative to the folder of the
# package files, so an installed tree can be moved.
include(CMakePackageConfigHelpers)
set(_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/taper")
set(_header_dir "${CMAKE_INSTALL_INCLUDEDIR}/taper")

install(TARGETS taper taper_torch_compat EXPORT taperTargets)
install(EXPORT taperTargets NAMESPACE taper:: DESTINATION "${_package_dir}")
install(DIRECTORY ${_folders} compat DESTINATION "${_header_dir}" COMPONENT headers
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def" PATTERN kernels EXCLUDE PATTERN "*_internal.h" EXCLUDE)
file(GLOB _headers CONFIGURE_DEPENDS *.h)
install(FILES ${_headers} DESTINATION "${_header_dir}" COMPONENT headers)

configure_package_config_file(cmake/taperConfig.cmake.in taperConfig.cmake INSTALL_DESTINATION "${_package_dir}")
write_basic_package_version_file(taperConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/FindOpenBLAS.cmake
  "${CMAKE_CURRENT_BINARY_DIR}/taperConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/taperConfigVersion.cmake"
  DESTINATION "${_package_dir}")

# Named and placed so that find_package(Torch) finds it only when told to: -DTorch_DIR=PREFIX/lib/cmake/taper/torch.
write_basic_package_version_file(TorchConfigVersion.cmake VERSION 1.13.1 COMPATIBILITY SameMajorVersion)
install(FILES cmake/TorchConfig.cmake "${CMAKE_CURRENT_BINARY_DIR}/TorchConfigVersion.cmake"
  DESTINATION "${_package_dir}/torch")

# A static libtaper asks its users to link what it stands on: `pkg-config --libs taper` says so, with and without
# --static. OpenBLAS, where it is linked at all, goes by -l because its own .pc drags in -lgfortran, which is often not
# installed.
set(_libs "-pthread")
if(TAPER_LINK_OPENBLAS)
  get_filename_component(_blas_dir "${OpenBLAS_LIBRARY}" DIRECTORY)
  set(_libs "-L${_blas_dir} -lopenblas ${_libs}")
endif()
list(TRANSFORM CMAKE_DL_LIBS PREPEND " -l" OUTPUT_VARIABLE _dl)
set(_fmt "fmt ")
if(TAPER_STATIC)
  set(_fmt "")
endif()
set(TAPER_PC_DEPENDENCIES "Requires: ${_fmt}zlib libpng\nLibs: -L\${libdir} -ltaper ${_libs}${_dl}")
if(BUILD_SHARED_LIBS)
  set(TAPER_PC_DEPENDENCIES "Libs: -L\${libdir} -ltaper")
endif()
file(RELATIVE_PATH TAPER_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" TAPER_PC_PREFIX "${TAPER_PC_PREFIX}")
configure_file(cmake/taper.pc.in taper.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/taper.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# `cmake --build build --target uninstall` removes what the last `cmake --install build` has written.
if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -D "MANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt"
    -P "${CMAKE_CURRENT_SOURCE_DIR}/cmake/uninstall.cmake")
endif()
