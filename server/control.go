package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"
)

// cacheControl is the caller's word about memory (RFC 9111, section 5.2.1). What
// it says that is not here is passed over, as is what is not written as it should
// be: max-stale, because nothing stale is ever answered, and no-transform, because
// nothing is transformed.
type cacheControl struct {
	noCache      bool // pay again and store
	noStore      bool // do not store
	onlyIfCached bool // answer what is remembered, and pay for nothing

	limited  bool          // maxAge is set
	maxAge   time.Duration // what is older is paid for again
	minFresh time.Duration // how long it must have to live
}

// maxDelta is what a number of seconds counts as that is too large (RFC 9111,
// section 1.2.2).
const maxDelta = 1 << 31

// cacheControlOf reads the Cache-Control of a request: HTTP's header, or gRPC
// metadata of that name.
func cacheControlOf(ctx context.Context) cacheControl {
	return cacheControlFrom(metadata.ValueFromIncomingContext(ctx, "cache-control"))
}

// controlOf is cacheControlOf for work on this server's memory, where min-fresh is
// one more bound on the age. Without a TTL everything is fresh for ever.
func (s *Server) controlOf(ctx context.Context) cacheControl {
	c := cacheControlOf(ctx)
	if ttl := s.cache.TTL(); c.minFresh > 0 && ttl > 0 {
		most := max(0, ttl-c.minFresh)
		if c.limited {
			most = min(most, c.maxAge)
		}
		c.limited, c.maxAge = true, most
	}
	c.minFresh = 0
	return c
}

// tooOld tells whether a caller who came at that time would rather pay than take
// what was made then. What was made after he came is never too old, and what was
// made before always is to who says max-age=0.
func (c cacheControl) tooOld(made, came time.Time) bool {
	age := came.Sub(made)
	return c.limited && age >= 0 && (age > c.maxAge || c.maxAge == 0)
}

// again tells whether an answer was asked for that differs from what may lie in
// the memory.
func (c cacheControl) again() bool { return c.noCache || c.limited }

func cacheControlFrom(values []string) cacheControl {
	var c cacheControl
	for _, value := range values {
		for value != "" {
			var directive string
			directive, value = nextDirective(value)
			c.take(directive)
		}
	}
	return c
}

// take heeds one directive. Of two that set the same bound the first one counts
// (RFC 9111, section 4.2.1).
func (c *cacheControl) take(directive string) {
	name, argument, _ := strings.Cut(directive, "=")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "no-cache":
		c.noCache = true
	case "no-store":
		c.noStore = true
	case "only-if-cached":
		c.onlyIfCached = true
	case "max-age":
		if age, ok := seconds(argument); ok && !c.limited {
			c.limited, c.maxAge = true, age
		}
	case "min-fresh":
		if fresh, ok := seconds(argument); ok && c.minFresh == 0 {
			c.minFresh = fresh
		}
	}
}

// nextDirective cuts the first directive off a list. A comma between quotation
// marks does not end it (RFC 9110, section 5.6.4).
func nextDirective(list string) (directive, rest string) {
	quoted := false
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		case ',':
			if !quoted {
				return list[:i], list[i+1:]
			}
		}
	}
	return list, ""
}

// seconds reads a directive's argument, with or without quotation marks. What is
// no whole number of seconds is no argument.
func seconds(argument string) (time.Duration, bool) {
	digits := strings.TrimSpace(argument)
	if n := len(digits); n >= 2 && digits[0] == '"' && digits[n-1] == '"' {
		digits = digits[1 : n-1]
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > maxDelta {
		n = maxDelta
	}
	return time.Duration(n) * time.Second, true
}

// notRemembered refuses who asked for nothing but what is remembered. Over HTTP it
// is 504 (RFC 9111, section 5.2.1.7).
func notRemembered(what string) error {
	return notFound(notRememberedReason, "%s is not remembered, or is older than was asked for, and only-if-cached forbids to make it", what)
}

const notRememberedReason = "NOT_REMEMBERED"

// absentWriter answers 504 where grpc-gateway would answer 404: it knows no other
// code for a stream that is refused before it begins. Only who asked for nothing
// but what is remembered can be refused so.
type absentWriter struct{ http.ResponseWriter }

func (w absentWriter) WriteHeader(code int) {
	if code == http.StatusNotFound {
		code = http.StatusGatewayTimeout
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController find what the writer can do.
func (w absentWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
