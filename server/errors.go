package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"yeok/article"
	"yeok/cache"
	"yeok/translate"
)

// errorDomain is the ErrorInfo domain of every error that yeok makes.
const errorDomain = "yeok"

// defaultRetryDelay is told to a caller when the model said nothing about when
// to come back. A busy model is rarely free again sooner.
const defaultRetryDelay = 5 * time.Second

// cause is one row of the error table: what a leaf returned, and what a client
// is told. The message is fixed here so that no upstream's text gets out.
type cause struct {
	err     error
	code    codes.Code
	reason  string
	message string
}

// causes maps errors to statuses; the first match wins.
//
// A busy or broken model is UNAVAILABLE, because clients may repeat that by
// themselves (AIP-194). One whose provider says 429 is RESOURCE_EXHAUSTED, as it
// said: who repeats that at once makes it worse. A model that rejects our key is
// INTERNAL: nothing the caller does can mend it.
var causes = []cause{
	{article.ErrNoArticle, codes.FailedPrecondition, "NO_ARTICLE_FOUND", "no article was found in the source: nothing on the page reads like a body"},
	{translate.ErrNoModel, codes.FailedPrecondition, "MODEL_NOT_CONFIGURED", "no model is configured: set OPENAI_API_KEY, OPENAI_BASE_URL and YEOK_MODEL, or list models in the configuration file"},
	{translate.ErrTooLong, codes.FailedPrecondition, "MODEL_WINDOW_TOO_SMALL", "the article does not fit the context window of the configured model, even block by block"},
	{translate.ErrQueueFull, codes.ResourceExhausted, "QUEUE_FULL", "more articles wait than can be translated in time; try again later"},
	{translate.ErrBusy, codes.Unavailable, "MODEL_BUSY", "the model is busy; try again later"},
	{translate.ErrUnavailable, codes.Unavailable, "MODEL_UNAVAILABLE", "the model cannot be reached or does not answer in time"},
	{translate.ErrRejected, codes.Internal, "MODEL_REJECTED_US", "the model refuses our key, quota or model name; the operator must mend it"},
	{translate.ErrBadAnswer, codes.Internal, "MODEL_BAD_ANSWER", "the model gave no usable answer"},
	{translate.ErrWindow, codes.Internal, "MODEL_WINDOW_CUT", "the model's server cut the prompt; the operator must raise its context window"},
	{cache.ErrTimeout, codes.Unavailable, "MODEL_UNAVAILABLE", "the model cannot be reached or does not answer in time"},
	{cache.ErrReadOnly, codes.FailedPrecondition, "STORE_READ_ONLY", "the store can only be read"},
	{cache.ErrUnavailable, codes.Unavailable, "STORE_UNAVAILABLE", "the shared store does not answer"},
	{cache.ErrClosed, codes.Unavailable, "SHUTTING_DOWN", "the server is stopping"},
	{context.Canceled, codes.Canceled, "CANCELLED", "the caller left; the work goes on and is remembered"},
	{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "not done in time; the work goes on, ask again"},
}

// fieldError says which field of a request is wrong and why. The reason is for
// machines, the description for people.
type fieldError struct {
	field, reason, description string
}

func (e *fieldError) Error() string { return e.field + ": " + e.description }

// Both may hold a caller's own words, of any length; over gRPC they are headers,
// of which clients take some kilobytes.
const (
	maxFieldChars       = 120
	maxDescriptionChars = 300
)

func invalid(field, reason, format string, args ...any) error {
	return &fieldError{clipAt(field, maxFieldChars), reason, clipAt(fmt.Sprintf(format, args...), maxDescriptionChars)}
}

// statusOf turns any error into what a client may see. It is the only way out:
// an interceptor applies it to every call.
func statusOf(err error) *status.Status {
	if err == nil {
		return nil
	}
	var field *fieldError
	if errors.As(err, &field) {
		return detailed(codes.InvalidArgument, field.reason, field.Error(), &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{{
				Field: field.field, Description: field.description, Reason: field.reason,
			}},
		})
	}
	if spent, ok := errors.AsType[*budgetError](err); ok {
		return spent.status()
	}
	if refused := accessStatus(err); refused != nil {
		return refused
	}
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return c.status(err)
		}
	}
	if s, ok := status.FromError(err); ok {
		return s
	}
	return detailed(codes.Internal, "INTERNAL", "internal error")
}

func (c cause) status(err error) *status.Status {
	if full, ok := errors.AsType[*translate.QueueError](err); ok {
		return detailed(c.code, c.reason, c.message, &errdetails.RetryInfo{RetryDelay: durationpb.New(full.RetryAfter)})
	}
	if c.code != codes.Unavailable {
		return detailed(c.code, c.reason, c.message)
	}
	delay, code := defaultRetryDelay, c.code
	if busy, ok := errors.AsType[*translate.BusyError](err); ok {
		delay = cmp.Or(busy.RetryAfter, delay)
		if busy.Limited {
			code = codes.ResourceExhausted
		}
	}
	if paused, ok := errors.AsType[*translate.PausedError](err); ok {
		delay = cmp.Or(paused.RetryAfter, delay)
	}
	return detailed(code, c.reason, c.message, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
}

// detailed builds a status with the ErrorInfo that AIP-193 demands.
func detailed(code codes.Code, reason, message string, details ...protoadapt.MessageV1) *status.Status {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: errorDomain}
	s, err := status.New(code, message).WithDetails(append([]protoadapt.MessageV1{info}, details...)...)
	if err != nil { // only for code OK, which is no error
		return status.New(code, message)
	}
	return s
}
