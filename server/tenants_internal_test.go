package server

import "testing"

// TestKeysHoldTheTenant: no key of one tenant is another's, whatever else is equal.
func TestKeysHoldTheTenant(t *testing.T) {
	answers, err := newAnswers(nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for name, keyOf := range map[string]func(tenant string) any{
		"articleKey":     func(tenant string) any { return articleKey(tenant, "cms-1") },
		"newestKey":      func(tenant string) any { return newestKey(tenant, "cms-1") },
		"revisionKey":    func(tenant string) any { return revisionKey(tenant, "cms-1", "r") },
		"filedKey":       func(tenant string) any { return filedKey(tenant, "cms-1", "en") },
		"tenantEpochKey": func(tenant string) any { return tenantEpochKey(tenant) },
		"answers.key":    func(tenant string) any { return answers.key(tenant, "door", []byte("request")).tenant },
		"answers.hash":   func(tenant string) any { return answers.key(tenant, "door", []byte("request")).hash },
	} {
		if keyOf("a") == keyOf("b") {
			t.Errorf("%s: %v is the key of two tenants", name, keyOf("a"))
		}
		if keyOf("a") != keyOf("a") {
			t.Errorf("%s: one tenant has two keys", name)
		}
	}
}
