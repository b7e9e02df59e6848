package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/server"
	"yeok/translate/language"
)

// cacheCmd is `yeok cache`. A store in a file belongs to one process at a time;
// while a gateway runs on it, the gateway does the work.
type cacheCmd struct {
	Stats   cacheStatsCmd   `cmd:"" help:"Say how much is remembered."`
	Compact cacheCompactCmd `cmd:"" help:"Give the store's free space back to the disk."`
	Purge   cachePurgeCmd   `cmd:"" help:"Forget what all the given marks are on. Counts only, unless --yes."`
	Export  cacheExportCmd  `cmd:"" help:"Write everything that is remembered to a file."`
	Import  cacheImportCmd  `cmd:"" help:"Add what such a file holds; what is there already is kept."`
}

// storeCmd is what the commands on a store have in common.
type storeCmd struct {
	storeConfig
	adminConfig
	remoteConfig
	Format string `enum:"text,json" default:"text" help:"Form of the result: text or json."`
}

// use opens the store for one piece of work, or has a gateway do it: the one that
// --address names, or the one that holds the store.
func (c *storeCmd) use(ctx context.Context, h *host, work func(yeokv1.AdminServiceServer) error) error {
	return c.either(ctx, h, false,
		func(store *cache.Cache) error { return work(server.NewAdmin(store)) },
		func(_ context.Context, client yeokv1.AdminServiceClient) error { return work(gateway{client: client}) })
}

// either opens the store for the one piece of work, or asks a gateway for the other.
// Only create makes a store that is not there: looking at one is a mistake then.
func (c *storeCmd) either(ctx context.Context, h *host, create bool,
	here func(*cache.Cache) error, there func(context.Context, yeokv1.AdminServiceClient) error,
) (err error) {
	_, mistakes := h.resolve(c)
	if err := misused(append(mistakes, c.mistakes()...)); err != nil {
		return err
	}
	if c.Address != "" {
		return c.ask(ctx, c.Address, there)
	}
	store, err := c.open(create)
	if errors.Is(err, cache.ErrInUse) {
		h.say("the store is in use; asking the gateway at %s", c.AdminAddr)
		return inUse(c.ask(ctx, c.AdminAddr, there))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return here(store)
}

// inUse names what came first where asking the gateway failed.
func inUse(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; %w", cache.ErrInUse, err)
}

// open opens the store. Only create makes one that is not there.
func (c *storeCmd) open(create bool) (*cache.Cache, error) {
	if c.Store == inMemory {
		return nil, misuse{errors.New("store: memory is forgotten when a process ends; name a file or a Redis, or a gateway with --address")}
	}
	options, err := c.options()
	if err != nil {
		return nil, misuse{err}
	}
	if _, err := os.Stat(options.Path); options.Path != "" && !create && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no store at %s", c.Store)
	}
	return cache.Open(options)
}

// ask has a gateway do the work.
func (c *storeCmd) ask(ctx context.Context, at address, work func(context.Context, yeokv1.AdminServiceClient) error) (err error) {
	conn, err := c.dial(at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = work(ctx, yeokv1.NewAdminServiceClient(conn))
	if _, told := status.FromError(err); told && err != nil {
		return saidBy(at, err)
	}
	return err
}

// gateway is the AdminService of a running gateway, as its server offers it.
type gateway struct {
	yeokv1.UnimplementedAdminServiceServer

	client yeokv1.AdminServiceClient
}

func (g gateway) PurgeMemory(ctx context.Context, req *yeokv1.PurgeMemoryRequest) (*yeokv1.PurgeMemoryResponse, error) {
	return g.client.PurgeMemory(ctx, req)
}

func (g gateway) GetMemoryStats(ctx context.Context, req *yeokv1.GetMemoryStatsRequest) (*yeokv1.GetMemoryStatsResponse, error) {
	return g.client.GetMemoryStats(ctx, req)
}

func (g gateway) CompactMemory(ctx context.Context, req *yeokv1.CompactMemoryRequest) (*yeokv1.CompactMemoryResponse, error) {
	return g.client.CompactMemory(ctx, req)
}

// row is one figure of a result: its name in JSON, and as people read it.
type row struct {
	key, name string
	value     int64
	unit      string
}

// print writes figures as a table or as one JSON object.
func (c *storeCmd) print(h *host, rows ...row) error {
	if c.Format == "json" {
		object := map[string]int64{}
		for _, r := range rows {
			object[r.key] = r.value
		}
		return json.NewEncoder(h.stdout).Encode(object)
	}
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		if _, err := fmt.Fprintf(table, "%s\t%d %s\n", r.name, r.value, r.unit); err != nil {
			return err
		}
	}
	return table.Flush()
}

// cacheStatsCmd is `yeok cache stats`.
type cacheStatsCmd struct{ storeCmd }

// Run prints how full the store is.
func (c *cacheStatsCmd) Run(ctx context.Context, h *host) error {
	return c.use(ctx, h, func(memory yeokv1.AdminServiceServer) error {
		s, err := memory.GetMemoryStats(ctx, &yeokv1.GetMemoryStatsRequest{})
		if err != nil {
			return err
		}
		return c.print(h,
			row{"entries", "remembered", s.GetEntries(), "entries"},
			row{"bytes", "size", s.GetBytes(), "bytes"},
			row{"fileBytes", "file", s.GetFileBytes(), "bytes"},
			row{"freeBytes", "free in the file", s.GetFreeBytes(), "bytes"})
	})
}

// cacheCompactCmd is `yeok cache compact`.
type cacheCompactCmd struct{ storeCmd }

// Run rewrites the store without its free space.
func (c *cacheCompactCmd) Run(ctx context.Context, h *host) error {
	return c.use(ctx, h, func(memory yeokv1.AdminServiceServer) error {
		s, err := memory.CompactMemory(ctx, &yeokv1.CompactMemoryRequest{})
		if err != nil {
			return err
		}
		return c.print(h,
			row{"fileBytesBefore", "before", s.GetFileBytesBefore(), "bytes"},
			row{"fileBytes", "after", s.GetFileBytes(), "bytes"})
	})
}

// cachePurgeCmd is `yeok cache purge`.
type cachePurgeCmd struct {
	storeCmd
	Language string `help:"Forget this target language."`
	Article  string `help:"Forget the article of this id."`
	UsedBy   string `name:"model" help:"Forget what this model wrote."`
	Tenant   string `help:"Forget what this tenant paid for."`
	Glossary string `placeholder:"REVISION" help:"Forget what was made with this glossary, as glossaryRevision says."`
	All      bool   `help:"Forget everything."`
	Yes      bool   `help:"Really forget. Without it, only count."`
}

// Run forgets, or counts what would be forgotten.
func (c *cachePurgeCmd) Run(ctx context.Context, h *host) error {
	req, err := c.request()
	if err != nil {
		return misuse{err}
	}
	return c.use(ctx, h, func(memory yeokv1.AdminServiceServer) error {
		resp, err := memory.PurgeMemory(ctx, req)
		if err != nil {
			return err
		}
		done := "forgotten"
		if !c.Yes {
			done = "to forget"
			h.say("dry run: nothing is forgotten yet; repeat it with --yes")
		}
		return c.print(h,
			row{"entries", done, resp.GetEntries(), "entries"},
			row{"bytes", "size", resp.GetBytes(), "bytes"})
	})
}

// request says in the flags' words what the service would say in its own.
func (c *cachePurgeCmd) request() (*yeokv1.PurgeMemoryRequest, error) {
	if c.Language != "" {
		if _, ok := language.Lookup(c.Language); !ok {
			return nil, fmt.Errorf("--language: %s", unserved(c.Language))
		}
	}
	switch chosen := c.Language + c.Article + c.UsedBy + c.Tenant + c.Glossary; {
	case c.All && chosen != "":
		return nil, errors.New("--all leaves nothing to choose: give it alone")
	case !c.All && chosen == "":
		return nil, errors.New("say what to forget: --language, --article, --model, --tenant, --glossary, or --all")
	}
	return &yeokv1.PurgeMemoryRequest{
		LanguageCode: c.Language, ArticleId: c.Article, Model: c.UsedBy, Tenant: c.Tenant,
		GlossaryRevision: c.Glossary, All: c.All, DryRun: !c.Yes,
	}, nil
}
