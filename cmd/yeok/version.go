package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker (-X main.version=…) in a release,
// which is built without the traces of its folder. They are variables only
// because the linker sets no constants; nothing writes them.
var version, commit string

// versionCmd is `yeok version`.
type versionCmd struct{}

// Run prints version, revision and Go.
func (versionCmd) Run(h *host) error {
	_, err := fmt.Fprintf(h.stdout, "yeok %s\nrevision %s\n%s %s/%s\n",
		currentVersion(), revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func currentVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// revision names the commit that was built, and whether the tree differed.
func revision() string {
	if commit != "" {
		return commit
	}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "unknown"
	}
	name, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			name = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return name + changed
}
