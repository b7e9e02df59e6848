package translate

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestGuard is the table of where a model's name may lead, with the address that
// the name was found to have.
func TestGuard(t *testing.T) {
	tests := []struct {
		base, address string
		private       bool // privateNetwork of the model
		want          bool
	}{
		{"https://api.example.com/v1", "93.184.215.14:443", false, true},
		{"https://api.example.com/v1", "[2606:2800:21f::1]:443", false, true},
		// A public name that leads into the house: rebinding, or a name of the house.
		{"https://api.example.com/v1", "127.0.0.1:443", false, false},
		{"https://api.example.com/v1", "10.1.2.3:443", false, false},
		{"https://api.example.com/v1", "172.20.0.5:443", false, false},
		{"https://api.example.com/v1", "192.168.0.9:443", false, false},
		{"https://api.example.com/v1", "100.64.0.1:443", false, false},
		{"https://api.example.com/v1", "[::1]:443", false, false},
		{"https://api.example.com/v1", "[fd12:3456::1]:443", false, false},
		{"https://api.example.com/v1", "[::ffff:10.0.0.1]:443", false, false},
		{"https://llm.example.com/v1", "10.1.2.3:443", true, true},
		// What says by itself that it is in the house.
		{"http://127.0.0.1:8081/v1", "127.0.0.1:8081", false, true},
		{"http://localhost:8081/v1", "[::1]:8081", false, true},
		{"http://192.168.0.9:8081/v1", "192.168.0.9:8081", false, true},
		{"http://ollama:11434/v1", "172.20.0.5:11434", false, true},
		{"http://vllm.models.svc.cluster.local/v1", "10.8.0.1:80", false, true},
		{"http://gpu.internal/v1", "10.8.0.1:80", false, true},
		{"http://gpu.internal.example.com/v1", "10.8.0.1:80", false, false},
		// Metadata services, and addresses that hide one, are never a model.
		{"http://169.254.169.254/v1", "169.254.169.254:80", true, false},
		{"http://metadata.internal/v1", "169.254.169.254:80", true, false},
		{"http://metadata.internal/v1", "[fd00:ec2::254]:80", true, false},
		{"http://metadata/v1", "100.100.100.200:80", true, false},
		{"http://metadata/v1", "[::ffff:169.254.169.254]:80", true, false},
		{"http://metadata/v1", "[64:ff9b::a9fe:a9fe]:80", true, false},
		{"http://metadata/v1", "[2002:a9fe:a9fe::1]:80", true, false},
		{"http://metadata/v1", "[fe80::1%eth0]:80", true, false},
		{"http://zero/v1", "0.0.0.0:80", true, false},
		{"http://zero/v1", "[::]:80", true, false},
		{"http://many/v1", "224.0.0.1:80", true, false},
	}
	for _, test := range tests {
		g := guardOf(Model{BaseURL: test.base, PrivateNetwork: test.private})
		err := g.control(t.Context(), "tcp", test.address, nil)
		if got := err == nil; got != test.want || err != nil && !errors.Is(err, ErrRejected) {
			t.Errorf("%s at %s, privateNetwork %v: %v, want allowed %v", test.base, test.address, test.private, err, test.want)
		}
	}
}

// TestGuardIsAsked sees that the client of a model asks the guard, by a model
// whose host looks like a public name and leads home.
func TestGuardIsAsked(t *testing.T) {
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(srv.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	for _, test := range []struct {
		guard guard
		want  bool
	}{
		{guard{host: "127.0.0.1", private: true}, true},
		{guard{host: "127.0.0.1"}, false},
		{guard{host: "another.example"}, true}, // then 127.0.0.1 is the operator's proxy
	} {
		reached = false
		hc := newHTTPClient(Model{})
		hc.Transport.(*http.Transport).DialContext = test.guard.dial
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+net.JoinHostPort("127.0.0.1", port), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := hc.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		if got := err == nil && reached; got != test.want || !test.want && !errors.Is(err, errAddress) {
			t.Errorf("%+v: reached %v, error %v; want reached %v", test.guard, reached, err, test.want)
		}
	}
}
