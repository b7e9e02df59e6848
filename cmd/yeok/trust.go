package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"yeok/access"
	"yeok/server"
)

// trust is what the doors know of who may come in.
type trust struct {
	keys  *access.Keys         // nil asks nobody; then all doors are on loopback
	certs *access.Certificates // nil is plain text
}

// trust reads keys and certificates, or says what is wrong with the settings
// about them. It never settles for less than was asked for.
func (c *config) trust() (t trust, mistakes []error) {
	if c.KeysFile == "" {
		mistakes = c.needKeys()
	} else if keys, err := access.Open(c.KeysFile); err != nil {
		mistakes = append(mistakes, fmt.Errorf("keys-file: %w", err))
	} else {
		t.keys = keys
	}
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		mistakes = append(mistakes, errors.New("tls-cert: needs tls-key, and tls-key needs tls-cert: one of them is not set"))
	case c.TLSCert == "" && c.TLSClientCA != "":
		mistakes = append(mistakes, errors.New("tls-client-ca: means nothing without tls-cert and tls-key"))
	case c.TLSCert != "":
		certs, err := access.OpenCertificates(c.TLSCert, c.TLSKey, c.TLSClientCA)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("tls-cert: %w", err))
		}
		t.certs = certs
	}
	return t, mistakes
}

// needKeys refuses to open a door to other machines that asks nobody for a key.
func (c *config) needKeys() (mistakes []error) {
	for _, door := range c.settingsOfDoors() {
		if door.at != "" && !door.at.private() { // one that cannot be read is told already
			mistakes = append(mistakes, fmt.Errorf("%s: %s can be reached from other machines, so callers need keys: "+
				"set keys-file (yeok keys create makes one), or listen on 127.0.0.1", door.name, door.at))
		}
	}
	return mistakes
}

// doorSetting is the setting of one door.
type doorSetting struct {
	name string
	at   address
}

func (c *config) settingsOfDoors() []doorSetting {
	return []doorSetting{{"http-addr", c.HTTPAddr}, {"grpc-addr", c.GRPCAddr}, {"admin-addr", c.AdminAddr}}
}

// warnOfTrust says at the start what is off.
func (c *config) warnOfTrust(h *host) {
	if c.KeysFile == "" {
		h.say("keys are off: whoever is on this machine may call (keys-file turns them on)")
	}
	for _, door := range c.settingsOfDoors() {
		if c.TLSCert == "" && !door.at.private() {
			h.say("warning: %s %s speaks plain text, in which keys and articles can be read on the way: "+
				"set tls-cert and tls-key, unless what stands before it does TLS", door.name, door.at)
		}
	}
}

// errNotLoopback is returned when a name that should mean this machine means
// another address.
var errNotLoopback = errors.New("a door is not on loopback, so callers need keys: set keys-file")

// loopback tells whether only this machine can reach an open listener.
func loopback(l net.Listener) bool {
	at, ok := l.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// watch follows the files, beside everything else, until ctx ends.
func (t trust) watch(ctx context.Context, log *slog.Logger) {
	if t.certs != nil {
		go t.certs.Watch(ctx, log)
	}
	if t.keys != nil {
		go t.keys.Watch(ctx, log)
	}
}

// over puts a door behind TLS if there are certificates.
func (t trust) over(l net.Listener, protocols ...string) net.Listener {
	if t.certs == nil {
		return l
	}
	return tls.NewListener(l, t.certs.Config(protocols...))
}

// admin serves the admin listener: open and plain on loopback, where only the
// operator is; elsewhere it asks for an admin key, over TLS if there is any.
func (t trust) admin(srv *server.Server, l net.Listener) (*http.Server, net.Listener) {
	handler := srv.Admin()
	if !loopback(l) {
		handler, l = srv.GuardedAdmin(), t.over(l, "h2", "http/1.1")
	}
	s := httpServer(handler)
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetHTTP2(true)
	s.Protocols.SetUnencryptedHTTP2(true) // for the AdminService
	return s, l
}
