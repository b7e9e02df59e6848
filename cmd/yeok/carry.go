package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/server"
)

// carryChunk is how much of an export one message to a gateway holds.
const carryChunk = 64 << 10

// cacheExportCmd is `yeok cache export`.
type cacheExportCmd struct {
	storeCmd
	Tenant string `help:"Only what this tenant paid for."`
	File   string `arg:"" optional:"" default:"-" help:"File to write; - or none is standard output."`
}

// Run writes the whole memory as one stream. A file gets its name when it is
// whole.
func (c *cacheExportCmd) Run(ctx context.Context, h *host) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	var done cache.Exported
	err := c.either(ctx, h, false,
		func(store *cache.Cache) error {
			return c.write(h, func(w io.Writer) (err error) {
				done, err = store.Export(w, server.BelongingTo(c.Tenant))
				return err
			})
		},
		func(ctx context.Context, client yeokv1.AdminServiceClient) error {
			return c.write(h, func(w io.Writer) (err error) {
				done, err = receiveExport(ctx, client, c.Tenant, w)
				return err
			})
		})
	if err != nil {
		return err
	}
	h.say("%d entries exported", done.Entries)
	if done.Damaged > 0 {
		h.say("%d entries could not be read and are not in the export", done.Damaged)
	}
	return nil
}

func (c *cacheExportCmd) write(h *host, export func(io.Writer) error) error {
	if c.File == "-" {
		return export(h.stdout)
	}
	return replaceFile(c.File, export)
}

// receiveExport writes what a gateway sends. It is whole if there is no error.
func receiveExport(ctx context.Context, client yeokv1.AdminServiceClient, tenant string, w io.Writer) (done cache.Exported, err error) {
	ctx, stop := context.WithCancel(ctx) // the gateway's part, too, if w fails
	defer stop()
	stream, err := client.ExportMemory(ctx, &yeokv1.ExportMemoryRequest{Tenant: tenant})
	if err != nil {
		return done, err
	}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return done, err
		}
		if _, err := w.Write(part.GetData()); err != nil {
			return done, err
		}
		done = cache.Exported{Entries: int(part.GetEntries()), Damaged: int(part.GetDamaged())}
	}
}

// replaceFile writes a file beside and gives it its name when it is whole.
func replaceFile(path string, write func(io.Writer) error) error {
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	err = write(beside)
	if err == nil {
		err = beside.Sync()
	}
	if err = errors.Join(err, beside.Close()); err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}
	return nil
}

// cacheImportCmd is `yeok cache import`.
type cacheImportCmd struct {
	storeCmd
	Tenant string `help:"Only what this tenant paid for."`
	File   string `arg:"" optional:"" default:"-" help:"File that yeok cache export wrote; - or none is standard input."`
}

// Run adds an export to the memory. A store is made if it is not there.
func (c *cacheImportCmd) Run(ctx context.Context, h *host) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	from := h.stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		from = file
	}
	in := bufio.NewReaderSize(from, carryChunk)
	if _, err := in.Peek(1); err != nil {
		return cache.ErrNotExport // before a store is made for nothing
	}
	return c.either(ctx, h, true,
		func(store *cache.Cache) error {
			done, err := store.Import(in, server.BelongingTo(c.Tenant))
			return errors.Join(err, c.tell(h, done))
		},
		func(ctx context.Context, client yeokv1.AdminServiceClient) error {
			done, err := sendImport(ctx, client, c.Tenant, in)
			if err != nil {
				h.say("what was sent until then may have been added; the same import again does the rest")
				return err
			}
			return c.tell(h, done)
		})
}

func (c *cacheImportCmd) tell(h *host, done cache.Imported) error {
	rows := []row{
		{"added", "added", int64(done.Added), "entries"},
		{"kept", "there already", int64(done.Kept), "entries"},
		{"expired", "too old", int64(done.Expired), "entries"},
	}
	if done.Left > 0 {
		rows = append(rows, row{"left", "of other tenants", int64(done.Left), "entries"})
	}
	return c.print(h, rows...)
}

// sendImport sends an export to a gateway, no faster than the gateway takes it.
func sendImport(ctx context.Context, client yeokv1.AdminServiceClient, tenant string, in io.Reader) (done cache.Imported, err error) {
	ctx, stop := context.WithCancel(ctx) // the gateway's part, too, if in fails
	defer stop()
	stream, err := client.ImportMemory(ctx)
	if err != nil {
		return done, err
	}
	for buffer := make([]byte, carryChunk); ; {
		n, err := in.Read(buffer)
		if n > 0 && stream.Send(&yeokv1.ImportMemoryRequest{Data: buffer[:n], Tenant: tenant}) != nil {
			break // CloseAndRecv says why
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return done, err
		}
	}
	resp, err := stream.CloseAndRecv()
	return cache.Imported{
		Added: int(resp.GetAdded()), Kept: int(resp.GetKept()), Expired: int(resp.GetExpired()), Left: int(resp.GetLeft()),
	}, err
}
