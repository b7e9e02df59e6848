package translate

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

var errAddress = fmt.Errorf("%w: its name leads to an address that it may not have (see privateNetwork of a model)", ErrRejected)

// guard decides, at the moment of connecting, which addresses a model's name may
// lead to. A name is checked when it is used and not when it is read, because
// whoever owns it can change where it leads in between: to a database in the
// house, or to the cloud's metadata service, which hands out credentials.
type guard struct {
	host    string // of the model; any other host is the operator's proxy
	private bool   // the model may be in the house
}

func guardOf(m Model) guard {
	u, err := url.Parse(m.BaseURL)
	if err != nil {
		return guard{}
	}
	host := u.Hostname()
	return guard{host: host, private: m.PrivateNetwork || privateName(host)}
}

// privateName tells whether a name says by itself that it leads into the house:
// an address there, a name without a dot (Docker, Kubernetes), or one under a
// domain that is never public (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal).
func privateName(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return in(inHouse, ip)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	under := func(domain string) bool { return strings.HasSuffix(host, "."+domain) }
	return !strings.Contains(host, ".") ||
		slices.ContainsFunc([]string{"localhost", "local", "internal", "home.arpa", "svc.cluster.local"}, under)
}

func (g guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	if host, _, err := net.SplitHostPort(address); err != nil || host == g.host {
		dialer.ControlContext = g.control
	}
	return dialer.DialContext(ctx, network, address)
}

// control sees each address before it is connected to.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(to.Addr()) {
		return errAddress
	}
	return nil
}

func (g guard) allows(ip netip.Addr) bool {
	switch {
	case in(nobodys, ip):
		return false
	case in(inHouse, ip):
		return g.private
	}
	return true
}

// From the IANA registries of special-purpose addresses (RFC 6890).
var (
	// nobodys are no model's: link-local, where clouds keep their metadata
	// services, unspecified and multicast addresses, and IPv6 addresses that
	// have one of IPv4 inside, which would pass the other list.
	nobodys = prefixes("169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32",
		"::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")

	// inHouse are loopback, private and shared addresses, and those for tests.
	inHouse = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
		"192.0.0.0/24", "198.18.0.0/15", "::1/128", "fc00::/7")
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func in(list []netip.Prefix, ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// newHTTPClient is the HTTP client under a model. Its time limits are those of
// the connection only: a long answer is no fault, and a silent one is for the
// stall timer. Redirects are refused, because the key would travel with them.
func newHTTPClient(m Model) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         guardOf(m).dial,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     90 * time.Second,
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
}
