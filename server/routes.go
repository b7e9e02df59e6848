package server

import (
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	yeokv1 "yeok/api/yeok/v1"
)

// route is one HTTP rule of the proto.
type route struct {
	method   string   // full name of the RPC
	postDoor string   // names the door in the keys of stored answers
	verb     string   // GET, POST
	path     []string // its parts between slashes; "{name}" stands for a field
	input    protoreflect.MessageType
	output   protoreflect.MessageType
	bare     protoreflect.FieldDescriptor // the field that is answered alone; nil for the whole message
}

// routes are the HTTP rules of the proto.
type routes []route

// routesOf reads the HTTP rules out of the proto, so that what is said of a
// path (which methods it allows, what its body is) cannot drift from it.
func routesOf() routes {
	var all routes
	service := yeokv1.File_yeok_v1_translation_service_proto.Services().ByName("TranslationService")
	methods := service.Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		r := route{method: fmt.Sprintf("/%s/%s", service.FullName(), m.Name()), verb: http.MethodGet}
		r.postDoor = r.method + " in JSON"
		pattern := rule.GetGet()
		if rule.GetPost() != "" {
			r.verb, pattern = http.MethodPost, rule.GetPost()
		}
		// The messages of a service in the same file are always known.
		r.input, _ = protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
		r.output, _ = protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
		r.bare = m.Output().Fields().ByName(protoreflect.Name(rule.GetResponseBody()))
		r.path = strings.Split(pattern, "/")
		all = append(all, r)
	}
	return all
}

// matches tells whether a path is one of the route's.
func (r *route) matches(path string) bool {
	for i, want := range r.path {
		part, rest, more := strings.Cut(path, "/")
		if last := i == len(r.path)-1; more == last || part != want && (part == "" || !isVariable(want)) {
			return false
		}
		path = rest
	}
	return true
}

func isVariable(part string) bool { return strings.HasPrefix(part, "{") }

// requestOf reads the request of a GET out of its path, which must match.
func (r *route) requestOf(path string) proto.Message {
	m := r.input.New()
	for i, part := range strings.Split(path, "/") {
		if name := r.path[i]; isVariable(name) {
			field := m.Descriptor().Fields().ByName(protoreflect.Name(strings.Trim(name, "{}")))
			m.Set(field, protoreflect.ValueOfString(part))
		}
	}
	return m.Interface()
}

// of returns the route of a method and path, or nil.
func (rs routes) of(verb, path string) *route {
	for i := range rs {
		if r := &rs[i]; r.verb == verb && r.matches(path) {
			return r
		}
	}
	return nil
}

// allowed lists the methods that path answers, as an Allow header does; "" for
// an unknown path.
func (rs routes) allowed(path string) string {
	var verbs []string
	for _, r := range rs {
		if !r.matches(path) {
			continue
		}
		verbs = append(verbs, r.verb)
		if r.verb == http.MethodGet {
			verbs = append(verbs, http.MethodHead)
		}
	}
	return strings.Join(verbs, ", ")
}
