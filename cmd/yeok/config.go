package main

import (
	"log/slog"
	"time"

	"yeok/server"
	"yeok/translate"
	"yeok/translate/glossary"
)

// config holds every setting of yeok; a command embeds the parts that it uses.
//
// The tags of a field are the only place that knows a setting: its flag is
// --name, its key in the file the name in lowerCamel, its variable the name in
// capitals behind YEOK_ (see setting.env). The README's table is made from them.
// A field without a name is no setting.
type config struct {
	storeConfig
	modelConfig
	accessConfig
	edgeConfig
}

// fileConfig names the file that the other settings may stand in.
type fileConfig struct {
	ConfigFile string `name:"config" type:"setting" placeholder:"FILE" help:"YAML file with settings, models, budgets and glossary."`
}

// modelConfig says who translates and how. Models and terms are lists, so they
// come from the file only.
type modelConfig struct {
	Model         string           `name:"model" type:"setting" placeholder:"NAME" help:"The one model to use: the file's entry of that name, else that model at the OpenAI-compatible server. Not set, all models of the file are used, in their order."`
	OpenAIBaseURL baseURL          `name:"openai-base-url" type:"setting" default:"https://api.openai.com/v1" help:"OpenAI-compatible server for --model, up to and including the version."`
	OpenAIAPIKey  translate.Secret `kong:"-" name:"openai-api-key" type:"setting" help:"Key for the OpenAI-compatible server. Only by environment, so that it is in no process list and no file."`
	PromptDir     string           `name:"prompt-dir" type:"setting" placeholder:"DIR" help:"Folder whose files replace the built-in prompt templates of the same name."`
	ModelTimeout  duration         `name:"model-timeout" type:"setting" default:"10m" help:"Longest time for one article in one language, all attempts together."`
	StallTimeout  duration         `name:"stall-timeout" type:"setting" default:"2m" help:"How long a model's server may be silent, before the first token and between two."`
	MaxRetryWait  duration         `name:"max-retry-wait" type:"setting" default:"30s" help:"Longest wait for a busy model. One that asks for more is given up at once."`
	TargetLatency duration         `name:"target-latency" type:"setting" placeholder:"TIME" help:"How soon an article should be there in one language. At the speed that the model has shown it is translated in as many calls at once as that takes; each repeats the prompt. Not set, one call a language."`
	MaxModelCalls count            `name:"max-model-calls" type:"setting" default:"64" help:"Most calls to models in flight, all models together. Articles take turns."`
	MaxQueue      count            `name:"max-queue" type:"setting" default:"1000" help:"Most articles that wait for a model. One more is refused at once (429, QUEUE_FULL); batch work is from half of it on, and a tenant only when it has its share of them. What is remembered is never refused."`
	MaxQueueWait  duration         `name:"max-queue-wait" type:"setting" default:"5m" help:"Longest wait for a model, by how fast the queue has moved of late. An article that would have to wait longer is refused at once, with the time after which to try again."`
	Hedge         onOff            `name:"hedge" type:"setting" default:"off" help:"Whether a model is asked a second time when its first token is later than in 19 of 20 calls of late (on or off). The answer that begins first is taken; it costs up to a tenth more calls."`
	MemoryBytes   byteSize         `name:"memory-bytes" type:"setting" default:"64MiB" help:"Memory for translations that are asked for often, and as much for answers that are ready to send."`
	FlightTimeout duration         `name:"flight-timeout" type:"setting" default:"15m" help:"When a paid call is ended that nobody can wait for any longer."`

	Models   []translate.Model `kong:"-"`
	Glossary []glossary.Entry  `kong:"-"`
	Budgets  []server.Budget   `kong:"-"`
	NoModel  string            `kong:"-"` // what is missing where Models is empty; "" otherwise
}

func (c modelConfig) options(log *slog.Logger) translate.Options {
	return translate.Options{
		Models:        c.Models,
		Timeout:       time.Duration(c.ModelTimeout),
		TargetLatency: time.Duration(c.TargetLatency),
		Concurrency:   int(c.MaxModelCalls),
		MaxWaiting:    int(c.MaxQueue),
		MaxWait:       time.Duration(c.MaxQueueWait),
		StallTimeout:  time.Duration(c.StallTimeout),
		MaxRetryWait:  time.Duration(c.MaxRetryWait),
		Hedge:         bool(c.Hedge),
		PromptDir:     c.PromptDir,
		Logger:        log,
	}
}

// accessConfig says who may call.
type accessConfig struct {
	KeysFile string `name:"keys-file" type:"setting" placeholder:"FILE" help:"File of the keys that callers need, made by yeok keys create and read again when it changes. Not set, nobody needs a key, and yeok listens on loopback only."`
}

// edgeConfig says where and how yeok serves.
type edgeConfig struct {
	HTTPAddr address `name:"http-addr" type:"setting" default:"127.0.0.1:8080" help:"Address of the HTTP API."`
	GRPCAddr address `name:"grpc-addr" type:"setting" default:"127.0.0.1:9090" help:"Address of the gRPC API."`
	adminConfig
	AllowedHosts hostList  `name:"allowed-hosts" type:"setting" placeholder:"NAMES" help:"Names, with commas between them, that a door which asks for no key answers to beside localhost, 127.0.0.1 and [::1]: for a proxy on this machine that hands its callers' Host on. All others are refused, since a web page can have its own name lead here."`
	TLSCert      string    `name:"tls-cert" type:"setting" placeholder:"FILE" help:"Certificate chain of the HTTP and gRPC APIs, PEM. Read again when it changes. Not set, they speak plain text."`
	TLSKey       string    `name:"tls-key" type:"setting" placeholder:"FILE" help:"Private key of tls-cert, PEM."`
	TLSClientCA  string    `name:"tls-client-ca" type:"setting" placeholder:"FILE" help:"Authorities, PEM, one of which must have signed a client's certificate. Callers need their keys all the same."`
	DrainTimeout duration  `name:"drain-timeout" type:"setting" default:"30s" help:"How long running calls may go on after SIGTERM."`
	LogLevel     logLevel  `name:"log-level" type:"setting" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat    logFormat `name:"log-format" type:"setting" default:"text" help:"Form of the log on standard error: text or json."`

	MaxRequestBytes byteSize `name:"max-request-bytes" type:"setting" default:"16MiB" help:"Largest request."`
	MaxSourceBytes  byteSize `name:"max-source-bytes" type:"setting" default:"2MiB" help:"Largest source text or page."`
	MaxArticleChars count    `name:"max-article-chars" type:"setting" default:"100000" help:"Longest cleaned article, in code points."`
	MaxBlocks       count    `name:"max-blocks" type:"setting" default:"2000" help:"Most blocks of an article."`
	MaxTexts        count    `name:"max-texts" type:"setting" default:"200" help:"Most strings of a text:translate request."`
	MaxTextChars    count    `name:"max-text-chars" type:"setting" default:"100000" help:"All strings of a text:translate request together, in code points."`
	MaxTerms        count    `name:"max-terms" type:"setting" default:"2000" help:"Most glossary entries of a request."`
}

// adminConfig says where a gateway's operator reaches it.
type adminConfig struct {
	AdminAddr address `name:"admin-addr" type:"setting" default:"127.0.0.1:9091" help:"Address of metrics, profiles and the AdminService. On loopback it asks for no key, elsewhere for one with the scope admin, which must belong to no tenant for metrics and profiles."`
}

func (c edgeConfig) limits() server.Limits {
	return server.Limits{
		RequestBytes: int(c.MaxRequestBytes),
		SourceBytes:  int(c.MaxSourceBytes),
		ArticleChars: int(c.MaxArticleChars),
		Blocks:       int(c.MaxBlocks),
		Texts:        int(c.MaxTexts),
		TextChars:    int(c.MaxTextChars),
		Terms:        int(c.MaxTerms),
	}
}
