package server

import (
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that strictCodec wraps
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// badTextField marks a message whose bytes held a string that is not UTF-8, or
// were no such message at all: an unknown field of this number, which no proto may
// use, with the path of the string or none. grpc-go answers any error of a codec as INTERNAL, before an
// interceptor can say that it is the caller's, so the codec lets the message
// through and the edge refuses it.
const badTextField protowire.Number = 536_870_911 // the highest there is

// strictCodec is the usual codec, but for stored answers and for the path of a
// bad string.
type strictCodec struct{ encoding.CodecV2 }

func newStrictCodec() strictCodec { return strictCodec{encoding.GetCodecV2("proto")} }

// Marshal writes a message, or a stored answer as it is.
func (c strictCodec) Marshal(v any) (mem.BufferSlice, error) {
	if a, ok := v.(wireAnswer); ok {
		return mem.BufferSlice{mem.SliceBuffer(a.body)}, nil
	}
	return c.CodecV2.Marshal(v)
}

// Unmarshal reads a message.
func (c strictCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if raw, ok := v.(*rawRequest); ok {
		raw.wire = data.Materialize()
		return nil
	}
	err := c.CodecV2.Unmarshal(data, v)
	m, ok := v.(proto.Message)
	if err == nil || !ok {
		return err
	}
	path := badText(data.Materialize(), m.ProtoReflect().Descriptor())
	proto.Reset(m)
	mark := protowire.AppendTag(nil, badTextField, protowire.BytesType)
	m.ProtoReflect().SetUnknown(protowire.AppendString(mark, path))
	return nil
}

// badText finds the first string in a message's bytes that is not UTF-8, and
// names it as in JSON; "" if there is none.
func badText(b []byte, message protoreflect.MessageDescriptor) string {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return ""
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, kind, b)
		if size < 0 {
			return ""
		}
		value, field := b[:size], message.Fields().ByNumber(number)
		b = b[size:]
		if field == nil || kind != protowire.BytesType {
			continue
		}
		value, _ = protowire.ConsumeBytes(value)
		switch {
		case field.Kind() == protoreflect.StringKind && !utf8.Valid(value):
			return field.JSONName()
		case field.Kind() == protoreflect.MessageKind:
			if below := badText(value, field.Message()); below != "" {
				return field.JSONName() + "." + below
			}
		}
	}
	return ""
}

// checkMarked refuses a message that the codec has marked.
func checkMarked(v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return nil
	}
	unknown := m.ProtoReflect().GetUnknown()
	number, _, n := protowire.ConsumeTag(unknown)
	if n < 0 || number != badTextField {
		return nil
	}
	path, n := protowire.ConsumeString(unknown[n:])
	if n < 0 {
		return nil
	}
	if path == "" {
		return invalid("request", "MESSAGE_INVALID", "is not a message of this method")
	}
	return invalid(path, "NOT_UTF8", "is not valid UTF-8")
}

// checkedStream refuses marked messages of a stream.
type checkedStream struct{ grpc.ServerStream }

func (s checkedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return checkMarked(m)
}
