package yeokv1

import _ "embed"

// OpenAPI is the description of the HTTP API, OpenAPI 2.0 in JSON, generated
// with the code beside it.
//
//go:embed openapi.swagger.json
var OpenAPI []byte
