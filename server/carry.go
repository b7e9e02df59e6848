package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
)

// exportChunk is the most that one message of an export holds: enough to make its
// head cheap, little enough to lie in memory for every export under way.
const exportChunk = 64 << 10

// ExportMemory sends the memory, as fast as the caller takes it.
func (a admin) ExportMemory(req *yeokv1.ExportMemoryRequest, stream grpc.ServerStreamingServer[yeokv1.ExportMemoryResponse]) error {
	tenant, err := reachOf(stream.Context(), req.GetTenant())
	if err != nil {
		return err
	}
	done, err := a.cache.Export(exportWriter{stream}, BelongingTo(tenant))
	if err != nil {
		return err
	}
	return stream.Send(&yeokv1.ExportMemoryResponse{Entries: int64(done.Entries), Damaged: int64(done.Damaged)})
}

// exportWriter sends what is written to it. A message is on its way in a copy when
// Send returns.
type exportWriter struct {
	stream grpc.ServerStreamingServer[yeokv1.ExportMemoryResponse]
}

func (w exportWriter) Write(p []byte) (n int, err error) {
	for chunk := range slices.Chunk(p, exportChunk) {
		if err := w.stream.Send(&yeokv1.ExportMemoryResponse{Data: chunk}); err != nil {
			return n, err
		}
		n += len(chunk)
	}
	return n, nil
}

// ImportMemory adds an export to the memory. What came before a fault is added.
func (a admin) ImportMemory(stream grpc.ClientStreamingServer[yeokv1.ImportMemoryRequest, yeokv1.ImportMemoryResponse]) error {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return invalid("data", "NOT_AN_EXPORT", "%v", cache.ErrNotExport)
	}
	if err != nil {
		return err
	}
	tenant, err := reachOf(stream.Context(), first.GetTenant())
	if err != nil {
		return err
	}
	done, err := a.cache.Import(&importReader{stream: stream, left: first.GetData()}, BelongingTo(tenant))
	if errors.Is(err, cache.ErrNotExport) {
		return invalid("data", "NOT_AN_EXPORT", "%v", err)
	}
	if err != nil {
		return err
	}
	return stream.SendAndClose(&yeokv1.ImportMemoryResponse{
		Added: int64(done.Added), Kept: int64(done.Kept), Expired: int64(done.Expired), Left: int64(done.Left),
	})
}

// importReader reads the messages of an import one behind the other.
type importReader struct {
	stream grpc.ClientStreamingServer[yeokv1.ImportMemoryRequest, yeokv1.ImportMemoryResponse]
	left   []byte // of the last message
}

func (r *importReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		next, err := r.stream.Recv()
		if err != nil {
			return 0, err
		}
		r.left = next.GetData()
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// bound is the tenant that an operator's key belongs to, "" for one that looks after
// all. Without a server nobody calls, and everything is in reach.
func bound(ctx context.Context) string {
	if caller := callerOf(ctx); caller != nil {
		return caller.Tenant
	}
	return ""
}

// reachOf is whose memory an operator's call is about: the tenant that it names,
// everybody's for "", and for a tenant's key never more than that tenant's.
func reachOf(ctx context.Context, asked string) (tenant string, err error) {
	own := bound(ctx)
	if own != "" && asked != "" && asked != own {
		return "", errForeign
	}
	return cmp.Or(own, asked), nil
}

// errForeign is returned when a tenant's key is to look after what is not the
// tenant's alone.
var errForeign = detailed(codes.PermissionDenied, "TENANT_FOREIGN", "the key looks after its own tenant's memory alone").Err()

// BelongingTo chooses a tenant's entries; "" all. Who they belong to stands in the
// key, by which they are found, and in the tags, by which they are purged. Only what
// says the same in both is a tenant's: an entry that does not is not put where
// another tenant would find it.
func BelongingTo(tenant string) cache.Choice {
	if tenant == "" {
		return nil
	}
	return func(key string, tags []string) bool {
		_, name, _ := strings.Cut(key, "/")
		foreign := func(tag string) bool { return strings.HasPrefix(tag, tenantMark) && tag != tenantMark+tenant }
		return strings.HasPrefix(name, tenant+"/") && slices.Contains(tags, tenantMark+tenant) && !slices.ContainsFunc(tags, foreign)
	}
}
