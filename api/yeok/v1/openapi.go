// Package yeokv1 is the contract: the messages and the service as the protos
// describe them, and the OpenAPI document of the HTTP side. All of it but this
// file is generated.
package yeokv1

import _ "embed"

// OpenAPI is the description of the HTTP API, OpenAPI 2.0 in JSON, generated
// with the code beside it.
//
//go:embed openapi.swagger.json
var OpenAPI []byte
