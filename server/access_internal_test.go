package server

import (
	"testing"

	"yeok/access"
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
	service := yeokv1.AdminService_ServiceDesc
	var admins []string
	for _, m := range service.Methods {
		admins = append(admins, m.MethodName)
	}
	for _, m := range service.Streams {
		admins = append(admins, m.StreamName)
	}
	for _, name := range admins {
		if got := scopes["/"+service.ServiceName+"/"+name]; got != access.Admin {
			t.Errorf("%s is good for keys with the scope %q, want admin", name, got)
		}
	}
}

func known(fullMethod string) bool {
	_, ok := scopes[fullMethod]
	return ok
}
