// The API in OpenAPI 3.1: doc/openapi.json, built into the program so that it describes the routes of exactly
// this program. openapi_test.cc compares it with the table of routes, tests/api_test.py with what is
// answered.
#pragma once

#include <string_view>

namespace passerby::server {

// Written by the build (cmake/embed.cmake).
extern const std::string_view kOpenApi;

}  // namespace passerby::server
