package server

import (
	"testing"

	yeokv1 "yeok/api/yeok/v1"
)

// TestEveryMethodHasAScope sees to it that a new RPC is given a scope, and not
// left to admin keys by oversight.
func TestEveryMethodHasAScope(t *testing.T) {
	for _, m := range yeokv1.TranslationService_ServiceDesc.Methods {
		if name := "/" + yeokv1.TranslationService_ServiceDesc.ServiceName + "/" + m.MethodName; !known(name) {
			t.Errorf("%s has no scope", name)
		}
	}
	for _, m := range yeokv1.TranslationService_ServiceDesc.Streams {
		if name := "/" + yeokv1.TranslationService_ServiceDesc.ServiceName + "/" + m.StreamName; !known(name) {
			t.Errorf("%s has no scope", name)
		}
	}
	for _, m := range yeokv1.AdminService_ServiceDesc.Methods {
		if name := "/" + yeokv1.AdminService_ServiceDesc.ServiceName + "/" + m.MethodName; known(name) {
			t.Errorf("%s is open to more than admin keys", name)
		}
	}
}

func known(fullMethod string) bool {
	_, ok := scopes[fullMethod]
	return ok
}
