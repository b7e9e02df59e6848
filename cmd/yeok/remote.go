package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"yeok/translate"
)

// remoteConfig says which gateway a command asks to do its work, and how the two
// know each other.
type remoteConfig struct {
	Address       address          `name:"address" type:"setting" placeholder:"HOST:PORT" help:"Admin listener of the running gateway that is to do the work, for yeok cache. Not set, the store is opened, or the gateway at admin-addr is asked while it holds the store."`
	APIKey        translate.Secret `kong:"-" name:"api-key" type:"setting" help:"Key with the scope admin that the gateway is shown. Only by environment, or in the file that --api-key-file names."`
	APIKeyFile    string           `name:"api-key-file" type:"setting" placeholder:"FILE" help:"File that holds that key."`
	TLS           tlsMode          `name:"tls" type:"setting" default:"auto" help:"Whether the gateway is spoken to over TLS (on, off or auto). auto is on where the gateway is not on loopback or one of the next four is set."`
	TLSServerCA   string           `name:"tls-server-ca" type:"setting" placeholder:"FILE" help:"Authorities, PEM, one of which must have signed the gateway's certificate. Not set, the system's are used."`
	TLSServerName string           `name:"tls-server-name" type:"setting" placeholder:"NAME" help:"Name that the gateway's certificate must have. Not set, the host of its address."`
	TLSClientCert string           `name:"tls-client-cert" type:"setting" placeholder:"FILE" help:"Certificate chain, PEM, for a gateway that wants one (tls-client-ca)."`
	TLSClientKey  string           `name:"tls-client-key" type:"setting" placeholder:"FILE" help:"Private key of tls-client-cert, PEM."`
}

// allSettings is every setting there is, for the file and the documents.
type allSettings struct {
	config
	remoteConfig
}

// tlsMode is on, off or auto.
type tlsMode string

// UnmarshalText reads one of the three words.
func (m *tlsMode) UnmarshalText(text []byte) error {
	*m = tlsMode(text)
	if *m != "on" && *m != "off" && *m != "auto" {
		return fmt.Errorf("%q is not on, off or auto", text)
	}
	return nil
}

// mistakes are those of the settings together.
func (c *remoteConfig) mistakes() (mistakes []error) {
	if c.TLS == "off" && c.namesCertificates() {
		mistakes = append(mistakes, errors.New("tls: is off, but there are settings about certificates"))
	}
	if (c.TLSClientCert == "") != (c.TLSClientKey == "") {
		mistakes = append(mistakes, errors.New("tls-client-cert: needs tls-client-key, and tls-client-key needs tls-client-cert: one of them is not set"))
	}
	if c.APIKey != "" && c.APIKeyFile != "" {
		mistakes = append(mistakes, errors.New("api-key-file: YEOK_API_KEY is set too; one of them is wanted"))
	}
	return mistakes
}

// namesCertificates tells whether a setting is about certificates, so that TLS is
// meant.
func (c *remoteConfig) namesCertificates() bool {
	return c.TLSServerCA+c.TLSServerName+c.TLSClientCert+c.TLSClientKey != ""
}

// dial returns a client of the gateway's AdminService. It connects with the first
// call.
func (c *remoteConfig) dial(at address) (*grpc.ClientConn, error) {
	over, err := c.transport(at)
	if err != nil {
		return nil, misuse{err}
	}
	key, err := c.key()
	if err != nil {
		return nil, misuse{err}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(over)}
	if key != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearerKey(key)))
	}
	conn, err := grpc.NewClient("passthrough:///"+string(at), options...)
	if err != nil {
		return nil, misuse{fmt.Errorf("address: %w", err)}
	}
	return conn, nil
}

// key is what the environment or the file says.
func (c *remoteConfig) key() (string, error) {
	if c.APIKeyFile == "" {
		return string(c.APIKey), nil
	}
	content, err := os.ReadFile(c.APIKeyFile)
	if err != nil {
		return "", fmt.Errorf("api-key-file: %w", err)
	}
	key := strings.TrimSpace(string(content))
	if key == "" {
		return "", fmt.Errorf("api-key-file: there is no key in %s", c.APIKeyFile)
	}
	return key, nil
}

// transport is TLS, or plain text where the settings allow it. It never changes
// from the one to the other by itself.
func (c *remoteConfig) transport(at address) (credentials.TransportCredentials, error) {
	if c.TLS == "off" || c.TLS == "auto" && at.private() && !c.namesCertificates() {
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLSServerName}
	if c.TLSServerCA != "" {
		pool, err := certificatesIn(c.TLSServerCA)
		if err != nil {
			return nil, fmt.Errorf("tls-server-ca: %w", err)
		}
		config.RootCAs = pool
	}
	if c.TLSClientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSClientCert, c.TLSClientKey)
		if err != nil {
			return nil, fmt.Errorf("tls-client-cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(config), nil
}

// bearerKey is a key on its way to a gateway. transport has decided whether the way
// may be plain text.
type bearerKey string

// GetRequestMetadata sends the key with each call.
func (k bearerKey) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(k)}, nil
}

// RequireTransportSecurity leaves that to transport.
func (bearerKey) RequireTransportSecurity() bool { return false }

// saidBy says what an answer of the gateway's, or its silence, means to who asked.
func saidBy(at address, err error) error {
	said := status.Convert(err)
	switch said.Code() {
	case codes.OK:
		return err
	case codes.Unavailable:
		return fmt.Errorf("no gateway answers at %s (%s); --address names its admin listener, --tls whether that speaks TLS", at, said.Message())
	case codes.Unauthenticated:
		return fmt.Errorf("the gateway at %s lets nobody in without a key that has the scope admin: %s; put it in YEOK_API_KEY or in a file that --api-key-file names", at, said.Message())
	case codes.Unimplemented:
		return fmt.Errorf("what is at %s is no admin listener of a yeok that can do this: %s", at, said.Message())
	}
	return fmt.Errorf("the gateway at %s: %s", at, said.Message())
}
