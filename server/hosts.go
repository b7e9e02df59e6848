package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"yeok/access"
)

// hosts are the names, beside those of this machine, by which a door is asked that
// asks nobody for a key.
//
// Such a door is on loopback, but a browser stands there too: a stranger's page can
// let its own name lead to 127.0.0.1 (DNS rebinding), and is then taken for a page
// of the gateway's own. The name that was asked for stands in Host, or :authority,
// and the page's in Origin; a page can forge neither.
type hosts []string

// know tells whether a Host header, with or without a port, names this machine or
// one of the hosts. No Host at all does not.
func (h hosts) know(host string) bool {
	name := strings.TrimSuffix((&url.URL{Host: host}).Hostname(), ".")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	if at, err := netip.ParseAddr(name); err == nil && at.Unmap().IsLoopback() {
		return true
	}
	for _, known := range h {
		if name != "" && strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// check refuses a request over HTTP for another host, or from a page of another.
func (h hosts) check(r *http.Request) error {
	if !h.know(r.Host) {
		return strange("HOST_UNKNOWN", "Host", r.Host)
	}
	for _, origin := range r.Header["Origin"] {
		if u, err := url.Parse(origin); err != nil || !h.know(u.Host) {
			return strange("ORIGIN_UNKNOWN", "Origin", origin)
		}
	}
	return nil
}

// checkCall refuses a gRPC call for another host. Browsers make none.
func (h hosts) checkCall(ctx context.Context) error {
	var authority string
	if values := metadata.ValueFromIncomingContext(ctx, ":authority"); len(values) == 1 {
		authority = values[0]
	}
	if !h.know(authority) {
		return strange("HOST_UNKNOWN", ":authority", authority)
	}
	return nil
}

func strange(reason, header, value string) error {
	return detailed(codes.PermissionDenied, reason, fmt.Sprintf("%s is %q: nobody is asked for a key here, "+
		"so only localhost, 127.0.0.1 and [::1] are answered, and what allowed-hosts names", header, clip(value))).Err()
}

// localOnly lets only requests for known hosts pass to the handler of a door that
// asks nobody for a key.
func (g *gateway) localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.s.hosts.check(r); err != nil {
			g.s.noteRefusal(err)
			g.refuseUnread(w, r, unknownPath, &refusal{statusOf(err), 0})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// anybodyLocal is who calls at a door that asks nobody for a key.
func (s *Server) anybodyLocal(ctx context.Context) (*access.Caller, error) {
	if err := s.hosts.checkCall(ctx); err != nil {
		s.noteRefusal(err)
		return nil, err
	}
	return s.anybody, nil
}
