package server

import (
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
	verb  string // GET, POST
	path  *regexp.Regexp
	input protoreflect.MessageType // nil without a body
}

// pathVariable matches `{name}` in an HTTP rule.
var pathVariable = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

// routesOf reads the HTTP rules out of the proto, so that what is said of a
// path (which methods it allows, what its body is) cannot drift from it.
func routesOf() []route {
	var routes []route
	services := yeokv1.File_yeok_v1_translation_service_proto.Services()
	methods := services.ByName("TranslationService").Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		r := route{verb: http.MethodGet}
		pattern := rule.GetGet()
		if rule.GetPost() != "" {
			r.verb, pattern = http.MethodPost, rule.GetPost()
			r.input, _ = protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
		}
		expr := pathVariable.ReplaceAllString(regexp.QuoteMeta(pattern), `[^/]+`)
		r.path = regexp.MustCompile("^" + expr + "$")
		routes = append(routes, r)
	}
	return routes
}

// inputOf returns the message that a POST to path carries, or nil.
func (g *gateway) inputOf(path string) protoreflect.MessageType {
	for _, r := range g.routes {
		if r.input != nil && r.path.MatchString(path) {
			return r.input
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
