package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The types of settings. Each reads itself from text, whichever of flag,
// environment and file the text came from, and says what it wanted instead.

// address is a host and port to listen on.
type address string

// UnmarshalText reads a host and port; a host may be absent, which means every address of the machine.
func (a *address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return fmt.Errorf("%q is not an address such as 127.0.0.1:8080", text)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port between 0 and 65535", text)
	}
	*a = address(text)
	return nil
}

// private tells whether only this machine can reach the address. A name other
// than localhost counts as public, because it is not looked up.
func (a address) private() bool {
	host, _, _ := net.SplitHostPort(string(a))
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// byteSize is a number of bytes, written 64MiB, 64MB or 67108864.
type byteSize int64

// UnmarshalText reads a whole number with a unit, B where none is written.
func (b *byteSize) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "BKMGTiab ")
	unit := map[string]int64{
		"": 1, "B": 1,
		"KB": 1e3, "MB": 1e6, "GB": 1e9,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
	}[strings.TrimSpace(string(text[len(digits):]))]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || unit == 0 || n < 1 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size such as 64MiB", text)
	}
	*b = byteSize(n * unit)
	return nil
}

// count is a number of things, at least one.
type count int

// UnmarshalText reads a whole number.
func (c *count) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a whole number above 0", text)
	}
	*c = count(n)
	return nil
}

// duration is a length of time above nothing.
type duration time.Duration

// UnmarshalText reads the form of time.ParseDuration.
func (d *duration) UnmarshalText(text []byte) error {
	length, err := time.ParseDuration(string(text))
	if err != nil || length <= 0 {
		return fmt.Errorf("%q is not a length of time such as 30s or 5m", text)
	}
	*d = duration(length)
	return nil
}

// baseURL is the address of an OpenAI-compatible server.
type baseURL string

// UnmarshalText reads an http or https address.
func (b *baseURL) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		// The text is not repeated: a mistyped address may hold a password.
		return errors.New("is not an address such as http://127.0.0.1:11434/v1")
	case u.User != nil:
		return errors.New("must not hold a user or password: addresses are logged")
	}
	*b = baseURL(strings.TrimSuffix(string(text), "/"))
	return nil
}

// logLevel is the least level that is logged.
type logLevel slog.Level

// Level is what slog asks a level for.
func (l logLevel) Level() slog.Level { return slog.Level(l) }

// UnmarshalText reads the name of a level, in any case.
func (l *logLevel) UnmarshalText(text []byte) error {
	if err := (*slog.Level)(l).UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is not debug, info, warn or error", text)
	}
	return nil
}

// logFormat is the form of a log line.
type logFormat string

// UnmarshalText reads text or json.
func (f *logFormat) UnmarshalText(text []byte) error {
	if s := string(text); s != "text" && s != "json" {
		return fmt.Errorf("%q is not text or json", text)
	}
	*f = logFormat(text)
	return nil
}

// onOff is a switch.
type onOff bool

// UnmarshalText reads on or off.
func (o *onOff) UnmarshalText(text []byte) error {
	if s := string(text); s != "on" && s != "off" {
		return fmt.Errorf("%q is not on or off", text)
	}
	*o = string(text) == "on"
	return nil
}

// hostList is names of hosts, without ports.
type hostList []string

// UnmarshalText reads names with commas between them.
func (l *hostList) UnmarshalText(text []byte) error {
	var hosts []string
	for name := range strings.SplitSeq(string(text), ",") {
		name = strings.TrimSuffix(strings.TrimSpace(name), ".")
		if name == "" || strings.ContainsAny(name, ":/*[] ") {
			return fmt.Errorf("%q is not a list of names such as yeok.example,cms.example: no ports, schemes or wildcards", text)
		}
		hosts = append(hosts, name)
	}
	*l = hosts
	return nil
}
