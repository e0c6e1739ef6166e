# find_package(Torch) for programs written for libtorch: with -DTorch_DIR=<this folder> they are built with taper, their
# own CMake files unchanged. They find TORCH_LIBRARIES, TORCH_INCLUDE_DIRS, TORCH_CXX_FLAGS and the target torch.
include(CMakeFindDependencyMacro)
get_filename_component(taper_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
find_dependency(taper CONFIG)
get_filename_component(TORCH_INSTALL_PREFIX "${taper_DIR}/../../.." ABSOLUTE)
get_target_property(TORCH_INCLUDE_DIRS taper::torch_compat INTERFACE_INCLUDE_DIRECTORIES)
set(TORCH_LIBRARIES taper::torch_compat)
set(TORCH_CXX_FLAGS "")
if(NOT TARGET torch)
  add_library(torch INTERFACE IMPORTED)
  target_link_libraries(torch INTERFACE taper::torch_compat)
endif()
set(TORCH_FOUND TRUE)
