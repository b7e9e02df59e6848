package server

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/test/bufconn"

	"yeok/access"
)

// callerHeader names, on the in-memory connection alone, the key whose call it
// is. The key itself never goes there.
const callerHeader = "yeok-caller"

// admitCall is admit for a gRPC call. Who was let in before the request was read is
// not asked again, because being let in counts against a limit. A call on the in-memory connection was
// admitted by the HTTP door, which says whose it is; from anywhere else that
// word is not heard.
func (s *Server) admitCall(ctx context.Context, fullMethod string) (*access.Caller, error) {
	if caller := callerOf(ctx); caller != nil {
		return caller, nil
	}
	if s.keys == nil {
		return s.anybodyLocal(ctx)
	}
	if !inMemory(ctx) {
		return s.admit(fullMethod, metadata.ValueFromIncomingContext(ctx, "authorization"))
	}
	ids := metadata.ValueFromIncomingContext(ctx, callerHeader)
	if len(ids) != 1 {
		return nil, access.ErrMissing
	}
	return s.keys.Identified(ids[0])
}

// carryUnary and carryStream put the caller of a context on the in-memory
// connection.
func carryUnary(ctx context.Context, method string, req, resp any, conn *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return next(carry(ctx), method, req, resp, conn, opts...)
}

func carryStream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return next(carry(ctx), desc, conn, method, opts...)
}

// carry replaces whatever else says who calls: grpc-gateway would hand the key
// itself on.
func carry(ctx context.Context) context.Context {
	md, ok := metadata.FromOutgoingContext(ctx)
	if !ok {
		md = metadata.MD{}
	}
	md.Delete("authorization")
	md.Delete(callerHeader)
	if c := callerOf(ctx); c != nil && c.Key != "" {
		md.Set(callerHeader, c.Key)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// memoryListener marks the connections of the in-memory listener by the type of
// their peer's address, which nothing outside of the process can have.
type memoryListener struct{ *bufconn.Listener }

func (l memoryListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return memoryConn{conn}, err
}

type memoryConn struct{ net.Conn }

func (memoryConn) RemoteAddr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

func inMemory(ctx context.Context) bool {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return false
	}
	_, ok = p.Addr.(memoryAddr)
	return ok
}
