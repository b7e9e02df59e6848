package server

import (
	"cmp"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"yeok/access"
	"yeok/cache"
	"yeok/translate"
	"yeok/translate/glossary"
)

// Config is what a Server is made of.
type Config struct {
	Translator *translate.Translator // required
	Cache      *cache.Cache          // required
	Logger     *slog.Logger          // nil means slog.Default()
	Glossary   []glossary.Entry      // house terms of every call; a request's own terms come first
	Limits     Limits
	Budgets    []Budget // all that may be paid to models; none bounds nothing
	// Keys say who may call. Without them anybody may do everything, so the
	// caller must then listen on loopback only.
	Keys *access.Keys
	// Hosts are names, beside those of this machine, by which a door may be asked
	// for that asks nobody for a key: those of a proxy on this machine.
	Hosts   []string
	Version string // told by metrics
	// TracerProvider gets a span for every phase of a call that is not answered
	// with stored bytes; nil means no spans. No span holds a text or a key.
	TracerProvider trace.TracerProvider
	// AnswerBytes bounds the memory for answers that are ready to be sent; 0
	// means 64 MiB.
	AnswerBytes int64
	// FlightTimeout ends a paid call that nobody can wait for any longer; 0
	// means 15 minutes.
	FlightTimeout time.Duration
}

// Limits bound what one request may cost. The zero value of a field means its
// default.
type Limits struct {
	RequestBytes int // a whole request; default 16 MiB
	SourceBytes  int // one source text; default 2 MiB
	ArticleChars int // a cleaned article, in code points; default 100,000
	Blocks       int // blocks of an article; default 2,000
	Texts        int // strings of TranslateText; default 200
	TextChars    int // all strings of TranslateText together, in code points; default 100,000
	Terms        int // glossary entries of a request; default 2,000
}

// WithDefaults returns the limits that are in force.
func (l Limits) WithDefaults() Limits {
	return Limits{
		RequestBytes: cmp.Or(l.RequestBytes, 16<<20),
		SourceBytes:  cmp.Or(l.SourceBytes, 2<<20),
		ArticleChars: cmp.Or(l.ArticleChars, 100_000),
		Blocks:       cmp.Or(l.Blocks, 2_000),
		Texts:        cmp.Or(l.Texts, 200),
		TextChars:    cmp.Or(l.TextChars, 100_000),
		Terms:        cmp.Or(l.Terms, 2_000),
	}
}
