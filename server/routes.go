package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	yeokv1 "yeok/api/yeok/v1"
)

// route is one HTTP rule of the proto.
type route struct {
	method    string // full name of the RPC
	verb      string // GET, POST
	path      *regexp.Regexp
	variables []string // names of the fields that the path's groups stand for
	input     protoreflect.MessageType
	output    protoreflect.MessageType
	bare      protoreflect.FieldDescriptor // the field that is answered alone; nil for the whole message
}

// pathVariable matches `{name}` in an HTTP rule.
var pathVariable = regexp.MustCompile(`\\\{([a-z_]+)\\\}`)

// routesOf reads the HTTP rules out of the proto, so that what is said of a
// path (which methods it allows, what its body is) cannot drift from it.
func routesOf() []route {
	var routes []route
	service := yeokv1.File_yeok_v1_translation_service_proto.Services().ByName("TranslationService")
	methods := service.Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		r := route{method: fmt.Sprintf("/%s/%s", service.FullName(), m.Name()), verb: http.MethodGet}
		pattern := rule.GetGet()
		if rule.GetPost() != "" {
			r.verb, pattern = http.MethodPost, rule.GetPost()
		}
		// The messages of a service in the same file are always known.
		r.input, _ = protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
		r.output, _ = protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
		r.bare = m.Output().Fields().ByName(protoreflect.Name(rule.GetResponseBody()))
		quoted := regexp.QuoteMeta(pattern)
		for _, variable := range pathVariable.FindAllStringSubmatch(quoted, -1) {
			r.variables = append(r.variables, variable[1])
		}
		r.path = regexp.MustCompile("^" + pathVariable.ReplaceAllString(quoted, `([^/]+)`) + "$")
		routes = append(routes, r)
	}
	return routes
}

// routeOf returns the route of a method and path, or nil.
func (g *gateway) routeOf(verb, path string) *route {
	for i := range g.routes {
		if r := &g.routes[i]; r.verb == verb && r.path.MatchString(path) {
			return r
		}
	}
	return nil
}

// allowed lists the methods that path answers, as an Allow header does; "" for
// an unknown path.
func (g *gateway) allowed(path string) string {
	var verbs []string
	for _, r := range g.routes {
		if !r.path.MatchString(path) {
			continue
		}
		verbs = append(verbs, r.verb)
		if r.verb == http.MethodGet {
			verbs = append(verbs, http.MethodHead)
		}
	}
	return strings.Join(verbs, ", ")
}
