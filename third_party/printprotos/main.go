// Command printprotos writes the Google API protos that yeok's own protos
// import, from the descriptors inside the Go modules pinned in go.mod. The
// sources proper are on a schema registry that an offline build cannot reach.
//
// Run it with `make third-party` after an update of genproto; the result is
// committed.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/jhump/protoreflect/desc"
	"github.com/jhump/protoreflect/desc/protoprint"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: printprotos DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "printprotos:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	files := []protoreflect.FileDescriptor{
		annotations.File_google_api_annotations_proto,
		annotations.File_google_api_http_proto,
		annotations.File_google_api_field_behavior_proto,
		status.File_google_rpc_status_proto,
	}
	printer := &protoprint.Printer{}
	for _, f := range files {
		wrapped, err := desc.WrapFile(f)
		if err != nil {
			return err
		}
		text, err := printer.PrintProtoToString(wrapped)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, f.Path())
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
