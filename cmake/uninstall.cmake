# Removes the files that the manifest lists, and the folders of taper's own that are then empty.
cmake_minimum_required(VERSION 3.21)
if(NOT EXISTS "${MANIFEST}")
  message(FATAL_ERROR "uninstall: ${MANIFEST} must be there, which `cmake --install` writes; "
    "nothing was installed from this build folder, so nothing is removed")
endif()
file(STRINGS "${MANIFEST}" files ENCODING UTF-8)
set(folders "")
foreach(file IN LISTS files)
  set(file "$ENV{DESTDIR}${file}")
  if(EXISTS "${file}" OR IS_SYMLINK "${file}")
    file(REMOVE "${file}")
    message(STATUS "Removed: ${file}")
  endif()
  cmake_path(GET file PARENT_PATH folder)
  while(folder MATCHES "/taper(/|$)" AND NOT folder IN_LIST folders)
    list(APPEND folders "${folder}")
    cmake_path(GET folder PARENT_PATH folder)
  endwhile()
endforeach()
list(SORT folders ORDER DESCENDING)  # a folder before the one it is in
foreach(folder IN LISTS folders)
  execute_process(COMMAND rmdir "${folder}" ERROR_QUIET)  # which never takes what is in it
endforeach()
