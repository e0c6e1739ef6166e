# Before project(), which would name a missing compiler only, and then one thing after the other.
if(NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE AND NOT DEFINED ENV{CXX})
  find_program(TAPER_ANY_COMPILER NAMES c++ CC g++ clang++ icpx)
  mark_as_advanced(TAPER_ANY_COMPILER)
  if(NOT TAPER_ANY_COMPILER)
    message(FATAL_ERROR "taper: a C++20 compiler must be installed and was not found.\n"
      "Debian and Ubuntu have it, and all else that a build takes, as\n"
      "  apt-get install g++ make ninja-build pkg-config libopenblas-dev libfmt-dev zlib1g-dev libpng-dev "
      "nlohmann-json3-dev libcli11-dev catch2")
  endif()
endif()
