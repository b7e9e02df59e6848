package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"yeok/access"
)

// keysCmd is `yeok keys`. A running yeok takes up what it changes within a
// second.
type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make a key and print it, this once. To replace a key, create the new one, move its callers, revoke the old."`
	List   keysListCmd   `cmd:"" help:"List the keys: whose they are and what they may, never the keys themselves."`
	Revoke keysRevokeCmd `cmd:"" help:"End a key."`
}

// keysFileCmd is what the commands on a keys file have in common.
type keysFileCmd struct {
	fileConfig
	accessConfig
}

// resolve finds the keys file, and adds what else is wrong with the command.
func (c *keysFileCmd) resolve(h *host, command any, also ...error) error {
	_, mistakes := h.resolve(command)
	if c.KeysFile == "" && len(mistakes) == 0 {
		mistakes = append(mistakes, errors.New("keys-file: is not set: give --keys-file, YEOK_KEYS_FILE, or keysFile in the file"))
	}
	return misused(append(mistakes, also...))
}

// keysCreateCmd is `yeok keys create`.
type keysCreateCmd struct {
	keysFileCmd
	Tenant            string   `placeholder:"NAME" help:"Whose memory and money the key uses, [a-z0-9-]. Not given, what a yeok without keys uses."`
	Scopes            []string `name:"scope" sep:"," default:"clean,translate,read" help:"What the key is good for: clean, translate, read, admin."`
	Expires           string   `placeholder:"WHEN" help:"When the key ends: 90d, 12h or 2027-01-31. Not given, never."`
	RequestsPerMinute int      `placeholder:"N" help:"How often it may be used, at each gateway. Not given, without limit."`
	Burst             int      `placeholder:"N" help:"How many calls may come at once. Not given, a minute's worth."`
	Note              string   `help:"Who has it, for people."`
}

// Run prints the key alone, so that it can be piped to where it is kept.
func (c *keysCreateCmd) Run(h *host) error {
	now := time.Now()
	scopes, wrongScope := access.ParseScopes(c.Scopes)
	expires, wrongTime := expiry(c.Expires, now)
	if err := c.resolve(h, c, wrongScope, wrongTime); err != nil {
		return err
	}
	key, text, err := access.Create(c.KeysFile, access.Key{
		Tenant: c.Tenant, Scopes: scopes, Note: c.Note, Expires: expires,
		RequestsPerMinute: c.RequestsPerMinute, Burst: c.Burst,
	}, now)
	if errors.Is(err, access.ErrMistake) {
		return misuse{err}
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(h.stdout, text); err != nil {
		return errors.Join(err, access.Revoke(c.KeysFile, key.ID, now)) // nobody has it
	}
	h.say("key %s is made; it is shown only now", key.ID)
	return nil
}

// expiry reads a length of time from now, or a day, at whose start in UTC the
// key ends.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	end, err := time.Parse(time.DateOnly, text)
	if days, isDays := strings.CutSuffix(text, "d"); isDays && err != nil {
		var n int
		n, err = strconv.Atoi(days)
		end = now.AddDate(0, 0, n)
	} else if err != nil {
		var length time.Duration
		length, err = time.ParseDuration(text)
		end = now.Add(length)
	}
	if err != nil || !end.After(now) {
		return time.Time{}, fmt.Errorf("--expires: %q is not a time to come such as 90d, 12h or 2027-01-31", text)
	}
	return end.Truncate(time.Second), nil
}

// keysListCmd is `yeok keys list`.
type keysListCmd struct {
	keysFileCmd
	Format string `enum:"text,json" default:"text" help:"Form of the result: text or json."`
}

// listedKey is a key as `yeok keys list` shows it: all but its hash.
type listedKey struct {
	ID                string         `json:"id"`
	Tenant            string         `json:"tenant"`
	Scopes            []access.Scope `json:"scopes"`
	State             string         `json:"state"`
	Created           time.Time      `json:"created"`
	Expires           time.Time      `json:"expires,omitzero"`
	Revoked           time.Time      `json:"revoked,omitzero"`
	RequestsPerMinute int            `json:"requestsPerMinute,omitempty"`
	Burst             int            `json:"burst,omitempty"`
	Note              string         `json:"note,omitempty"`
}

// Run prints one key a line.
func (c *keysListCmd) Run(h *host) error {
	if err := c.resolve(h, c); err != nil {
		return err
	}
	keys, err := access.Load(c.KeysFile)
	if err != nil {
		return err
	}
	var listed []listedKey
	for _, k := range keys {
		listed = append(listed, listedKey{
			ID: k.ID, Tenant: k.Tenant, Scopes: k.Scopes, State: k.State(time.Now()),
			Created: k.Created, Expires: k.Expires, Revoked: k.Revoked,
			RequestsPerMinute: k.RequestsPerMinute, Burst: k.Burst, Note: k.Note,
		})
	}
	if c.Format == "json" {
		return printKeysJSON(h, listed)
	}
	return printKeysTable(h, listed)
}

func printKeysJSON(h *host, keys []listedKey) error {
	encoder := json.NewEncoder(h.stdout)
	for _, k := range keys {
		if err := encoder.Encode(k); err != nil {
			return err
		}
	}
	return nil
}

func printKeysTable(h *host, keys []listedKey) error {
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tTENANT\tSCOPES\tSTATE\tEXPIRES\tPER MINUTE\tNOTE")
	for _, k := range keys {
		scopes := strings.Trim(fmt.Sprint(k.Scopes), "[]")
		expires, perMinute := "never", "any"
		if !k.Expires.IsZero() {
			expires = k.Expires.Format(time.RFC3339)
		}
		if k.RequestsPerMinute > 0 {
			perMinute = strconv.Itoa(k.RequestsPerMinute)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%q\n", k.ID, dash(k.Tenant), scopes, k.State, expires, perMinute, k.Note)
	}
	return table.Flush()
}

// dash stands for nothing in a table.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// keysRevokeCmd is `yeok keys revoke`.
type keysRevokeCmd struct {
	keysFileCmd
	ID string `arg:"" help:"Id of the key: the middle part of yeok_ID_SECRET."`
}

// Run ends the key. A whole key is taken for its id: who revokes it because it
// has leaked may have nothing else at hand.
func (c *keysRevokeCmd) Run(h *host) error {
	if err := c.resolve(h, c); err != nil {
		return err
	}
	id := c.ID
	if parts := strings.Split(id, "_"); len(parts) == 3 {
		id = parts[1]
	}
	if err := access.Revoke(c.KeysFile, id, time.Now()); err != nil {
		return err
	}
	h.say("key %s is revoked", id)
	return nil
}
