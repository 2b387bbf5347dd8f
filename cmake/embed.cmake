# passerby_embed(OUT FILE HEADER NAME) makes the source file OUT, which defines the std::string_view NAME, declared
# by HEADER in namespace passerby::server, with the text of FILE. Run as a script, this file does the writing.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(PASSERBY_EMBED ${CMAKE_CURRENT_LIST_FILE})
  function(passerby_embed out file header name)
    add_custom_command(OUTPUT ${out} DEPENDS ${file} ${PASSERBY_EMBED} VERBATIM
      COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DFILE=${file} -DHEADER=${header} -DNAME=${name} -P ${PASSERBY_EMBED})
  endfunction()
  return()
endif()

file(READ ${FILE} text)
if(text MATCHES "\\)embedded\"")
  message(FATAL_ERROR "${FILE} holds what ends a raw string; choose another delimiter in ${CMAKE_SCRIPT_MODE_FILE}")
endif()
file(WRITE ${OUT} "#include \"${HEADER}\"

namespace passerby::server {

const std::string_view ${NAME} = R\"embedded(${text})embedded\";

}  // namespace passerby::server
")
