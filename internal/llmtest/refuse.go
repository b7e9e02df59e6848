package llmtest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// refusal is how a request is refused, in OpenAI's words.
type refusal struct {
	status  int
	kind    string
	code    string
	message string
	retry   func(http.Header, time.Duration) // nil if it is no use
}

var refusals = map[Fault]refusal{
	TooManyRequests:       {http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "Rate limit reached.", inSeconds},
	TooManyRequestsDate:   {http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "Rate limit reached.", atDate},
	TooManyRequestsMillis: {http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "Rate limit reached.", inMillis},
	InsufficientQuota: {http.StatusTooManyRequests, "insufficient_quota", "insufficient_quota",
		"You exceeded your current quota, please check your plan and billing details.", nil},
	ServerError:   {http.StatusInternalServerError, "server_error", "", "The server had an error.", nil},
	BadGateway:    {http.StatusBadGateway, "", "", "<html><body><h1>502 Bad Gateway</h1></body></html>", nil},
	Unavailable:   {http.StatusServiceUnavailable, "server_error", "", "The engine is overloaded.", inSeconds},
	Unauthorized:  {http.StatusUnauthorized, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-secret.", nil},
	Forbidden:     {http.StatusForbidden, "invalid_request_error", "unsupported_country_region_territory", "Access denied.", nil},
	ModelNotFound: {http.StatusNotFound, "invalid_request_error", "model_not_found", "The model does not exist.", nil},
	ContextLengthExceeded: {http.StatusBadRequest, "invalid_request_error", "context_length_exceeded",
		"This model's maximum context length is 4096 tokens.", nil},

	BadRequest:  {http.StatusBadRequest, "invalid_request_error", "", "We could not parse the JSON body of your request.", nil},
	noLanguage:  {http.StatusBadRequest, "llmtest", "", "llmtest: the prompt names no language that this fake knows", nil},
	noSuchFault: {http.StatusNotImplemented, "llmtest", "", "llmtest: no such fault", nil},
}

// Not for tests to ask for.
const (
	noLanguage  Fault = "no-language"
	noSuchFault Fault = "no-such-fault"
)

// inSeconds rounds up: who waits a little longer does no harm.
func inSeconds(h http.Header, d time.Duration) {
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(d.Seconds()))))
}

// atDate is exact to the second only, so that it rounds up too.
func atDate(h http.Header, d time.Duration) {
	at := time.Now().Add(d + time.Second - 1).UTC()
	h.Set("Retry-After", at.Format(http.TimeFormat))
}

func inMillis(h http.Header, d time.Duration) {
	h.Set("Retry-After-Ms", strconv.FormatInt(d.Milliseconds(), 10))
}

// errorBody is OpenAI's error object. A code that is not there is null.
type errorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

func (r refusal) body() errorBody {
	var b errorBody
	b.Error.Message, b.Error.Type = r.message, r.kind
	if r.code != "" {
		b.Error.Code = &r.code
	}
	return b
}

func (s *Server) refuse(w http.ResponseWriter, fault Fault) {
	r := refusals[fault]
	if r.retry != nil {
		r.retry(w.Header(), s.options.RetryAfter)
	}
	if fault == BadGateway {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(r.status)
		fmt.Fprint(w, r.message)
		return
	}
	writeJSON(w, r.status, r.body())
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client left
}
