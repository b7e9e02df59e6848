package main

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// setting is one field of config, as its tags describe it.
type setting struct {
	name    string // of the flag, without dashes
	initial string // text of the default; "" for none
	help    string
	secret  bool // by environment only
	field   reflect.Value
}

// settingsOf finds the settings among the fields of a command or of config.
func settingsOf(command any) []setting {
	return appendSettings(nil, reflect.ValueOf(command).Elem())
}

func appendSettings(found []setting, v reflect.Value) []setting {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Anonymous:
			found = appendSettings(found, v.Field(i))
		case field.Tag.Get("type") == settingMapper:
			found = append(found, setting{
				name:    field.Tag.Get("name"),
				initial: field.Tag.Get("default"),
				help:    field.Tag.Get("help"),
				secret:  field.Tag.Get("kong") == "-",
				field:   v.Field(i),
			})
		}
	}
	return found
}

// env is the variable of the setting. Those that every client of an
// OpenAI-compatible server reads keep their names.
func (s setting) env() string {
	name := strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
	if strings.HasPrefix(name, "OPENAI_") {
		return name
	}
	return "YEOK_" + name
}

// key is the setting's name in the file: http-addr is httpAddr.
func (s setting) key() string {
	words := strings.Split(s.name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// inFile tells whether the file may hold the setting.
func (s setting) inFile() bool { return !s.secret && s.name != "config" }

// set reads the text into the field.
func (s setting) set(text string) error {
	if u, ok := s.field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	s.field.SetString(text)
	return nil
}

// given is the text of a setting and where it was found.
type given struct{ text, origin string }

// resolve fills the settings of a command: flags win over the environment, the
// environment over the file, the file over the defaults. It reads on after a
// mistake, so that a person mends all of them in one go. An empty variable
// counts as not set.
func (h *host) resolve(command any) (*file, []error) {
	settings := settingsOf(command)
	f, mistakes := h.openFile(settings)
	for _, s := range settings {
		found, err := h.find(s, f)
		if err == nil && found.text != "" { // a setting without a default
			err = s.set(found.text)
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w (%s)", s.name, err, found.origin))
		}
	}
	return f, mistakes
}

// openFile reads the file that --config or YEOK_CONFIG names, if one does.
func (h *host) openFile(settings []setting) (*file, []error) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == "config" })
	found, _ := h.find(settings[i], &file{})
	if found.text == "" {
		return &file{}, nil
	}
	content, err := os.ReadFile(found.text)
	if err != nil {
		return &file{}, []error{fmt.Errorf("config: %w (%s)", err, found.origin)}
	}
	return parseFile(found.text, content)
}

// find looks for the text of a setting where it may stand, most important place
// first.
func (h *host) find(s setting, f *file) (given, error) {
	if text, ok := h.flags[s.name]; ok {
		return given{text, "from the flag --" + s.name}, required(text)
	}
	if text := h.getenv(s.env()); text != "" {
		return given{text, "from the variable " + s.env()}, nil
	}
	if node, ok := f.Settings[s.key()]; ok && s.inFile() {
		text, err := scalar(&node)
		return given{text, f.at(&node)}, err
	}
	text, err := h.expand(s.initial)
	return given{text, "the default"}, err
}

// errNoValue is returned for a setting that is named and left empty. Taken for
// not set, `--store=` would keep everything in memory.
var errNoValue = errors.New("one value is wanted")

func required(text string) error {
	if text == "" {
		return errNoValue
	}
	return nil
}

// expand replaces $XDG_STATE_HOME in a default, by the rule of the XDG Base
// Directory Specification where the variable is not set.
func (h *host) expand(initial string) (string, error) {
	var err error
	text := os.Expand(initial, func(name string) string {
		if dir := h.getenv(name); dir != "" {
			return dir
		}
		home := h.getenv("HOME")
		if home == "" {
			err = fmt.Errorf("neither %s nor HOME is set: name a file, or memory", name)
		}
		return filepath.Join(home, ".local", "state")
	})
	return text, err
}

// misuse is an error of the person at the keyboard: exit 2.
type misuse struct{ error }

// Unwrap returns what was wrong.
func (m misuse) Unwrap() error { return m.error }

// misused makes one misuse of all mistakes, and nil of none.
func misused(mistakes []error) error {
	if err := errors.Join(mistakes...); err != nil {
		return misuse{err}
	}
	return nil
}

// settingMapper names the Kong mapper of settings.
const settingMapper = "setting"

// flagTexts holds the settings given as flags. It stands in for Kong's own
// reading of values, which would stop at the first mistake and would not know
// the file.
type flagTexts map[string]string

// Decode keeps the text of a flag for resolve.
func (t flagTexts) Decode(ctx *kong.DecodeContext, _ reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("text", &text); err != nil {
		return err
	}
	t[ctx.Value.Name] = text
	return nil
}

// PlaceHolder shows the default in the help.
func (flagTexts) PlaceHolder(flag *kong.Flag) string {
	return strings.ToUpper(flag.Tag.PlaceHolder) + flag.Tag.Default
}

// leaveDefaults keeps Kong from handing defaults to Decode, where they would
// look like flags.
func leaveDefaults(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Tag.Type == settingMapper {
			flag.HasDefault = false
		}
		return next(nil)
	})
}

// settingHelp names the variable of a setting behind its help.
func settingHelp(value *kong.Value) string {
	if value.Tag.Type != settingMapper {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + setting{name: value.Name}.env() + ")."
}
